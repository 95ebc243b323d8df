"""Couplings held by a key: what an arm is fed from, what identifies it, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.ensemble.caveats import caveats
from sim.ensemble.sweep import identity
from sim.errors import InputError
from sim.rules.couplings import COUPLINGS
from tests.ensemble.test_prepare import fingerprints, ready

ALL_HELD = tuple(f"couplings.{name}=held" for name in COUPLINGS)
TWO = np.arange(2)
BASED = """
name: based
title: Based
question: What if it goes on?
base: ./below.yaml
tag: analyst
source: a test
parameters: {tenders.weight_price: 0.5}
"""
BELOW = """
name: below
title: Below
question: What if it begins?
tag: analyst
source: a test
injects: [{kind: tension, start: 2010Q1, strength: 0.9}]
"""


def test_the_baseline_held_is_the_baseline_live_bit_for_bit() -> None:
    for history in ("replay", "free"):
        live, held = (
            ready("scenario=baseline", "experiment=cooperation", f"history={history}", *keys) for keys in ((), ALL_HELD)
        )
        assert held.arms[0].base is not None
        one, other = (prepared.simulate(0, TWO) for prepared in (live, held))
        assert one.outcomes.tobytes() == other.outcomes.tobytes()
        assert one.trajectories.tobytes() == other.trajectories.tobytes()


def test_a_scenario_held_reads_another_run_than_its_own() -> None:
    asked = ("scenario=western_sanctions", "experiment=cooperation", "trajectories=false")
    live, held = (ready(*asked, *keys).simulate(0, TWO).outcomes for keys in ((), ALL_HELD))
    assert live.tobytes() != held.tobytes()


def test_the_base_is_the_scenarios_own_or_the_baseline(tmp_path: Path) -> None:
    (tmp_path / "based.yaml").write_text(BASED)
    (tmp_path / "below.yaml").write_text(BELOW)
    asked = (f"scenario=[baseline,{tmp_path}/below.yaml,{tmp_path}/based.yaml]", "parameters.tenders.constant_none=1.0")
    arms = {arm.scenario.name: arm for arm in ready(*asked, "couplings.tension=held").arms if arm.point == "default"}
    for name, base in (("baseline", "baseline"), ("below", "baseline"), ("based", "below")):
        found = arms[name].base
        assert found is not None
        assert found.world.record.tobytes() == arms[base].world.record.tobytes()
        assert found.params.tobytes() == arms[base].params.tobytes()
    assert arms["based"].params.tobytes() != arms["below"].params.tobytes()


def test_a_pair_is_fed_from_a_base_of_its_own_switches() -> None:
    arms = ready("experiment=restraint", "scenario=protest_wave", "couplings.pressure=held").arms
    assert {arm.point for arm in arms} == {"default", "paired"}
    assert len({id(arm.base) for arm in arms}) == 1
    assert len({arm.switches.tobytes() for arm in arms}) == 2


def test_what_is_held_is_part_of_what_identifies_runs_and_a_campaign() -> None:
    settings = [(), ("couplings.leverage=held",), ("couplings.stocks=held",), ALL_HELD]
    prepared = [ready("scenario=western_sanctions", *keys) for keys in settings]
    assert len({fingerprints(found)[0] for found in prepared}) == len(settings)
    assert len({identity(found.config, found) for found in prepared}) == len(settings)
    live = ready("scenario=western_sanctions", "couplings.leverage=live")
    assert fingerprints(live) == fingerprints(prepared[0])


def test_the_fingerprint_follows_the_base(tmp_path: Path) -> None:
    for strength, path in (("0.9", tmp_path / "a"), ("0.8", tmp_path / "b")):
        path.mkdir()
        (path / "based.yaml").write_text(BASED)
        (path / "below.yaml").write_text(BELOW.replace("0.9", strength))
    one, other = (fingerprints(ready(f"scenario={tmp_path}/{n}/based.yaml", "couplings.tension=held")) for n in "ab")
    assert one != other


def test_held_couplings_are_named_in_the_title_and_in_the_caveats() -> None:
    prepared = ready("scenario=baseline", "couplings.leverage=held", "couplings.stocks=live")
    assert prepared.config.full_title.endswith(": scenario baseline; leverage held")
    (said,) = (caveat for caveat in caveats(prepared, is_dirty=False) if "coupling" in caveat)
    assert said.startswith("The coupling leverage (technology > cooperation) was held: cooperation/requests read ")
    assert not any("coupling" in caveat for caveat in caveats(ready("scenario=baseline"), is_dirty=False))


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("couplings.levrage=held", r"couplings\.levrage: there is no such coupling\. Did you mean 'leverage'"),
        ("couplings.leverage=hold", r"couplings\.leverage: must be 'live' or 'held', not 'hold'"),
    ],
)
def test_a_wrong_coupling_is_refused_before_anything_runs(override: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ready("scenario=baseline", override)
