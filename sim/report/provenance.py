"""Where a result comes from: what a reader needs to make it again, read from its manifest; no date, path or host."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNKNOWN = "not recorded"

NO_MATTER = ("engine", "results_dir", "report", "trace")
"""Keys of the configuration on which no result depends."""


@dataclass(frozen=True)
class Provenance:
    """Facts of the manifest that stay the same when the same runs are made again."""

    experiment: str
    title: str
    question: str
    seed: str
    version: str
    source_hash: str
    config_hash: str
    digest: str
    commit: str
    start: str
    end: str
    n_runs: int
    versions: Mapping[str, str]

    @classmethod
    def of(cls, manifest: Mapping[str, Any], n_runs: int) -> Provenance:
        """Read a manifest; what it lacks is said to be not recorded."""
        return cls(
            experiment=_text(manifest, "experiment"),
            title=_title(manifest),
            question=_text(manifest, "question"),
            seed=_text(manifest, "seed"),
            version=_text(manifest, "model_version"),
            source_hash=_text(manifest, "source_hash"),
            config_hash=_config_hash(manifest),
            digest=_text(manifest, "digest"),
            commit=_commit(manifest),
            start=_text(manifest, "start"),
            end=_text(manifest, "end"),
            n_runs=n_runs,
            versions={str(k): str(v) for k, v in sorted(dict(manifest.get("versions") or {}).items())},
        )

    @property
    def footer(self) -> str:
        """Return what the line below every figure ends with."""
        return f"seed {self.seed} · Steppe {self.version} · under stated assumptions, not a forecast"


def _text(manifest: Mapping[str, Any], key: str) -> str:
    value = manifest.get(key)
    return UNKNOWN if value is None else str(value)


def _title(manifest: Mapping[str, Any]) -> str:
    """Return the experiment's title, or its name as a report's where it has no other."""
    title, name = str(manifest.get("title") or ""), _text(manifest, "experiment")
    return title if title and title != name else f"Steppe report: {name}"


def _config_hash(manifest: Mapping[str, Any]) -> str:
    """Return the sha256 of the configuration without what no result depends on."""
    config = manifest.get("config")
    if not isinstance(config, Mapping):
        return _text(manifest, "config_hash")
    content = {key: value for key, value in config.items() if key not in NO_MATTER}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _commit(manifest: Mapping[str, Any]) -> str:
    commit = _text(manifest, "commit")
    return f"{commit}, with changes not committed" if commit != UNKNOWN and manifest.get("dirty") else commit
