from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.configuration import compose
from sim.ensemble.campaign import Campaign
from sim.ensemble.finalise import digest_of_asked
from sim.ensemble.plan import PlannedArm
from sim.ensemble.precision import RUNGS, Rule, caveats, half_widths, lines_of, narrowed, next_number
from sim.errors import AllFailed, InputError
from sim.results import files
from sim.results.files import sha256_of
from sim.results.manifest import checksums, seal
from sim.results.schema import LAYOUT, MANIFEST
from tests.ensemble.fakes import FakeBlock, FakeModel, FakeWatcher, fake_config

SPREADS = (0.0, 1.0, 3.0, 9.0)


@dataclass
class Noisy(FakeModel):
    """Arms of growing spread; the second outcome is a date that half the runs do not know, the third never varies."""

    outcome_names: tuple[str, ...] = ("returned.KAZ", "returned.KGZ", "constant")

    @property
    def planned(self) -> tuple[PlannedArm, ...]:
        return tuple(PlannedArm("default", f"s{spread:g}", "free", f"{spread}") for spread in SPREADS)

    def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
        block = super().simulate(0, replications)
        value = stats.norm.ppf(0.5 + 0.499 * block.outcomes[:, 0]) * SPREADS[arm]
        known = np.where(replications % 2 == 0, 0.5 * value, np.nan)
        return FakeBlock(np.column_stack([value, known, np.full(len(value), 0.1)]), block.trajectories)


def asked(folder: Path, model: FakeModel, **changes: object) -> Campaign:
    usual: dict[str, object] = {"runs": 10, "precision": {"returned.KAZ": 0.5}, "max_runs": 500}
    return Campaign.of(fake_config(folder, **{**usual, **changes}), model, FakeWatcher())


def narrow(campaign: Campaign) -> tuple[Campaign, str]:
    """Run a campaign until it is narrow; return what was asked, grown, and the digest of that."""
    with campaign.opened() as opened:
        wanted, grown, shards = narrowed(campaign, opened, opened.surveyed())
        return wanted, digest_of_asked(wanted, wanted.plan, shards or grown.run())


def test_the_interval_is_students_over_the_values_that_are_known() -> None:
    values = np.array(
        [[1.0, np.nan, 0.1, np.nan], [2.0, 4.0, 0.1, np.nan], [4.0, 7.0, 0.1, 3.0], [8.0, 1.0, 0.1, np.nan]]
    )
    low, high = stats.t.interval(0.95, 3, values[:, 0].mean(), stats.sem(values[:, 0]))
    part = values[1:, 1]
    low2, high2 = stats.t.interval(0.95, 2, part.mean(), stats.sem(part))
    np.testing.assert_allclose(half_widths(values)[:2], [(high - low) / 2, (high2 - low2) / 2])
    assert half_widths(values)[2] == 0.75
    assert np.isinf(half_widths(values)[3])
    assert np.isinf(half_widths(values[:1])).all()


@pytest.mark.parametrize(
    ("n", "excess", "expected"),
    [(10, 1.01, 12), (10, 1.4, 20), (10, 9.0, 20), (99, 1.001, 100), (100, 1.3, 200), (7, np.inf, 12), (1, np.inf, 2),
     (400, 2.0, 500), (12, 5.0, 20)],
)  # fmt: skip
def test_the_next_number_is_the_rung_that_should_do_at_most_doubling(n: int, excess: float, expected: int) -> None:
    assert next_number(n, excess, 500) == expected
    assert expected in RUNGS


def test_every_arm_stops_at_the_first_rung_that_is_narrow_enough_or_at_the_ceiling(tmp_path: Path) -> None:
    wanted, _ = narrow(asked(tmp_path, Noisy()))
    n = wanted.plan.replications
    assert n[0] == 10
    assert 10 < n[1] < n[2] < n[3] == 500
    model = Noisy()
    for arm in (1, 2):
        values = model.simulate(arm, np.arange(n[arm])).outcomes[:, :1]
        assert half_widths(values)[0] <= 0.5
    assert wanted.reached is not None
    assert (wanted.reached["met"], wanted.reached["arms"]) == (3, 4)
    (wider,) = wanted.reached["wider"]
    assert (wider["arm"], wider["replications"]) == ("s9, free", 500)
    assert wider["half_width"] > 0.5
    told = lines_of(wanted.reached)
    assert told[0] == "3 of 4 arms are as narrow as asked; they have 10 to 500 replications."
    assert "s9, free" in told[1]
    assert told[-2].startswith(
        "not met  returned.KAZ of s9, free: half-width 1.15 at 500 replications, wanted 0.5 (about "
    )
    assert told[-1].strip() == "max_runs=500 is reached; a larger max_runs= goes on"
    assert len(caveats(wanted.reached)) == 2


def test_what_is_run_depends_on_the_plan_alone(tmp_path: Path) -> None:
    def made(name: str, shard_runs: int | None = None, threads: int = 1) -> tuple[tuple[int, ...], str]:
        engine = {"name": "threads", "threads": threads, "shard_runs": shard_runs}
        wanted, digest = narrow(asked(tmp_path / name, Noisy(), engine=engine))
        return wanted.plan.replications, digest

    usual = made("a")
    assert made("b", threads=2) == usual
    assert made("c", shard_runs=7, threads=2) == usual
    again = Noisy()
    wanted, digest = narrow(asked(tmp_path / "a", again))
    assert ((wanted.plan.replications, digest), again.n_simulated) == (usual, 0)


def test_an_interrupted_round_is_resumed(tmp_path: Path) -> None:
    @dataclass
    class Stopping(Noisy):
        def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
            if arm == 2 and replications[-1] >= 30:
                raise KeyboardInterrupt
            return super().simulate(arm, replications)

    with pytest.raises(KeyboardInterrupt):
        narrow(asked(tmp_path / "a", Stopping()))
    rest = Noisy()
    resumed, digest = narrow(asked(tmp_path / "a", rest))
    whole = Noisy()
    expected, same = narrow(asked(tmp_path / "b", whole))
    assert (resumed.plan, digest) == (expected.plan, same)
    assert 0 < rest.n_simulated < whole.n_simulated


def test_what_failed_is_tried_again_once_and_before_anything_is_judged(tmp_path: Path) -> None:
    @dataclass
    class Failing(Noisy):
        def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
            if arm == 3 and 7 in replications:
                raise ZeroDivisionError
            return super().simulate(arm, replications)

    @dataclass
    class FailingOnceMore(Failing):
        n_tried: int = 0

        def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
            self.n_tried += arm == 3 and list(replications) == [7]
            return super().simulate(arm, replications)

    narrow(asked(tmp_path / "a", Failing()))
    still = FailingOnceMore()
    campaign = asked(tmp_path / "a", still, retry=True, max_runs=600)
    with campaign.opened() as opened:
        _, grown, _ = narrowed(campaign, opened, opened.surveyed())
        grown.run()
    assert still.n_tried == 1
    wanted, digest = narrow(asked(tmp_path / "a", Noisy(), retry=True))
    expected, same = narrow(asked(tmp_path / "b", Noisy()))
    assert (wanted.plan, wanted.reached, digest) == (expected.plan, expected.reached, same)


def test_where_all_is_there_and_nothing_failed_nothing_is_changed_or_looked_at_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(files, "sha256_of", lambda path: looked.append(path) or sha256_of(path))
    campaign = asked(tmp_path, Noisy())
    narrow(campaign)
    assert looked == []
    seal(campaign.folder, {"layout": LAYOUT})
    before = checksums(campaign.folder)
    again = asked(tmp_path, Noisy(), retry=True)
    with again.opened() as opened:
        found = opened.surveyed()
        assert narrowed(again, opened, found)[2] is None
    assert (campaign.folder / MANIFEST).is_file()
    assert checksums(campaign.folder) == before
    assert again.watcher.lines == []  # type: ignore[attr-defined]
    looked.clear()
    narrow(asked(tmp_path, Noisy(), max_runs=2000))
    assert len(looked) == len(found.sound)


def test_a_folder_that_holds_more_than_the_rule_wants_changes_nothing_of_what_it_asks(tmp_path: Path) -> None:
    asked(tmp_path / "a", Noisy(), runs=130, precision={}).run()
    more = Noisy()
    campaign = asked(tmp_path / "a", more)
    with campaign.opened() as opened:
        wanted, grown, shards = narrowed(campaign, opened, opened.surveyed())
        assert shards is not None
        assert all(np.array(grown.plan.replications) == np.maximum(wanted.plan.replications, 130))
        assert grown.config.runs == 10
        found = digest_of_asked(grown, wanted.plan, shards)
    expected, digest = narrow(asked(tmp_path / "b", Noisy()))
    assert (wanted.plan, found) == (expected.plan, digest)
    assert more.n_simulated == sum(max(n - 130, 0) for n in wanted.plan.replications)


def test_a_width_of_a_stem_holds_for_all_its_outcomes_but_those_named_themselves() -> None:
    rule = Rule.of(fake_config("x", precision={"returned": 2.0, "returned.KGZ": 1.0}), Noisy().outcome_names)
    assert dict(zip(rule.key_of, rule.widths, strict=True)) == {"returned.KAZ": 2.0, "returned.KGZ": 1.0}


def test_an_outcome_that_is_known_too_seldom_goes_to_the_ceiling_and_one_that_never_varies_stays(
    tmp_path: Path,
) -> None:
    @dataclass
    class Never(Noisy):
        def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
            block = super().simulate(arm, replications)
            block.outcomes[:, 1] = np.nan
            return block

    wanted, _ = narrow(asked(tmp_path / "a", Never(), precision={"returned.KGZ": 1.0}, max_runs=50))
    assert set(wanted.plan.replications) == {50}
    assert wanted.reached is not None
    assert wanted.reached["widest"]["returned.KGZ"]["half_width"] is None
    assert "unknown" in lines_of(wanted.reached)[1]


def test_an_event_that_has_not_been_seen_is_not_known_to_be_impossible(tmp_path: Path) -> None:
    @dataclass
    class Rare(Noisy):
        def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
            block = super().simulate(arm, replications)
            block.outcomes[:, 2] = replications == 25
            return block

    wide, _ = narrow(asked(tmp_path / "wide", Rare(), precision={"constant": 0.31}))
    assert set(wide.plan.replications) == {10}
    close, _ = narrow(asked(tmp_path / "close", Rare(), precision={"constant": 0.1}))
    assert set(close.plan.replications) == {40}
    certain, _ = narrow(asked(tmp_path / "certain", Noisy(), precision={"constant": 0.1}))
    assert set(certain.plan.replications) == {40}


def test_where_all_runs_fail_no_more_of_them_are_run(tmp_path: Path) -> None:
    @dataclass
    class Failing(Noisy):
        def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
            super().simulate(arm, replications)
            raise ZeroDivisionError

    model = Failing()
    with pytest.raises(AllFailed, match="All 40 runs failed"):
        narrow(asked(tmp_path, model))
    assert max(first + n for _, first, n in model.calls) == 10


def test_every_round_says_how_many_arms_need_how_much(tmp_path: Path) -> None:
    campaign = asked(tmp_path, Noisy())
    narrow(campaign)
    rounds = [line for line in campaign.watcher.lines if line.startswith("Precision")]  # type: ignore[attr-defined]
    assert rounds[0].startswith("Precision: 3 of 4 arms need more replications, ")
    assert rounds[-1].startswith("Precision: 1 of 4 arms")


def test_precision_is_asked_for_by_the_name_of_an_outcome_and_refused_where_it_cannot_be_had() -> None:
    config = compose(["precision.returned.KAZ=0.5", "precision.gifts=2", "runs=20"])
    assert config.precision == {"returned.KAZ": 0.5, "gifts": 2.0}
    for wrong, message in (
        (["precision=0.5"], r"write precision\.<outcome>=half-width"),
        (["precision.=0.5"], r"write precision\.<outcome>=half-width"),
        (["precision.returned.KAZ=narrow"], "'narrow' is not a number"),
        (["precision.returned.KAZ=0"], r"precision\.returned\.KAZ: "),
        (["precision.returned.KAZ=inf"], r"precision\.returned\.KAZ: "),
        (["precision.returned.KAZ=1", "runs=50", "max_runs=20"], "runs=50 is more than max_runs=20"),
        (["precision.returned.KAZ=1", "shard=1/4"], "cannot be had in shares"),
    ):
        with pytest.raises(InputError, match=message):
            compose(wrong)
    with pytest.raises(InputError, match=r"precision\.retuned: there is no such outcome\. Did you mean 'returned'"):
        Rule.of(fake_config("x", precision={"retuned": 1.0}), Noisy().outcome_names)
