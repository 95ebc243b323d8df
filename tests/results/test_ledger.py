from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from sim.numerics.ledger import CHOICE, ENTRY, HAZARD, NOBODY
from sim.results.ledger import Traced, write_ledger
from sim.world.names import Names

NAMES = Names(
    states=("KAZ", "KGZ"),
    homes=("CHN",),
    firms=("Huawei",),
    sectors=("networks",),
    institutions=("SCO",),
    domains=(),
    groups=(),
    theatres=(),
    reported=("KAZ",),
    labels={},
)


def test_lines_get_names_quarters_and_only_as_many_options_as_there_were(tmp_path: Path) -> None:
    entries = np.zeros(2, ENTRY)
    entries["who"] = NOBODY
    entries["rests_on"] = NOBODY
    entries[0]["kind"], entries[0]["rule"], entries[0]["quarter"] = HAZARD, 1, 0
    entries[0]["who"][0] = 1
    entries[0]["probability"], entries[0]["draw"] = 0.25, 0.1
    entries[1]["kind"], entries[1]["quarter"], entries[1]["n_options"], entries[1]["chosen"] = CHOICE, 5, 2, 1
    entries[1]["option"][:2], entries[1]["utility"][:2] = (3, 4), (0.5, 0.75)
    entries[1]["rests_on"][:1] = 0
    write_ledger(tmp_path / "ledger.parquet", [Traced("baseline", "free", 0, entries)], ["one", "two"], NAMES)
    hazard, choice = pq.read_table(str(tmp_path / "ledger.parquet")).to_pylist()
    assert (hazard["quarter"], hazard["rule"], hazard["kind"], hazard["state"]) == ("1991Q1", "two", "hazard", "KGZ")
    assert (hazard["home"], hazard["firm"], hazard["options"], hazard["rests_on"]) == (None, None, [], [])
    assert (hazard["probability"], hazard["draw"]) == (0.25, 0.1)
    assert (choice["quarter"], choice["rule"], choice["line"]) == ("1992Q2", "one", 1)
    assert (choice["options"], choice["utilities"], choice["chosen"]) == ([3, 4], [0.5, 0.75], 1)
    assert choice["rests_on"] == [0]
