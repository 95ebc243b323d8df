from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from sim.ensemble.engines import chosen, cluster, reach
from sim.settings import Dask, Engine, Threads


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


def test_the_file_of_a_scheduler_is_waited_for_and_read_again_until_one_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, tried = tmp_path / "scheduler.json", []

    async def answer(address: str, _: float) -> None:
        tried.append(address)
        if address == "tcp://earlier":
            raise OSError("nobody is there")

    def meanwhile(_: float) -> None:
        file.write_text(json.dumps({"address": "tcp://now" if file.exists() else "tcp://earlier"}))

    monkeypatch.setattr(cluster, "_reach", answer)
    monkeypatch.setattr(time, "sleep", meanwhile)
    reach(Dask(name="dask", scheduler_file=str(file)))
    assert tried == ["tcp://earlier", "tcp://now"]


def test_engines_without_a_scheduler_that_is_named_reach_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_reach", None)
    reach(Dask(name="dask"))
    reach(Threads(name="threads"))
