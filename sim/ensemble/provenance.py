"""What results stand on: the hashes of tables, of parameters and of what was asked, as a manifest names them."""

from __future__ import annotations

import hashlib
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
    stated = {f"{question}.{name}": dict(load_theory(question, name).parameters)
              for question, names in theories().items() for name in names}  # fmt: skip
    neutral = {key: entry.neutral for key, entry in register.entries.items()}
    digest = hashlib.sha256(canonical_json([stated, neutral]))
    digest.update(np.ascontiguousarray(register.record()).tobytes())
    return digest.hexdigest()
