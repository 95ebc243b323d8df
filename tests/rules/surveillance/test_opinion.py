"""Public opinion: whom what offends, by hand; when a government suspends, for how long, and when it may not."""

import numpy as np
import pytest

from sim.numerics.draws import moment, stream, uniform
from sim.numerics.ledger import HAZARD, make_ledger
from sim.rules.surveillance import opinion
from sim.world.fields import NOBODY
from sim.world.surveillance import LEGAL, TECHNICAL
from tests.rules.made_world import QUARTER, dice, dyad, index, only, run, settle_base
from tests.rules.surveillance.made_surveillance import CAMERAS, KAZ, KGZ, KGZ_CHN, KGZ_RUS, TAPS, watched

ALWAYS = 1e9


def given(**values):
    return only(opinion=values)


def hasty(**values):
    """Parameters under which a government suspends as soon as it hears anything."""
    return given(rate_suspend=ALWAYS, **{"half_pressure": 0.1, "dur_suspension": 4.0} | values)


@pytest.fixture
def built():
    """Kyrgyzstan has cameras from China and taps from Russia, half built both, and copied a law; others nothing."""
    world = watched()
    settle_base(world, "KGZ", "surveillance", 0.5, {"Huawei": 0.8, "Rostec": 0.2})
    settle_base(world, "KGZ", "interception", 0.5, {"Signatek": 1.0})
    world["dyads"]["law"][0, KGZ_RUS] = 0.6
    return world


def opposed(world):
    return world["states"]["opposition"][0, KGZ]


def test_what_is_seen_and_secret_is_opposed_even_without_civil_groups(built):
    built["states"]["opacity"] = 0.5
    run(opinion, built, given(weight_seen=0.2))
    # 0.2 · 0.9 seen · 0.5 installed · 0.5 secret = 0.045; taps are not seen.
    assert opposed(built) == pytest.approx([0.045, 0.0])
    assert built["states"]["opposition"].sum() == pytest.approx(0.045), "elsewhere nothing is installed"


@pytest.mark.parametrize(("name", "row"), [("opacity", KGZ), ("visibility", CAMERAS)])
def test_what_is_open_or_unseen_is_not_opposed(built, name, row):
    built["states"]["opacity"] = 0.5
    built["states" if name == "opacity" else "sectors"][name][0, row] = 0.0
    run(opinion, built, given(weight_seen=0.2))
    assert opposed(built) == pytest.approx([0.0, 0.0])


def test_civil_groups_contest_the_law_that_a_model_rests_on(built):
    built["states"]["civil_society"] = 0.4
    run(opinion, built, given(weight_law=0.5))
    # 0.5 · 0.4 civil society · 1 by law · 0.5 installed · 0.6 copied = 0.06; no law asks for cameras.
    assert opposed(built) == pytest.approx([0.0, 0.06])
    built["sectors"]["by_law"][0, CAMERAS], built["states"]["opposition"] = 0.2, 0.0
    run(opinion, built, given(weight_law=0.5))
    assert opposed(built) == pytest.approx([0.012, 0.06]), "as far as a law asks for cameras, they count too"


@pytest.mark.parametrize(("table", "name"), [("states", "civil_society"), ("dyads", "law")])
def test_without_civil_groups_or_law_nobody_contests_it(built, table, name):
    built["states"]["civil_society"] = 0.4
    built[table][name] = 0.0
    run(opinion, built, given(weight_law=0.5))
    assert not built["states"]["opposition"].any()


def test_a_suspected_supplier_is_opposed_by_its_share(built):
    built["dyads"]["suspicion"][0, KGZ_CHN], built["dyads"]["suspicion"][0, KGZ_RUS] = 0.5, 0.25
    built["dyads"]["suspicion"][0, dyad("KGZ", "USA")] = 1.0
    run(opinion, built, given(weight_suspected=0.2))
    # Cameras: 0.2 · 0.5 · (0.8 · 0.5 + 0.2 · 0.25) = 0.045; taps: 0.2 · 0.5 · 0.25 = 0.025; the US supplies nothing.
    assert opposed(built) == pytest.approx([0.045, 0.025])


def test_nobody_suspects_firms_of_its_own(built):
    settle_base(built, "KAZ", "surveillance", 0.5, {"Kazakh supplier": 1.0})
    built["dyads"]["suspicion"] = 1.0
    assert opinion.suspicion_in(built[0], KAZ, CAMERAS) == 0.0


def test_opposition_fills_what_is_left_and_fades(built):
    built["states"]["opacity"] = 0.5
    built["states"]["opposition"][0, KGZ] = 0.4, 0.4
    run(opinion, built, given(weight_seen=0.2, rate_fade=0.1))
    # 0.4 + 0.045 · 0.6 − 0.1 · 0.4 = 0.387; taps 0.4 − 0.04.
    assert opposed(built) == pytest.approx([0.387, 0.36])


def test_opposition_is_at_least_what_is_declared(built):
    built["states"]["opposition_declared"][0, KGZ, TECHNICAL] = 0.7
    built["states"]["opposition"][0, KGZ, LEGAL] = 0.3
    run(opinion, built, given())
    assert opposed(built) == pytest.approx([0.7, 0.3])
    built["states"]["opposition"][0, KGZ, TECHNICAL] = 0.9
    run(opinion, built, given())
    assert opposed(built)[TECHNICAL] == pytest.approx(0.9), "what is declared lowers nothing"


def test_deployment_and_misuse_by_hand(built):
    built["states"]["rights"] = 0.3
    run(opinion, built, given())
    assert built["states"]["deployment"][0, KGZ] == pytest.approx([0.5, 0.5])
    assert built["states"]["misuse"][0, KGZ] == pytest.approx(0.7)
    assert built["states"]["misuse"][0, KAZ] == 0.0
    built["sectors"]["model"][0, TAPS] = NOBODY
    run(opinion, built, given())
    assert built["states"]["deployment"][0, KGZ] == pytest.approx([0.5, 0.0])
    assert built["states"]["misuse"][0, KGZ] == pytest.approx(0.35)
    built["sectors"]["model"] = TECHNICAL
    built["cells"]["penetration"] = 0.9
    run(opinion, built, given())
    assert built["states"]["deployment"][0, KGZ] == pytest.approx([1.0, 0.0]), "no more than all"


def test_rate_of_suspensions_by_hand():
    # x = 0.6 · 0.5 − 0.1 = 0.2; 0.3 · 0.2 / (0.2 + 0.3) = 0.12.
    params = given(rate_suspend=0.3, threshold=0.1, half_pressure=0.3)
    assert opinion.suspension_rate(0.6, 0.5, params) == pytest.approx(0.12)
    assert opinion.suspension_rate(0.2, 0.5, params) == 0.0, "at the threshold nobody acts"
    assert opinion.suspension_rate(1.0, 0.05, params) == 0.0, "nobody is heard"
    assert opinion.suspension_rate(0.7, 0.5, params) > 0.12
    assert opinion.suspension_rate(0.6, 0.6, params) > 0.12


@pytest.fixture
def heard(built):
    """Kyrgyzstan's public, which is heard, opposes cameras."""
    built["states"]["voice"][0, KGZ] = 0.5
    built["states"]["opposition"][0, KGZ, TECHNICAL] = 0.6
    return built


def test_a_government_that_hears_its_public_suspends_for_a_time(heard):
    run(opinion, heard, hasty(dur_suspension=3.5))
    until = heard["states"]["suspended_until"][0]
    assert until[KGZ].tolist() == [QUARTER + 5, 0], "four quarters, the next one the first"
    assert np.delete(until, KGZ, axis=0).sum() == 0


def test_a_suspension_runs_out_before_the_next_is_decided(heard):
    """Blocked are the quarters below `suspended_until`: the four after 100, of which the last may bring another."""
    ends = []
    for quarter in range(QUARTER, QUARTER + 7):
        heard["clock"]["quarter"] = quarter
        run(opinion, heard, hasty())
        ends.append(int(heard["states"]["suspended_until"][0, KGZ, TECHNICAL]))
    assert ends == [QUARTER + 5] * 4 + [QUARTER + 9] * 3
    assert heard["states"]["cum_suspended"][0, KGZ].tolist() == [6.0, 0.0], "all quarters but the first"


def test_in_replay_no_government_suspends_of_its_own(heard):
    heard["clock"]["is_replay"], heard["clock"]["history_end"] = 1, QUARTER
    run(opinion, heard, hasty())
    assert not heard["states"]["suspended_until"].any()
    heard["clock"]["history_end"] = QUARTER - 1
    run(opinion, heard, hasty())
    assert heard["states"]["suspended_until"].any()


def test_a_declared_suspension_is_counted_while_it_is_declared_and_leaves_the_date_alone(heard):
    heard["clock"]["is_replay"], heard["clock"]["history_end"] = 1, QUARTER + 9
    heard["states"]["suspension_declared"][0, KGZ, LEGAL] = 1.0
    for quarter in (QUARTER, QUARTER + 1):
        heard["clock"]["quarter"] = quarter
        run(opinion, heard, hasty())
    heard["states"]["suspension_declared"] = 0.0
    heard["clock"]["quarter"] = QUARTER + 2
    run(opinion, heard, hasty())
    assert heard["states"]["cum_suspended"][0, KGZ].tolist() == [0.0, 2.0]
    assert not heard["states"]["suspended_until"].any()


def test_a_suspension_is_drawn_at_its_address_and_noted(heard):
    ledger = make_ledger(4)
    rate = opinion.suspension_rate(0.6, 0.5, given(rate_suspend=2.0, half_pressure=0.1))
    state = heard["states"]["id"][0, KGZ]
    for replication in range(40):
        world = heard.copy()
        when = moment(dice(replication), QUARTER, stream("surveillance/opinion/suspensions"))
        u = uniform(np.uint64(when), np.uint64(state), np.uint64(TECHNICAL + 1), np.uint64(0))
        run(opinion, world, given(rate_suspend=2.0, half_pressure=0.1, dur_suspension=4.0), replication)
        assert world["states"]["suspended_until"].any() == (u < 1.0 - np.exp(-rate))
    opinion.apply(heard[0], hasty(), dice(), ledger)
    assert int(ledger.cursor[0]) == 1
    line = ledger.entries[0]
    assert (line["kind"], line["chosen"]) == (HAZARD, 1)
    assert line["who"].tolist()[:5] == [KGZ, NOBODY, NOBODY, NOBODY, CAMERAS]


def test_opposition_of_one_state_suspends_nothing_in_another(heard):
    heard["states"]["voice"] = 1.0
    run(opinion, heard, hasty())
    assert heard["states"]["suspended_until"][0].any(axis=-1).sum() == 1
    assert index("states", "KGZ") == KGZ
