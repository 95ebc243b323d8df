from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from sim.ensemble.engines import chosen
from sim.settings import Engine


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"name": "threads", "threads": 8}, "3 threads"),
        ({"name": "threads", "threads": 1}, "1 thread"),
        ({"name": "processes", "workers": 2, "time_limit": 5.0}, "2 processes"),
        ({"name": "dask", "workers": 8}, "3 workers of Dask"),
        ({"name": "dask", "address": "tcp://10.0.0.1:8786"}, "the workers of tcp://10.0.0.1:8786"),
    ],
)
def test_an_engine_is_no_larger_than_three_shards_can_use(settings: dict[str, object], told: str) -> None:
    assert chosen(TypeAdapter(Engine).validate_python(settings), 3).told == told
