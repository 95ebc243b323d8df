"""A folder is sealed only where the data of its runs are what their receipts vouch for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.ensemble.campaign import Campaign
from sim.errors import InputError
from sim.results.manifest import seal
from sim.results.schema import LAYOUT, MANIFEST, OUTCOMES
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config

COLUMNS = ("states[KAZ].local_capacity",)


def described(campaign: Campaign) -> dict[str, object]:
    """Return of a manifest what sealing looks at."""
    return {"layout": LAYOUT, "files": campaign.surveyed().files}


@pytest.mark.parametrize(
    ("trajectories", "pattern"),
    [(False, "outcomes/*.parquet"), (False, "bands/*.parquet"), (True, "trajectories.zarr/value/c/*/0/0")],
)
def test_data_that_changed_since_their_receipt_are_not_sealed_and_made_anew(
    tmp_path: Path, trajectories: bool, pattern: str
) -> None:
    def campaign(model: FakeModel) -> Campaign:
        return Campaign.of(fake_config(tmp_path, trajectories=trajectories), model, FakeWatcher())

    with campaign(FakeModel(columns=COLUMNS)).opened() as opened:
        opened.run()
        told = described(opened)
        path = min(opened.folder.glob(pattern))
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        with pytest.raises(InputError, match=rf"{path.name}: is not what its receipt vouches for"):
            seal(opened.folder, told)
        assert not (opened.folder / MANIFEST).exists()
    mended = FakeModel(columns=COLUMNS)
    with campaign(mended).opened() as opened:
        opened.run()
        assert described(opened) == told
        seal(opened.folder, told)
    assert mended.n_simulated == 100


def test_data_that_no_receipt_vouches_for_are_not_sealed_and_other_files_are(tmp_path: Path) -> None:
    campaign = Campaign.of(fake_config(tmp_path, runs=20), FakeModel(), FakeWatcher())
    with campaign.opened() as opened:
        opened.run()
        (opened.folder / OUTCOMES / "note.txt").write_text("mine")
        seal(opened.folder, described(opened))
        part = next((opened.folder / OUTCOMES).glob("*.parquet"))
        shutil.copyfile(part, part.with_name("part-000000x3-0000000x19.parquet"))
        with pytest.raises(InputError, match=r"x19\.parquet: is not what its receipt"):
            seal(opened.folder, described(opened))
        opened.run()
        assert "outcomes/note.txt" in seal(opened.folder, described(opened))["files"]
