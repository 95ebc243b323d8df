"""Rival blocs: when a leader revives a customs bloc."""

import pytest

from sim.rules.institutions import blocs
from sim.world.fields import NEVER
from sim.world.records import DOMAINS
from tests.rules.made_world import HISTORY_END, index, only, run

SCO, EAEU = index("institutions", "SCO"), index("institutions", "EAEU")
RUSSIA, KAZ, KGZ = (index("states", iso) for iso in ("RUS", "KAZ", "KGZ"))
DIGITAL, CUSTOMS = DOMAINS.index("digital"), DOMAINS.index("customs")
ALWAYS = 1e9


def given(**values):
    return only(blocs={"step": 0.3, **values})


@pytest.fixture
def bloc(world):
    """Russia leads a customs bloc with Kazakhstan and sits in another institution; half of Kazakh traders are lost."""
    for institution, states in ((EAEU, (RUSSIA, KAZ)), (SCO, (RUSSIA, KAZ, KGZ))):
        for s in states:
            world["institutions"]["joins"][0, institution, s] = 0
    world["institutions"]["opens"][0, EAEU, CUSTOMS] = 0
    world["institutions"]["zeal"][0, EAEU, RUSSIA, CUSTOMS] = 1.0
    world["states"]["local_producers"][0, KAZ] = 0.5
    world["states"]["local_producers"][0, KGZ] = 0.0
    return world


def level(world):
    return float(world["institutions"]["level"][0, EAEU, CUSTOMS])


def test_the_demand_of_displaced_producers_by_hand(bloc):
    # Members lose 0 and 0.5: 0.25. Kyrgyzstan, which lost all, is no member.
    assert blocs.displaced(bloc[0], bloc[0]["institutions"][EAEU]) == pytest.approx(0.25)
    bloc["institutions"]["joins"] = NEVER
    assert blocs.displaced(bloc[0], bloc[0]["institutions"][EAEU]) == 0.0


def test_rivals_progress_is_the_highest_level_outside_or_the_largest_market(bloc):
    assert blocs.rivals_progress(bloc[0], RUSSIA, EAEU) == 0.0
    bloc["measures"]["market"][0, 0] = 0.3
    assert blocs.rivals_progress(bloc[0], RUSSIA, EAEU) == 0.3
    bloc["institutions"]["level"][0, SCO, DIGITAL] = 0.6
    bloc["institutions"]["level"][0, EAEU] = 0.9
    assert blocs.rivals_progress(bloc[0], RUSSIA, EAEU) == 0.6, "its own bloc is no rival"
    bloc["institutions"]["leaves"][0, SCO, RUSSIA] = 0
    assert blocs.rivals_progress(bloc[0], RUSSIA, EAEU) == 0.3


def test_a_leaders_own_market_is_no_rivals(bloc):
    bloc["measures"]["market"][0, index("homes", "RUS")] = 0.7
    bloc["measures"]["market"][0, index("homes", "CHN")] = 0.2
    assert blocs.rivals_progress(bloc[0], RUSSIA, EAEU) == 0.2


def test_two_leaders_revive_no_more_than_one(bloc):
    bloc["institutions"]["zeal"][0, EAEU, KAZ, CUSTOMS] = 1.0
    run(blocs, bloc, given(rate_demand=ALWAYS))
    assert level(bloc) == pytest.approx(0.3)


def test_a_revival_raises_the_customs_level_by_a_step_of_what_is_left(bloc):
    run(blocs, bloc, given(rate_demand=ALWAYS))
    assert level(bloc) == pytest.approx(0.3)
    run(blocs, bloc, given(rate_demand=ALWAYS))
    assert level(bloc) == pytest.approx(0.51)
    assert bloc["institutions"]["level"].sum() == pytest.approx(0.51)


@pytest.mark.parametrize("reason", ["no zeal", "not open", "left", "no reason"])
def test_nobody_revives(bloc, reason):
    institution = bloc[0]["institutions"][EAEU]
    if reason == "no zeal":
        institution["zeal"] = 0.0
    elif reason == "not open":
        institution["opens"] = NEVER
    elif reason == "left":
        institution["leaves"][RUSSIA] = 100
    else:
        bloc["states"]["local_producers"] = 1.0
    run(blocs, bloc, given(rate_demand=ALWAYS, rate_rivalry=ALWAYS))
    assert level(bloc) == 0.0


def test_rivalry_alone_revives(bloc):
    bloc["institutions"]["level"][0, SCO, DIGITAL] = 0.6
    run(blocs, bloc, given(rate_rivalry=ALWAYS))
    assert level(bloc) == pytest.approx(0.3)


def test_revivals_come_at_their_hazard(bloc):
    # 1 − exp(−1 · 0.8 · 0.25) = 0.181.
    count = 0
    for replication in range(400):
        bloc["institutions"]["level"] = 0.0
        run(blocs, bloc, given(rate_demand=0.8), replication)
        count += level(bloc) > 0.0
    assert count / 400 == pytest.approx(0.181, abs=0.06)


@pytest.mark.parametrize(
    ("is_replay", "quarter", "happens"), [(1, HISTORY_END, False), (1, HISTORY_END + 1, True), (0, HISTORY_END, True)]
)
def test_in_replay_the_record_decides(bloc, is_replay, quarter, happens):
    bloc["clock"]["is_replay"], bloc["clock"]["quarter"] = is_replay, quarter
    run(blocs, bloc, given(rate_demand=ALWAYS))
    assert (level(bloc) > 0.0) == happens
