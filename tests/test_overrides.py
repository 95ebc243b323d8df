"""Levers as typed: by scenario and name, told by their key, joined with those of variants; idle keys are refused."""

import pytest

from sim.configuration import compose, read_jobs
from sim.errors import InputError
from sim.overrides import check_key
from sim.settings import Variant


def test_levers_are_set_by_scenario_and_name_and_told() -> None:
    config = compose(["experiment=cooperation", "levers.one.a=0.5", "levers.one.b=1"])
    assert config.levers == {"one": {"a": 0.5, "b": 1.0}}
    assert config.full_title.endswith(": lever one.a = 0.5; lever one.b = 1")
    other = Variant(levers={"one": {"b": 2.0}, "two": {"c": 3.0}})
    at = config.model_copy(update={"variants": {"other": other}}).points()["other"]
    assert at.lever_values() == {"one.a": 0.5, "one.b": 2.0, "two.c": 3.0}
    assert at.differences(config) == ["lever one.b = 2", "lever two.c = 3"]


def test_several_values_of_a_lever_make_a_job_each() -> None:
    jobs = read_jobs(["levers.western_sanctions.severity=0.2,0.4"], multirun=True)
    assert [job.config.lever_values() for job in jobs] == [{"western_sanctions.severity": x} for x in (0.2, 0.4)]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("levers.western_sanctions=1", "write levers.<scenario>.<lever>=value, a scenario of your own by its name."),
        ("levers=1", "`steppe list levers`"),
        ("levers../mine.yaml.severity=1", "write levers.<scenario>.<lever>=value"),
        ("levers.western_sanctions.severity=hard", "levers.western_sanctions.severity: must be a number, not 'hard'."),
        ("western_sanctions.severity=1", "Did you mean 'levers.western_sanctions.severity'?"),
        ("+levers.western_sanctions.severity=1", "write levers.western_sanctions.severity=..."),
    ],
)
def test_a_wrong_key_or_value_is_named(override: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        compose([override])
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("key", "hint"),
    [("into", ""), ("sede", " Did you mean 'seed'?"), ("results", " Did you mean 'results_dir'?"), ("folder", "")],
)
def test_only_a_near_spelling_of_a_key_is_suggested(key: str, hint: str) -> None:
    with pytest.raises(InputError) as error:
        check_key(f"{key}=1")
    assert str(error.value) == f"unknown key {key!r}.{hint} `steppe run --help` lists all keys."


@pytest.mark.parametrize("address", ["foo", "tcp://foo", "8786", "tcp://:8786", "tcp://foo:bar", "tcp://a:1/b"])
def test_an_address_that_can_be_none_is_refused_before_anybody_is_asked(address: str) -> None:
    with pytest.raises(InputError, match=r"^engine\.address: .* is no address of a scheduler; write it as tcp://"):
        compose(["engine=dask", f"engine.address='{address}'"])


@pytest.mark.parametrize("address", ["node-7:8786", "tcp://10.0.0.1:8786", "tls://[fe80::1%25eth0]:8786"])
def test_an_address_of_a_scheduler_is_taken_as_it_is(address: str) -> None:
    assert compose(["engine=dask", f"engine.address='{address}'"]).engine.address == address


def test_keys_of_another_engine_and_two_places_of_a_scheduler_are_refused() -> None:
    with pytest.raises(InputError, match=r"engine\.threads: engine=processes does not take it; write engine=threads"):
        compose(["engine=processes", "engine.threads=2"])
    assert compose([]).engine.name == "threads"
    keys = ["engine=dask", "engine.address='tcp://10.0.0.1:8786'"]
    assert compose([*keys, "engine.scheduler_file=null"]).engine.name == "dask"
    with pytest.raises(InputError, match=r"engine\.address and engine\.scheduler_file both say"):
        compose([*keys, "engine.scheduler_file=scheduler.json"])


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["max_runs=500"], "max_runs= changes nothing without precision"),
        (["design.seed=5"], "design.seed= changes nothing with design=none"),
        (
            ["design=grid", "design.n=3", "design.over=[tenders.weight_price]", "design.seed=5"],
            "design.seed= changes nothing with design=grid",
        ),
        (
            ["engine=dask", "engine.address=tcp://127.0.0.1:5", "engine.workers=4"],
            "engine.workers= is for a cluster of",
        ),
        (["trace=true", "shard=1/2"], "trace=true: a share writes no ledger"),
    ],
)
def test_a_key_that_would_change_nothing_is_refused(keys: list[str], words: str) -> None:
    with pytest.raises(InputError) as refused:
        compose(keys)
    assert str(refused.value).startswith(words)
