"""What was asked of a folder of results, written before its first run: config.yaml, design.parquet and plan.parquet.

So whoever opens a folder knows what it is to hold, whether or not it was finished.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.ensemble.plan import Plan, PlannedArm
from sim.errors import InputError
from sim.parameters.strict_yaml import read_mapping
from sim.results.files import write_text
from sim.results.outcomes import plan_about, plan_arms, write_plan
from sim.results.schema import CONFIG, LAYOUT, PLAN
from sim.settings import Config

_NOT_DATA = {
    *("runs", "max_runs", "precision", "design.n", "shard", "plan", "retry", "results_dir"),
    *("engine", "report", "trace", "measure", "figures", "page", "title", "question"),
    *("design.table", "scenarios", "validation"),
}
"""Keys of config.yaml that may differ between folders of the same runs: how far, where and how, and what is told.

So may the paths of scenario files and tables; whether what they hold differs, arms and fingerprints tell.
"""


@dataclass(frozen=True)
class Asked:
    """What was asked of a folder."""

    folder: Path
    config: Mapping[str, Any]
    """Content of config.yaml."""
    about: Mapping[str, Any]
    """What plan.parquet says of its campaign, under the names that a manifest has for it."""

    @cached_property
    def plan(self) -> Plan:
        """The plan of the whole campaign; what its arms are computed from is not kept, so fingerprints are empty."""
        rows = plan_arms(self.folder / PLAN)
        arms = tuple(PlannedArm(row.point, row.scenario, row.history, "") for row in rows)
        return Plan(arms, tuple(row.replications for row in rows), self.about["seed"])

    def differences(self, other: Asked) -> list[str]:
        """Return what its runs are computed from that is otherwise in another folder; empty where they fit together.

        In words, as `key: here, there`.
        """
        here, there = _flat(self.config), _flat(other.config)
        keys = [key for key in {**here, **there} if key not in _NOT_DATA and key.split(".")[0] not in _NOT_DATA]
        found = [_told(key, here.get(key), there.get(key)) for key in keys if here.get(key) != there.get(key)]
        for key in ("experiment", "layout", "model_version", "source_hash", "model_hash"):
            if self.about[key] != other.about[key] and not (key == "model_hash" and found):
                found.append(_told(key, self.about[key], other.about[key]))
        return found or differing_arms(self.about["arms"], other.about["arms"])


def read_asked(folder: Path) -> Asked:
    """Return what was asked of a folder; InputError where it is none of results, or does not tell."""
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of results.")
    if missing := [name for name in (CONFIG, PLAN) if not (folder / name).is_file()]:
        raise InputError(f"{folder}: holds no {missing[0]}, so it is not a folder of results.")
    about = plan_about(folder / PLAN)
    if about is None or about["layout"] != LAYOUT:
        layout = f" of layout {about['layout']!r}" if about else ""
        raise InputError(f"{folder / PLAN}: was written by another version{layout}; this one reads layout {LAYOUT}.")
    return Asked(folder, read_mapping(folder / CONFIG), about)


def write_asked(folder: Path, config: Config, plan: Plan, about: Mapping[str, Any]) -> None:
    """Write what is asked of a folder, but for the table of points; `about` is as in `Asked`.

    Raises InputError where the disk refuses.
    """
    write_text(folder / CONFIG, _yaml(stated(config, about["question"])))
    write_plan(folder / PLAN, plan.all_keys(), about)


def stated(config: Config, question: str) -> dict[str, Any]:
    """Return the resolved configuration as config.yaml states it: with the title and the question as they are told."""
    return json.loads(config.model_dump_json()) | {"title": config.full_title, "question": question}


def differing_arms(here: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return in words which arms are not the same in two lists of them."""
    ours, theirs = ({_name(arm): arm["fingerprint"] for arm in arms} for arms in (here, there))
    found = [f"{name} is in only one of the plans" for name in ours.keys() ^ theirs.keys()]
    changed = [name for name in ours if theirs.get(name, ours[name]) != ours[name]]
    return sorted(found) + [f"{name}: another scenario file, other parameters or tables" for name in changed]


def _name(arm: Mapping[str, Any]) -> str:
    return ", ".join(str(arm[key]) for key in ("point", "scenario", "history"))


def _flat(content: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested keys as dotted ones."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[before + key] = value
    return found


def _told(key: str, here: Any, there: Any) -> str:
    short = 12 if key.endswith("_hash") else None
    return f"{key}: {str(here)[:short]}, {str(there)[:short]}"


def _yaml(content: dict[str, Any]) -> str:
    import yaml

    return "# The configuration of these results, resolved.\n" + yaml.safe_dump(
        content, sort_keys=False, allow_unicode=True
    )
