"""Every key of the configuration says where its value counts, and the three places read it there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.ensemble import prepare
from sim.ensemble.provenance import config_hash
from sim.ensemble.reopen import reopen
from sim.ensemble.sweep import identity
from sim.locations import CONFIGS
from sim.results.outcomes import plan_about
from sim.results.schema import MANIFEST, PLAN
from sim.roles import HOW, roles_of
from sim.settings import ROLES, Config, role_of

REFERENCE = CONFIGS.parent / "results/reference"
LEFT_OUT_OF_THE_HASH = {
    *("engine", "results_dir", "report", "trace", "measure", "figures", "page", "plan", "shard", "retry"),
}
MAY_DIFFER_BETWEEN_FOLDERS = LEFT_OUT_OF_THE_HASH | {
    *("runs", "max_runs", "precision", "design.n", "title", "question", "design.table", "scenarios", "validation"),
}
LEFT_OUT_OF_THE_ID = LEFT_OUT_OF_THE_HASH | {
    *("runs", "max_runs", "precision", "design.n", "design.table"),
    *("scenarios", "validation", "history", "pair", "variants"),
}


def test_what_counts_where_is_as_it_was_when_ids_and_hashes_were_given() -> None:
    assert {key for key, role in ROLES.items() if not role.in_hash} == LEFT_OUT_OF_THE_HASH
    assert {key for key, role in ROLES.items() if not role.in_runs} == MAY_DIFFER_BETWEEN_FOLDERS
    assert {key for key, role in ROLES.items() if not role.in_id} == LEFT_OUT_OF_THE_ID


def test_the_hash_of_the_configuration_of_kept_results_is_as_they_have_it() -> None:
    manifest: dict[str, Any] = json.loads((REFERENCE / MANIFEST).read_text("utf-8"))
    assert config_hash(manifest["config"]) == manifest["config_hash"]


def test_a_key_that_does_not_say_where_it_counts_is_refused() -> None:
    class Grown(Config):
        colour: str = "red"

    with pytest.raises(TypeError, match="colour: say in its annotation"):
        roles_of(Grown)


def test_a_key_in_another_one_counts_where_that_does() -> None:
    assert role_of("engine.threads") is HOW
    assert role_of("design.n") != role_of("design.over.tenders.weight_price") == role_of("seed")
    assert role_of("parameters.tenders.weight_price") == role_of("parameters")


def test_the_id_of_kept_results_is_as_they_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the model's sources they were made by, which may have changed since."""
    about = plan_about(REFERENCE / PLAN)
    assert about is not None
    monkeypatch.setattr(prepare, "source_hash", lambda: about["source_hash"])
    reopened = reopen(REFERENCE)
    assert identity(reopened.config, reopened.prepared) == about["id"]
