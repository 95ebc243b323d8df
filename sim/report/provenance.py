"""Where a result comes from: what a reader needs to make it again, read from its manifest; no date, path or host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.results.schema import WORLD

UNKNOWN = "not recorded"


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
    caveats: tuple[str, ...]
    """What a reader has to bear in mind, as the manifest says it."""

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
            config_hash=_text(manifest, "config_hash"),
            digest=_text(manifest, "digest"),
            commit=_commit(manifest),
            start=_text(manifest, "start"),
            end=_text(manifest, "end"),
            n_runs=n_runs,
            versions={str(k): str(v) for k, v in sorted(dict(manifest.get("versions") or {}).items())},
            caveats=tuple(str(caveat) for caveat in manifest.get("caveats") or ()),
        )

    @property
    def footer(self) -> str:
        """Return what the line below every figure ends with."""
        return f"seed {self.seed} · Steppe {self.version} · {WORLD} · under stated assumptions, not a forecast"


def _text(manifest: Mapping[str, Any], key: str) -> str:
    value = manifest.get(key)
    return UNKNOWN if value is None else str(value)


def _title(manifest: Mapping[str, Any]) -> str:
    """Return the experiment's title, or its name as a report's where it has no other."""
    title, name = str(manifest.get("title") or ""), _text(manifest, "experiment")
    return title if title and title != name else f"Steppe report: {name}"


def _commit(manifest: Mapping[str, Any]) -> str:
    commit = _text(manifest, "commit")
    return f"{commit}, with changes not committed" if commit != UNKNOWN and manifest.get("dirty") else commit
