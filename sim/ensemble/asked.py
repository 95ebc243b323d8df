"""What was asked of a folder of results, written before its first run: config.yaml, design.parquet and plan.parquet.

So whoever opens a folder knows what it is to hold, whether or not it was finished.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.ensemble.plan import Plan, PlannedArm
from sim.ensemble.shares import Share
from sim.errors import InputError
from sim.parameters.strict_yaml import read_mapping
from sim.results.files import canonical_json, write_text
from sim.results.outcomes import plan_about, plan_arms, write_plan
from sim.results.schema import COMPARISON, CONFIG, LAYOUT, PLAN
from sim.settings import Config, role_of

_FILE = re.compile(r"[^,=\[\]'\"]+\.(?:ya?ml|csv|parquet|json)\b")
"""A file that a command names."""


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
        found = plan_arms(self.folder / PLAN)
        rows = zip(found.points, found.scenarios, found.histories, strict=True)
        arms = tuple(PlannedArm(*row, fingerprint="") for row in rows)
        return Plan(arms, tuple(found.replications), self.about["seed"])

    @property
    def results_dir(self) -> Path:
        """The folder for results in which it stands: beside it, or above the folder of its experiment."""
        parent = self.folder.resolve().parent
        found = parent.parent if parent.name == self.about["experiment"] else parent
        return Path(".") / found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found

    @property
    def is_in_place(self) -> bool:
        """Whether it stands where its command would look for it."""
        share = f".{Share.parse(self.about['share']).label}" if self.about["share"] else ""
        folder = self.folder.resolve()
        return (folder.parent.name, folder.name) == (self.about["experiment"], f"{self.about['id']}{share}")

    @property
    def resumed_by(self) -> str:
        """The command that goes on with it, for a shell: what was typed, for the place where it stands now."""
        return self.command(self.about["command"], self.results_dir)

    @property
    def typed_at(self) -> str:
        """Where its commands have to be typed, in words that follow one; empty where that does not matter."""
        named = self._relative_files
        return f"(in the folder in which it was begun: it names {', '.join(named)})" if named else ""

    @property
    def _relative_files(self) -> list[str]:
        """The files that were named from the folder in which the command was typed."""
        is_comparison = self.about["experiment"] == COMPARISON
        elsewhere = ("results_dir=", "scenario=") if is_comparison else ("results_dir=",)
        typed = [word for word in map(str, self.about["command"]) if not word.startswith(elsewhere)]
        words = [*self.config["scenarios"], *typed] if is_comparison else typed
        found = dict.fromkeys(name.strip() for word in words for name in _FILE.findall(word))
        return [name for name in found if not Path(name).is_absolute()]

    def command(self, typed: Sequence[str], results_dir: Path, *more: str) -> str:
        """Return the command, for a shell, that asks the same once more: with what was typed, but for `results_dir`.

        What `more` sets takes the place of what was typed for its key. Where it names other files from the folder in
        which it was typed (`typed_at`), it names the folder for results from anywhere.
        """
        words, instead = ["run"], ["results_dir=", *(f"{text.partition('=')[0]}=" for text in more)]
        if self.about["experiment"] == COMPARISON:
            words, instead = ["compare", *self.config["scenarios"]], [*instead, "scenario="]
        kept = [str(text) for text in typed if not str(text).startswith(tuple(instead))]
        place = results_dir.resolve() if self._relative_files else results_dir
        return shlex.join(["steppe", *words, *kept, *more, f"results_dir={place}"])

    def differences(self, other: Asked) -> list[str]:
        """Return what its runs are computed from that is otherwise in another folder; empty where they fit together.

        In words, as `key: here, there`.
        """
        here, there = _flat(self.config), _flat(other.config)
        keys = [key for key in {**here, **there} if role_of(key).in_runs]
        found = [_told(key, here.get(key), there.get(key)) for key in keys if here.get(key) != there.get(key)]
        for key in ("experiment", "layout", "model_version", "source_hash", "model_hash"):
            if self.about[key] != other.about[key] and not (key == "model_hash" and found):
                found.append(_told(key, self.about[key], other.about[key]))
        found = found or _differing_arms(self.about, other.about)
        ids = self.about["id"], other.about["id"]
        if not found and ids[0] != ids[1]:
            found = [_told("id, which follows also from the factors of a design", *ids)]
            for key in ("design.table", "title", "question"):
                found += [_told(key, here.get(key), there.get(key))] if here.get(key) != there.get(key) else []
        return found


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

    The plan, which has a row a run, stays where it is sound and says the same. InputError where the disk refuses.
    """
    write_text(folder / CONFIG, _yaml(stated(config, about["question"])))
    if not _is_planned(folder / PLAN, plan, about):
        write_plan(folder / PLAN, plan.all_keys(), about)


def _is_planned(path: Path, plan: Plan, about: Mapping[str, Any]) -> bool:
    """Return whether a plan is there as it would be written, which takes less than to write it."""
    try:
        if not path.is_file() or plan_about(path) != json.loads(canonical_json(about)):
            return False
        return plan_arms(path).replications == [n for n in plan.replications if n]
    except InputError:
        return False


def stated(config: Config, question: str) -> dict[str, Any]:
    """Return the resolved configuration as config.yaml states it: with the title and the question as they are told."""
    return json.loads(config.model_dump_json()) | {"title": config.full_title, "question": question}


def deeds(told: Mapping[str, Any]) -> Any:
    """Return what a scenario's own file does, as a plan or a manifest keeps it."""
    return json.loads(json.dumps({key: told.get(key) for key in ("base", "injects", "levers", "parameters")}))


def _differing_arms(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    """Return in words which arms are not the same in two folders, and which files make them so."""
    ours, theirs = ({_name(arm): arm["fingerprint"] for arm in about["arms"]} for about in (here, there))
    found = sorted(f"{name} is in only one of the plans" for name in ours.keys() ^ theirs.keys())
    changed = [name for name in ours if theirs.get(name, ours[name]) != ours[name]]
    if not changed:
        return found
    which = "all arms" if len(changed) == len(ours) else f"{changed[0]}"
    which += f" and {len(changed) - 1} more" if 1 < len(changed) < len(ours) else ""
    return [*found, f"{which}: {' and '.join(_reasons(here, there)) or 'another scenario, other parameters or tables'}"]


def _reasons(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    """Return in words which groups of files, of which runs are computed, are otherwise in two folders."""
    groups = {
        "tables_hash": "other tables of the world (configs/world/default/)",
        "register_hash": "other parameters or theories (configs/parameters/, configs/theory/)",
    }
    found = [words for key, words in groups.items() if here.get(key) != there.get(key)]
    was, now = here.get("scenarios", {}), there.get("scenarios", {})
    return found + [
        f"another file of the scenario {name}" for name in was if deeds(was[name]) != deeds(now.get(name, {}))
    ]


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
