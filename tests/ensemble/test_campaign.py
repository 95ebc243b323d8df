from __future__ import annotations

import errno
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.ensemble.campaign import Campaign
from sim.ensemble.engines import cluster
from sim.ensemble.flight import FLIGHT, Flight
from sim.ensemble.plan import Shard
from sim.ensemble.receipts import Receipt, rows_of
from sim.ensemble.sweep import identity
from sim.errors import InputError
from sim.results import files
from sim.results.digest import digest_of, digest_of_rows
from sim.results.files import held, sha256_of
from sim.results.manifest import checksums, seal
from sim.results.outcomes import read_parts
from sim.results.schema import LAYOUT, MANIFEST, MOST_RUNS, part_name, receipt_name
from sim.results.store import open_result
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config, sign_again


def campaign(folder: Path, model: FakeModel, **changes: object) -> Campaign:
    return Campaign.of(fake_config(folder, **changes), model, FakeWatcher())


def digest(run: Campaign, shards: list[Shard]) -> str:
    parts = [part_name(s.name) for s in shards]
    read = [Receipt.read(run.folder / receipt_name(s.name)) for s in shards]
    found = digest_of_rows(rows for r in read for rows in rows_of(r, run.plan, run.model.outcome_names))
    is_all = all(r.shard.first + r.shard.count <= min(run.plan.replications) for r in read)
    assert not is_all or found == digest_of(read_parts(run.folder, parts))
    return found


def run_to_digest(folder: Path, model: FakeModel, **changes: object) -> str:
    run = campaign(folder, model, **changes)
    return digest(run, run.run())


def test_every_run_is_made_once_and_stored_under_its_key(tmp_path: Path) -> None:
    model = FakeModel()
    run = campaign(tmp_path, model)
    parts = [part_name(s.name) for s in run.run()]
    table = pd.concat([t.to_pandas() for t in read_parts(run.folder, parts)])
    assert model.n_simulated == len(table) == 750
    assert sorted(table["run"]) == [arm * MOST_RUNS + r for arm in range(3) for r in range(250)]
    one = table[(table["scenario"] == "outage") & (table["replication"] == 7)].iloc[0]
    assert one["dependence.KAZ"] == np.sin(7 * 12.9898 + 78.233 + 1)
    assert run.watcher.done == run.watcher.total == 750  # type: ignore[attr-defined]


def test_the_digest_does_not_depend_on_threads_growth_or_shards(tmp_path: Path) -> None:
    one = run_to_digest(tmp_path / "a", FakeModel(), engine={"name": "threads", "threads": 1})
    two = run_to_digest(tmp_path / "b", FakeModel(), engine={"name": "threads", "threads": 2})
    run_to_digest(tmp_path / "c", FakeModel(), runs=130)
    grown = FakeModel()
    assert one == two == run_to_digest(tmp_path / "c", grown)
    assert grown.n_simulated == 3 * 120


def test_the_digest_changes_with_any_value_seed_or_name(tmp_path: Path) -> None:
    reference = run_to_digest(tmp_path / "a", FakeModel(), runs=20)
    assert reference != run_to_digest(tmp_path / "b", FakeModel(seed=2), runs=20)
    assert reference != run_to_digest(tmp_path / "c", FakeModel(), runs=20, seed=2)
    renamed = FakeModel(outcome_names=("dependence.KGZ", "year.KAZ"))
    assert reference != run_to_digest(tmp_path / "d", renamed, runs=20)


def test_the_same_command_again_runs_nothing(tmp_path: Path) -> None:
    first = run_to_digest(tmp_path, FakeModel())
    again = FakeModel()
    assert run_to_digest(tmp_path, again) == first
    assert again.n_simulated == 0


def test_a_smaller_plan_in_the_same_folder_counts_only_its_own_runs(tmp_path: Path) -> None:
    run_to_digest(tmp_path / "a", FakeModel(), runs=250)
    small = FakeModel()
    assert run_to_digest(tmp_path / "a", small, runs=130) == run_to_digest(tmp_path / "b", FakeModel(), runs=130)
    assert small.n_simulated == 0


def test_an_interrupted_campaign_resumes_and_keeps_no_manifest(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(fail_at=220), engine={"name": "threads", "threads": 1})
    with pytest.raises(KeyboardInterrupt):
        run.run()
    assert not (run.folder / MANIFEST).exists()
    assert not list(run.folder.rglob("*.part"))
    done = sum(json.loads(p.read_text())["shard"]["count"] for p in (run.folder / "receipts").iterdir())
    assert 0 < done < 750
    rest = FakeModel()
    resumed = campaign(tmp_path, rest)
    assert digest(resumed, resumed.run()) == run_to_digest(tmp_path / "whole", FakeModel())
    assert rest.n_simulated == 750 - done
    assert any("are there already" in line for line in resumed.watcher.lines)  # type: ignore[attr-defined]


def test_a_damaged_part_is_named_and_run_again(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel())
    shards = run.run()
    expected = digest(run, shards)
    part = run.folder / part_name(shards[1].name)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(bytes(content))
    mended = FakeModel()
    again = campaign(tmp_path, mended)
    assert digest(again, again.run()) == expected
    assert mended.n_simulated == shards[1].n_runs
    said = "\n".join(again.watcher.lines)  # type: ignore[attr-defined]
    assert part_name(shards[1].name) in said
    assert "does not match its checksum" in said


@pytest.mark.parametrize("content", ["", "{", "[]", '{"shard": {"number": 0}}'])
def test_a_receipt_that_cannot_be_read_is_named_and_its_runs_are_made_again(tmp_path: Path, content: str) -> None:
    run = campaign(tmp_path, FakeModel(), runs=20)
    expected = digest(run, run.run())
    receipt = next((run.folder / "receipts").iterdir())
    receipt.write_text(content)
    mended = FakeModel()
    again = campaign(tmp_path, mended, runs=20)
    assert digest(again, again.run()) == expected
    assert mended.n_simulated == 60
    assert receipt.name in again.watcher.lines[0]  # type: ignore[attr-defined]


def test_what_no_receipt_vouches_for_is_removed(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(), runs=20)
    run.run()
    stray, half = run.folder / part_name("77"), run.folder / "outcomes" / ".part-1.parquet.12.part"
    stray.write_bytes(b"half a table")
    half.write_bytes(b"half a table")
    campaign(tmp_path, FakeModel(), runs=20).run()
    assert not stray.exists()
    assert not half.exists()


def test_another_model_gets_another_folder_and_a_mixed_folder_is_refused(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(), runs=20)
    run.run()
    assert campaign(tmp_path, FakeModel(source_hash="b" * 64), runs=20).folder != run.folder
    path = run.folder / "receipts" / "shard-000000x3-0000000x20.json"
    usual = path.read_bytes()
    sign_again(path, model_hash="0" * 64)
    with pytest.raises(InputError, match="another version of the model"):
        campaign(tmp_path, FakeModel(), runs=20).run()
    path.write_bytes(usual)
    sign_again(path, rows_hash="0" * 64)
    with pytest.raises(InputError, match="another plan"):
        campaign(tmp_path, FakeModel(), runs=20).run()


def test_a_refusal_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(), runs=120)
    run.run()
    seal(run.folder, {"layout": LAYOUT, "counts": {"replications": 120}})
    (run.folder / "report.html").write_text("a report")
    last = max((run.folder / "receipts").iterdir())
    sign_again(last, model_hash="0" * 64)
    min((run.folder / "receipts").iterdir()).write_text("damaged")
    before = checksums(run.folder), (run.folder / MANIFEST).read_bytes()
    with pytest.raises(InputError, match="another version of the model"):
        campaign(tmp_path, FakeModel(), runs=150).run()
    assert (checksums(run.folder), (run.folder / MANIFEST).read_bytes()) == before


def test_a_scheduler_that_is_gone_is_told_before_anything_is_changed_unless_all_runs_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    run = campaign(tmp_path, FakeModel(), runs=20)
    run.run()
    seal(run.folder, {"layout": LAYOUT, "counts": {"replications": 20}})
    before = checksums(run.folder), (run.folder / MANIFEST).read_bytes()
    for where in ({"address": "tcp://127.0.0.1:9"}, {"scheduler_file": str(tmp_path / "gone.json")}):
        gone = {"name": "dask", **where}
        with (
            pytest.raises(InputError, match="no scheduler of Dask answers there"),
            campaign(tmp_path, FakeModel(), runs=30, engine=gone).opened() as opened,
        ):
            opened.run()
        assert (checksums(run.folder), (run.folder / MANIFEST).read_bytes()) == before
    assert campaign(tmp_path, FakeModel(), runs=20, engine=gone).run()


def test_a_mark_that_a_kill_after_the_last_receipt_left_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_: Flight) -> None:
        raise SystemExit

    run = campaign(tmp_path, FakeModel(), runs=20, engine={"name": "threads", "threads": 1})
    with monkeypatch.context() as patched:
        patched.setattr(Flight, "land", killed)
        with pytest.raises(SystemExit):
            run.run()
    rest = FakeModel()
    run = campaign(tmp_path, rest, runs=20)
    assert list((run.folder / FLIGHT).iterdir())
    run.run()
    assert rest.n_simulated == 0
    assert not (run.folder / FLIGHT).exists()


def test_a_receipt_is_read_once_to_resume_and_its_data_are_looked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = FloatingPointError()
    campaign(tmp_path, FakeModel(fail_at=3, error=error), runs=200).run()
    read, looked = [], []
    real = Receipt.read
    monkeypatch.setattr(Receipt, "read", lambda path: read.append(path) or real(path))
    monkeypatch.setattr(files, "sha256_of", lambda path: looked.append(path) or sha256_of(path))
    again = FakeModel()
    with campaign(tmp_path, again, runs=200, retry=True).opened() as opened:
        opened.run()
    assert again.n_simulated == 100
    # The shard that is tried again is looked for by its worker, too.
    assert len(set(read)) == len(set(looked)) == 6
    assert len(read) == 7
    assert len(looked) == 6


def test_a_receipt_that_is_gone_at_the_end_is_one_message(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(), runs=20)
    (shard,) = run.run()
    (run.folder / receipt_name(shard.name)).unlink()
    with pytest.raises(InputError, match=r"shard-.*json: cannot be read any more: FileNotFoundError.* same command"):
        Receipt.of(run.folder, shard)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"runs": 999}, True),
        ({"engine": {"name": "threads", "threads": 7}}, True),
        ({"report": True, "trace": True}, True),
        ({"seed": 2}, False),
        ({"parameters": {"tenders": {"weight_price": 1.0}}}, False),
        ({"rules": {"technology": {"sanctions": False}}}, False),
        ({"question": "Another?"}, False),
    ],
)
def test_the_id_follows_from_content_and_not_from_how_it_is_run(
    tmp_path: Path, changes: dict[str, object], same: bool
) -> None:
    one, other = campaign(tmp_path, FakeModel()).folder, campaign(tmp_path, FakeModel(), **changes).folder
    assert (one == other) is same


def test_a_full_disk_gives_one_message_and_a_later_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def full(path: Path, content: bytes) -> None:
        if ".parquet" in path.name:
            written.append(path)
            if len(written) > 3:
                real(path, content[:4])
                raise OSError(errno.ENOSPC, "No space left on device")
        real(path, content)

    real = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", full)
    run = campaign(tmp_path, FakeModel())
    with pytest.raises(InputError, match="the disk is full"):
        run.run()
    assert not list(run.folder.rglob("*.part"))
    parts, receipts = (len(list((run.folder / f).iterdir())) for f in ("outcomes", "receipts"))
    assert parts == receipts
    monkeypatch.undo()
    assert run_to_digest(tmp_path, FakeModel()) == run_to_digest(tmp_path / "whole", FakeModel())


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write to"), campaign(tmp_path / "file", FakeModel()).opened():
        pass


def test_what_cannot_be_removed_is_one_message(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(), runs=20)
    (run.folder / part_name("77") / "x").mkdir(parents=True)
    with pytest.raises(InputError, match="cannot write to"), run.opened() as opened:
        opened.run()


def test_a_lack_of_memory_is_no_fault_of_a_run_and_stops_the_others(tmp_path: Path) -> None:
    model = FakeModel(fail_at=0, error=MemoryError(), pause=0.01)
    with pytest.raises(InputError, match="no memory for a run"):
        campaign(tmp_path, model, runs=5000).run()
    assert model.n_simulated < 7500


def test_two_processes_do_not_work_in_one_folder(tmp_path: Path) -> None:
    with held(tmp_path / "x"), pytest.raises(InputError, match="another steppe"), held(tmp_path / "x"):
        pass
    with held(tmp_path / "x"):
        pass


COLUMNS = ("states[KAZ].dependence[CHN]", "states[KAZ].local_capacity")
PAIRED = {"is_paired": True, "columns": COLUMNS}


def test_pairs_are_runs_at_a_point_of_their_own_and_leave_no_trajectories(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(**PAIRED), runs=130, trajectories=True)
    shards = run.run()
    assert run.plan.n_runs == run.watcher.done == 780  # type: ignore[attr-defined]
    parts = [part_name(s.name) for s in shards]
    manifest = {"layout": LAYOUT, "counts": {"replications": 130}, "parts": parts, "trajectories": list(COLUMNS)}
    seal(run.folder, manifest)
    found = open_result(run.folder)
    assert found.outcomes["point"].value_counts().to_dict() == {"default": 390, "paired": 390}
    series = found.trajectories
    assert series is not None
    assert set(series["point"].values) == {"default"}
    assert series.shape == (390, 3, 2)
    value = found.outcomes[found.outcomes["point"] == "default"]["dependence.KAZ"].to_numpy()
    np.testing.assert_array_equal(series.values[:, 0, 0], value.astype(np.float32))


def test_pairs_resume_grow_and_mend_like_other_runs(tmp_path: Path) -> None:
    whole = run_to_digest(tmp_path / "whole", FakeModel(**PAIRED))
    run_to_digest(tmp_path / "a", FakeModel(**PAIRED), runs=130)
    grown = FakeModel(**PAIRED)
    run = campaign(tmp_path / "a", grown)
    shards = run.run()
    assert digest(run, shards) == whole
    assert grown.n_simulated == 6 * 120
    last = shards[-1]
    assert run.plan.arms[last.arm].point == "paired"
    (run.folder / part_name(last.name)).write_bytes(b"half")
    mended = FakeModel(**PAIRED)
    again = campaign(tmp_path / "a", mended)
    assert digest(again, again.run()) == whole
    assert mended.n_simulated == last.count
    assert any("paired point, baseline, free" in line for line in again.watcher.lines)  # type: ignore[attr-defined]


def test_runs_without_pairs_keep_their_digest(tmp_path: Path) -> None:
    plain = run_to_digest(tmp_path / "a", FakeModel(), runs=20)
    run = campaign(tmp_path / "b", FakeModel(is_paired=True), runs=20)
    shards = run.run()
    own = [shard for shard in shards if run.plan.arms[shard.arm].point == "default"]
    assert digest(run, own) == plain != digest(run, shards)


def test_shards_over_several_arms_are_sound_whatever_the_order_of_their_names(tmp_path: Path) -> None:
    """The shard of later replications of two arms bears a name before that of the second arm's first ones."""
    run_to_digest(tmp_path, FakeModel(), runs=100)
    run_to_digest(tmp_path, FakeModel(), runs=110)
    again = FakeModel()
    assert run_to_digest(tmp_path, again, runs=110) == run_to_digest(tmp_path / "whole", FakeModel(), runs=110)
    assert again.n_simulated == 0


def test_a_receipt_that_is_not_as_it_was_written_counts_for_nothing(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(), runs=20)
    expected = digest(run, run.run())
    receipt = next((run.folder / "receipts").iterdir())
    content = json.loads(receipt.read_text())
    first = content["outcome_hashes"][0]
    receipt.write_text(json.dumps({**content, "outcome_hashes": "01"[first == "0"] + content["outcome_hashes"][1:]}))
    mended = FakeModel()
    again = campaign(tmp_path, mended, runs=20)
    assert digest(again, again.run()) == expected
    assert mended.n_simulated == 60
    assert "does not match its checksum" in again.watcher.lines[0]  # type: ignore[attr-defined]


def test_the_id_of_points_that_take_no_seed_does_not_depend_on_one() -> None:
    class Sampled(FakeModel):
        @property
        def sampled(self) -> dict[str, object]:
            return {"method": "any", "seed": self.seed, "factors": []}

    def found(method: str, seed: int) -> str:
        design = {"method": method, "seed": seed, "n": 3, "over": {"x": "all"}}
        return identity(fake_config("x", design=design), Sampled(seed=seed))

    assert found("grid", 0) == found("grid", 5)
    assert found("sobol", 0) != found("sobol", 5)
