"""What may be set against each other, and why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import InputError
from sim.report.comparable import Source, check, differing, digest_of_sources, side_by_side, source
from sim.report.contrasts import contrasts
from sim.results.store import Result
from tests.report.made_result import MadeWorld


@dataclass(frozen=True)
class Told:
    """A result of which only the manifest is asked for."""

    path: Path
    manifest: dict[str, Any] = field(default_factory=dict)
    outcomes: Any = None
    trajectories: Any = None


def told(name: str, scenarios: tuple[str, ...] = ("baseline",), **manifest: Any) -> Told:
    facts = {"seed": 1, "start": "1991Q1", "end": "2035Q4", "source_hash": "5f", "digest": name, "config": {}}
    history = manifest.pop("history", "replay")
    arms = [{"point": "default", "scenario": s, "history": history, "fingerprint": name + s} for s in scenarios]
    return Told(Path(name), facts | {"arms": arms} | manifest)


def with_price(name: str, price: float, scenario: str = "baseline") -> Source:
    return source(told(name, (scenario,), config={"parameters": {"tenders": {"weight_price": price}}, "runs": 7}))


def test_a_lone_scenario_need_not_be_named_others_must() -> None:
    assert source(told("a", ("mine",))).scenario == "mine"
    with pytest.raises(InputError, match="a holds the scenarios baseline, mine; write which: a:baseline"):
        source(told("a", ("baseline", "mine")))
    with pytest.raises(InputError, match=r"no scenario 'mien' in its main history. Did you mean 'mine'"):
        source(told("a", ("baseline", "mine")), "mien")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"seed": 2}, "seed 1 and 2. The dice differ"),
        ({"start": "2000Q1"}, "first quarter 1991Q1 and 2000Q1. Run both with the same start="),
        ({"end": "2030Q4"}, "last quarter 2035Q4 and 2030Q4"),
        ({"source_hash": "60"}, "two versions of the model"),
        ({"inputs_hash": "61"}, "tables or parameters not recorded and 61. They were run on different tables"),
        ({"history": "free"}, "history replay and free. Run both with the same history="),
    ],
)
def test_other_dice_windows_histories_and_models_are_refused(other: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError) as refusal:
        check([source(told("a")), source(told("b", ("mine",), **other))])
    assert "a:baseline and b:mine cannot be compared" in str(refusal.value)
    assert reason in str(refusal.value)


def test_the_same_runs_are_refused() -> None:
    with pytest.raises(InputError, match="are the same runs"):
        check([source(told("a")), source(told("a"))])


def test_one_scenario_that_was_changed_in_between_is_refused() -> None:
    with pytest.raises(InputError, match=r"its file or the world's tables were changed. Give what was changed a name"):
        check([source(told("a")), source(told("b"))])


def test_values_set_by_hand_may_differ_only_where_the_scenario_does_not() -> None:
    one, other = with_price("a", 1.0), with_price("b", 0.5)
    check([one, other])
    assert differing([one, other]) == ["parameters.tenders.weight_price"]
    reason = "besides the scenario, parameters.tenders.weight_price is 1 and 0.5"
    with pytest.raises(InputError, match=reason):
        check([one, with_price("b", 0.5, "mine")])
    with pytest.raises(InputError, match="is 1 and as shipped"):
        check([one, source(told("b", ("mine",)))])


def test_runs_replications_and_reports_are_no_settings() -> None:
    one, other = (source(told(n, config={"runs": r, "report": n == "a"})) for n, r in (("a", 5), ("b", 9)))
    assert differing([one, other]) == []


def test_other_pages_and_what_was_typed_as_it_is_anyway_are_no_settings() -> None:
    typed = {"page": "library", "couplings": {"leverage": "live"}, "rules": {"technology": {"tenders": True}}}
    one, other = source(told("a", config={"page": "report"})), source(told("b", ("mine",), config=typed))
    assert differing([one, other]) == []
    check([one, other])
    off = {"couplings": {"leverage": "held"}, "rules": {"technology": {"tenders": False}}}
    assert differing([one, source(told("c", config=off))]) == ["couplings.leverage", "rules.technology.tenders"]


def test_the_first_source_is_what_others_are_set_against(result: Result) -> None:
    forth, back = (
        side_by_side([Source(result, name) for name in names], MadeWorld())
        for names in (("baseline", "western_sanctions"), ("western_sanctions", "baseline"))
    )
    assert (forth.baseline, back.baseline) == ("baseline", "western_sanctions")
    assert back.compared == ("western_sanctions", "baseline")
    gaps = {row.outcome: row.mean for row in contrasts(forth, "western_sanctions")}
    assert gaps
    assert {row.outcome: -row.mean for row in contrasts(back, "baseline")} == pytest.approx(gaps)


def test_series_stay_with_their_scenario(result: Result) -> None:
    study = side_by_side([Source(result, name) for name in ("vendor_outage", "baseline")], MadeWorld())
    assert result.trajectories is not None
    rows = (result.trajectories["scenario"].values == "vendor_outage").nonzero()[0]
    address = "states[KGZ].dependence[CHN]"
    own = result.trajectories.sel(column=address).isel(run=rows).values
    assert np.array_equal(study.series(address, "vendor_outage"), own)


def test_one_scenario_under_two_settings_has_two_names(result: Result) -> None:
    tuned = Result(result.path, result.manifest | {"config": {"parameters": {"tenders": {"weight_price": 0.5}}}})
    study = side_by_side([Source(result, "baseline"), Source(tuned, "baseline")], MadeWorld())
    assert study.compared == ("baseline (tenders.weight_price as shipped)", "baseline (tenders.weight_price 0.5)")
    assert study.title(study.compared[1]) == "Baseline (tenders.weight_price 0.5)"


def test_the_digest_follows_results_and_scenarios_in_their_order(result: Result) -> None:
    a, b = Source(result, "baseline"), Source(result, "vendor_outage")
    assert digest_of_sources([a, b]) == digest_of_sources([a, b])
    assert len({digest_of_sources(of) for of in ([a, b], [b, a], [a])}) == 3
