"""Data access: who reads how much, who finds out, and what secrecy alone does; values worked by hand."""

import numpy as np
import pytest

from sim.numerics.draws import moment, stream, uniform
from sim.numerics.ledger import HAZARD, make_ledger
from sim.rules.surveillance import data_access
from sim.world.fields import NOBODY
from tests.rules.made_world import QUARTER, dice, only, run, settle_base
from tests.rules.surveillance.made_surveillance import CHN, KAZ, KGZ, KGZ_CHN, KGZ_RUS, RUS, watched

ALWAYS = 1e9


def given(**values):
    return only(data_access=values)


@pytest.fixture
def supplied():
    """Kyrgyzstan has cameras and taps, mostly Chinese and Russian; China alone has a motive to watch."""
    world = watched()
    settle_base(world, "KGZ", "surveillance", 0.5, {"Huawei": 0.5, "Hikvision": 0.3, "Rostec": 0.2})
    settle_base(world, "KGZ", "interception", 0.4, {"Signatek": 1.0})
    settle_base(world, "KGZ", "networks", 1.0, {"ZTE": 1.0})
    settle_base(world, "KAZ", "surveillance", 0.6, {"Kazakh supplier": 1.0})
    world["homes"]["motive"][0, CHN] = 0.6
    return world


def of(world, name):
    return world["dyads"][name][0, [KGZ_CHN, KGZ_RUS]]


def test_what_a_home_supplied_to_watch_by(supplied):
    # China 1 · 0.5 · 0.8; Russia 1 · 0.5 · 0.2 + 0.5 · 0.4 · 1; networks watch nobody.
    found = np.full(len(supplied["homes"][0]), 9.0)
    data_access.count_supplied(supplied[0], KGZ, found)
    assert found[[CHN, RUS]] == pytest.approx([0.4, 0.3])
    assert found.sum() == pytest.approx(0.7)
    supplied["sectors"]["watches"] = 1.0
    data_access.count_supplied(supplied[0], KGZ, found)
    assert found[CHN] == 1.0, "no more than all"


def test_a_home_with_a_motive_reads_what_it_supplied(supplied):
    supplied["dyads"]["access"][0, [KGZ_CHN, KGZ_RUS]] = 0.2, 0.1
    run(data_access, supplied, given(rate_read=0.5, rate_lost=0.1))
    # 0.2 + 0.5 · 0.6 · 0.4 · 0.8 − 0.1 · 0.2 = 0.276; Russia has no motive: 0.1 − 0.01.
    assert of(supplied, "access") == pytest.approx([0.276, 0.09])
    assert supplied["dyads"]["access"].sum() == pytest.approx(0.366), "nobody else supplied anything"


def test_at_a_rate_of_zero_nobody_reads_and_suspicion_grows_all_the_same(supplied):
    supplied["states"]["opacity"] = 0.5
    run(data_access, supplied, given(weight_secrecy=0.2, rate_discover=ALWAYS, jump=0.5))
    assert not supplied["dyads"]["access"].any()
    assert not supplied["dyads"]["cum_discovered"].any()
    # 0.2 · 0.5 · 0.4 and 0.2 · 0.5 · 0.3.
    assert of(supplied, "suspicion") == pytest.approx([0.04, 0.03])


def test_suspicion_by_hand():
    # 0.3 + (0.2 · 0.5 · 0.4 + 0.5 · 0.2) · 0.7 − 0.1 · 0.3 = 0.3 + 0.098 − 0.03.
    params = given(weight_secrecy=0.2, jump=0.5, rate_forget=0.1)
    assert data_access.next_suspicion(0.3, 0.5, 0.4, 0.2, params) == pytest.approx(0.368)
    assert data_access.next_suspicion(0.3, 0.6, 0.4, 0.2, params) > 0.368
    assert data_access.next_suspicion(0.3, 0.5, 0.5, 0.2, params) > 0.368
    assert data_access.next_suspicion(0.3, 0.5, 0.4, 0.3, params) > 0.368
    assert data_access.next_suspicion(0.3, 0.0, 0.4, 0.0, params) == pytest.approx(0.27), "open deals, nothing found"


def test_who_can_find_out():
    params = given(rate_discover=0.5)
    assert data_access.discovery_rate(0.4, 0.3, params) == pytest.approx(0.06)
    assert data_access.discovery_rate(0.4, 0.0, params) == 0.0, "without skill"
    assert data_access.discovery_rate(0.0, 0.3, params) == 0.0, "nobody reads"


@pytest.fixture
def read(supplied):
    """China reads data in Kyrgyzstan, which has some skill; nothing changes but by discovery."""
    supplied["dyads"]["access"][0, KGZ_CHN] = 0.5
    supplied["states"]["local_capacity"] = 0.2
    return supplied


def test_a_client_that_finds_out_suspects_more(read):
    read["dyads"]["suspicion"] = 0.2
    run(data_access, read, given(rate_discover=ALWAYS, jump=0.5))
    assert of(read, "suspicion") == pytest.approx([0.6, 0.2])
    assert of(read, "cum_discovered") == pytest.approx([1.0, 0.0])
    assert read["dyads"]["cum_discovered"].sum() == 1.0


def test_in_replay_nothing_is_found_out_by_chance(read):
    read["clock"]["is_replay"], read["clock"]["history_end"] = 1, QUARTER
    run(data_access, read, given(rate_discover=ALWAYS, jump=0.5))
    assert not read["dyads"]["suspicion"].any()
    read["clock"]["history_end"] = QUARTER - 1
    run(data_access, read, given(rate_discover=ALWAYS, jump=0.5))
    assert of(read, "suspicion")[0] == pytest.approx(0.5)


def test_a_declared_discovery_needs_no_reading_and_comes_in_replay_too(supplied):
    supplied["clock"]["is_replay"], supplied["clock"]["history_end"] = 1, QUARTER
    supplied["dyads"]["scandal_order"][0, KGZ_RUS] = 0.4
    run(data_access, supplied, given(jump=0.5))
    assert of(supplied, "suspicion") == pytest.approx([0.0, 0.2])
    assert of(supplied, "cum_discovered") == pytest.approx([0.0, 1.0])


def test_what_is_declared_and_found_out_in_one_quarter_counts_once(read):
    read["dyads"]["scandal_order"][0, KGZ_CHN] = 0.4
    run(data_access, read, given(rate_discover=ALWAYS, jump=0.5))
    assert of(read, "suspicion")[0] == pytest.approx(0.5)
    assert of(read, "cum_discovered")[0] == 1.0


def test_a_discovery_is_drawn_at_the_address_of_its_dyad_and_noted(read):
    params = given(rate_discover=5.0, jump=0.5)
    for replication in range(40):
        world = read.copy()
        when = moment(dice(replication), QUARTER, stream("surveillance/data_access/discoveries"))
        u = uniform(np.uint64(when), np.uint64(world["dyads"]["id"][0, KGZ_CHN]), np.uint64(0), np.uint64(0))
        run(data_access, world, params, replication)
        assert (of(world, "cum_discovered")[0] == 1.0) == (u < 1.0 - np.exp(-5.0 * 0.5 * 0.2))
    ledger = make_ledger(4)
    data_access.apply(read[0], given(rate_discover=ALWAYS), dice(), ledger)
    assert int(ledger.cursor[0]) == 1
    line = ledger.entries[0]
    assert (line["kind"], line["chosen"]) == (HAZARD, 1)
    assert line["who"].tolist()[:5] == [KGZ, CHN, NOBODY, NOBODY, NOBODY]


def test_data_that_stay_in_the_country_are_not_read(supplied):
    supplied["homes"]["motive"] = 1.0
    free, tied = supplied.copy(), supplied
    tied["states"]["localised"][0, KGZ] = 0.75
    for world in (free, tied):
        run(data_access, world, given(rate_read=0.5))
    assert of(free, "access")[0] > 0.0
    assert of(tied, "access")[0] == pytest.approx(0.25 * of(free, "access")[0])


def test_an_audit_finds_out_as_skill_does(read):
    # 1 − exp(−5 · 0.5 · (0.2 + 0.3)) = 0.713, of the audited home alone.
    read["dyads"]["audit_declared"][0, KGZ_CHN] = 0.3
    found = [of(run_copy(read, replication), "cum_discovered")[0] for replication in range(300)]
    assert sum(found) / 300 == pytest.approx(0.713, abs=0.08)


def run_copy(world, replication):
    other = world.copy()
    run(data_access, other, given(rate_discover=5.0), replication)
    return other


def test_nobody_reads_or_suspects_itself(supplied):
    supplied["homes"]["motive"], supplied["states"]["opacity"] = 1.0, 1.0
    run(data_access, supplied, given(rate_read=1.0, weight_secrecy=1.0))
    of_kazakhstan = supplied["dyads"]["state"][0] == KAZ
    assert not supplied["dyads"]["access"][0, of_kazakhstan].any()
    assert not supplied["dyads"]["suspicion"][0, of_kazakhstan].any()
