"""What results stand on, as a manifest has it: hashes of tables, parameters and what was asked; parameters' values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.parameters.register import Register
from sim.parameters.theories import load_theory, theories
from sim.results.files import canonical_json
from sim.settings import role_of
from sim.world.build import World


def config_hash(content: dict[str, Any]) -> str:
    """Return the sha256 of a configuration apart from where and how it is run, which changes no result."""
    asked = {key: value for key, value in content.items() if role_of(key).in_hash}
    return hashlib.sha256(canonical_json(asked)).hexdigest()


def inputs_hash(tables: str, register: str) -> str:
    """Return the sha256 of `tables_hash` and `register_hash` together."""
    return hashlib.sha256(canonical_json([tables, register])).hexdigest()


def tables_hash(world: World) -> str:
    """Return the sha256 of the world as its tables make it, without any scenario."""
    return hashlib.sha256(np.ascontiguousarray(world.record).tobytes()).hexdigest()


def register_hash(register: Register) -> str:
    """Return the sha256 of the values of parameters: default, neutral, of each theory."""
    neutral = {key: entry.neutral for key, entry in register.entries.items()}
    digest = hashlib.sha256(canonical_json([_of_theories(), neutral]))
    digest.update(np.ascontiguousarray(register.record()).tobytes())
    return digest.hexdigest()


def values_of(register: Register) -> dict[str, dict[str, dict[str, float]]]:
    """Return the values that `register_hash` is of: `default` and `neutral` by group and name, `theory` by its key."""
    found: dict[str, dict[str, dict[str, float]]] = {"default": {}, "neutral": {}, "theory": _of_theories()}
    for entry in register.entries.values():
        for kind, value in (("default", entry.value), ("neutral", entry.neutral)):
            if value is not None:
                found[kind].setdefault(entry.group, {})[entry.name] = value
    return found


def changed_values(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what of `values_of` is otherwise now, a phrase a value, such as `tenders.weight_price: 1.5, now 1.6`."""
    before, after = _flat(was), _flat(now)
    return [
        f"{name}: {before.get(name, 'not there')}, now {after.get(name, 'gone')}"
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]


def _of_theories() -> dict[str, dict[str, float]]:
    return {f"{question}.{name}": dict(load_theory(question, name).parameters)
            for question, names in theories().items() for name in names}  # fmt: skip


def _flat(values: Mapping[str, Any]) -> dict[str, float]:
    """Return `values_of` by what a value is called in words."""
    found = {f"{group}.{name}": value for group, of in values["default"].items() for name, value in of.items()}
    for group, of in values["neutral"].items():
        found |= {f"{group}.{name}, neutral": value for name, value in of.items()}
    for theory, of in values["theory"].items():
        question, _, name = theory.partition(".")
        found |= {f"{key} under theory.{question}={name}": value for key, value in of.items()}
    return found
