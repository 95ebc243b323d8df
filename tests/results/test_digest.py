from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sim.results.digest import digest_of
from sim.results.outcomes import RunKeys


def table(
    scenario: str = "a", first: int = 0, values: tuple[float, ...] = (1.0, 2.0, 3.0), **changes: object
) -> pa.Table:
    n = len(values)
    replications = np.arange(first, first + n)
    keys = RunKeys(["default"] * n, [scenario] * n, ["replay"] * n, 1, replications * 7, replications)
    columns = {**keys.columns(), "x": pa.array(values, pa.float64()), **changes}
    return pa.table(columns)


def test_neither_order_nor_cuts_nor_run_numbers_matter() -> None:
    whole = digest_of([table("a"), table("b")])
    assert whole == digest_of([table("b"), table("a")])
    cut = [table("a", 0, (1.0,)), table("b"), table("a", 1, (2.0, 3.0))]
    assert whole == digest_of(cut)
    assert whole == digest_of([pa.concat_tables([table("b"), table("a")])])
    assert whole == digest_of([table("a", run=pa.array([4, 5, 6])), table("b")])


def test_every_value_and_key_matters() -> None:
    usual = digest_of([table()])
    others = [
        table("b"),
        table(first=1),
        table(values=(1.0, 2.0, np.nextafter(3.0, 4.0))),
        table(values=(1.0, 2.0)),
        table(seed=pa.array([2, 2, 2])),
        table(history=pa.array(["free"] * 3)),
        table(point=pa.array(["other"] * 3)),
        table().rename_columns([*table().column_names[:-1], "y"]),
    ]
    digests = [digest_of([other]) for other in others]
    assert len({usual, *digests}) == len(others) + 1


def test_a_nan_is_a_nan_and_minus_nought_is_nought() -> None:
    odd = np.frombuffer(np.uint64(0xFFF8000000000001).tobytes(), np.float64)[0]
    assert digest_of([table(values=(np.nan, 0.0))]) == digest_of([table(values=(float(odd), -0.0))])
    assert digest_of([table(values=(np.nan, 0.0))]) != digest_of([table(values=(0.0, 0.0))])


def test_a_run_that_stands_twice_has_no_digest() -> None:
    for twice in ([table(), table()], [table(first=1), table(values=(1.0,))]):
        with pytest.raises(ValueError, match="not in order, or stand twice"):
            digest_of(twice)
