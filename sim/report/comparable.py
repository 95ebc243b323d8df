"""Results side by side: which of them may be set against each other, why not, and their runs as one study.

A source is one scenario of one result. Sources are comparable where only one thing differs: the scenario, or else the
settings under which one scenario was run (parameters, rules). Dice, window, history, tables and
model have to be the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, did_you_mean
from sim.report.page import Peopled, Stored, study_of
from sim.report.provenance import Provenance
from sim.report.study import Study
from sim.results.files import canonical_json
from sim.results.runs import stacked
from sim.results.schema import DEFAULT_POINT

if TYPE_CHECKING:
    import xarray as xr

    from sim.results.runs import Runs

_NO_SETTINGS = frozenset({
    *("name", "title", "question", "scenarios", "validation", "columns", "measure", "figures", "pair", "variants"),
    *("runs", "seed", "start", "end", "history"),
    *("engine", "trajectories", "trace", "report", "page", "results_dir"),
    *("design", "precision", "max_runs", "plan", "shard", "retry"),
})  # fmt: skip
"""Keys of a configuration that are no setting: checked on their own, or without bearing on a run."""

_USUAL: Mapping[str, Any] = {"couplings": "live", "rules": True}
"""What every key of a group has unless it is set."""


@dataclass(frozen=True)
class Source:
    """One scenario of a result, in the result's main history."""

    result: Stored
    scenario: str

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.result.path}:{self.scenario}"

    @property
    def history(self) -> str:
        """The result's main history: replay where there is one, else free."""
        return "replay" if any(arm["history"] == "replay" for arm in _arms(self.result)) else "free"

    @property
    def fingerprint(self) -> str:
        """Hash of all that its runs are computed from, the dice apart; empty where none was recorded."""
        found = (a for a in _arms(self.result) if (a["scenario"], a["history"]) == (self.scenario, self.history))
        return str(next(found, {}).get("fingerprint", ""))

    @property
    def title(self) -> str:
        """The scenario's title."""
        told = (self.result.manifest.get("scenarios") or {}).get(self.scenario) or {}
        return str(told.get("title") or self.scenario.replace("_", " ").capitalize())

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What was set for its runs apart from the scenario, as key and value: `parameters.tenders.weight_price`.

        What was typed as it is anyway, a coupling that is live or a rule that holds, is not among it.
        """
        config = self.result.manifest.get("config") or {}
        found = _flat({key: value for key, value in config.items() if key not in _NO_SETTINGS})
        return {key: value for key, value in found.items() if _USUAL.get(key.partition(".")[0]) != value}


def source(result: Stored, scenario: str | None = None) -> Source:
    """Return one scenario of a result, which need not be named where it has one only; InputError where it does not."""
    known = scenarios(result)
    if scenario is None and len(known) == 1:
        return Source(result, known[0])
    if scenario is None:
        raise InputError(f"{result.path} holds the scenarios {', '.join(known)}; write which: {result.path}:{known[0]}")
    if scenario not in known:
        hint = did_you_mean(scenario, known) or f" It has {', '.join(known)}."
        raise InputError(f"{result.path} holds no scenario {scenario!r} in its main history.{hint}")
    return Source(result, scenario)


def scenarios(result: Stored) -> tuple[str, ...]:
    """Return the scenarios that have runs in a result's main history, in the order of its arms."""
    arms = _arms(result)
    main = "replay" if any(arm["history"] == "replay" for arm in arms) else "free"
    return tuple(dict.fromkeys(str(arm["scenario"]) for arm in arms if arm["history"] == main))


def check(sources: Sequence[Source]) -> None:
    """Raise InputError, with the reason and what to do, where sources cannot be set against each other."""
    first = sources[0]
    for place, other in enumerate(sources[1:], start=1):
        for key, what, advice in _ALIKE:
            mine, theirs = first.result.manifest.get(key), other.result.manifest.get(key)
            if mine != theirs:
                raise InputError(_apart(first, other, f"{what} {_known(mine)} and {_known(theirs)}", advice))
        if first.history != other.history:
            told = f"history {first.history} and {other.history}"
            raise InputError(_apart(first, other, told, "Run both with the same history=."))
        _check_settings(first, other)
        for earlier in sources[:place]:
            _check_distinct(earlier, other)


_ALIKE = (
    ("seed", "seed", "The dice differ, so no pair of runs can be made; run both with the same seed=."),
    ("start", "first quarter", "Run both with the same start=."),
    ("end", "last quarter", "Run both with the same end=."),
    ("source_hash", "model sources", "They come from two versions of the model; run both anew with one."),
    (
        "inputs_hash",
        "tables or parameters",
        "They were run on different tables of the world or parameters; run both anew.",
    ),
)
"""Keys of manifests that have to agree, in words, and what to do where they do not."""


def _known(value: Any) -> Any:
    return "not recorded" if value is None else value


def _apart(one: Source, other: Source, what: str, advice: str) -> str:
    return f"{one.name} and {other.name} cannot be compared: {what}. {advice}"


def _check_settings(one: Source, other: Source) -> None:
    found = differing([one, other])
    if one.scenario != other.scenario and found:
        told = "; ".join(f"{key} is {_told(one, key)} and {_told(other, key)}" for key in found)
        advice = "A difference could be told to neither: run both with the same values, or one scenario with both."
        raise InputError(_apart(one, other, f"besides the scenario, {told}", advice))


def _check_distinct(one: Source, other: Source) -> None:
    if other.fingerprint and other.fingerprint == one.fingerprint:
        raise InputError(f"{one.name} and {other.name} are the same runs: nothing differs between them.")
    if one.scenario == other.scenario and not differing([one, other]):
        what = "scenario and settings are the same, yet the runs are not: its file or the world's tables were changed"
        raise InputError(_apart(one, other, what, "Give what was changed a name of its own, and run both anew."))


def differing(sources: Sequence[Source]) -> list[str]:
    """Return the settings that are not the same in all sources, sorted."""
    keys = sorted({key for source in sources for key in source.settings})
    return [key for key in keys if len({str(source.settings.get(key)) for source in sources}) > 1]


def _told(one: Source, key: str) -> str:
    value = one.settings.get(key)
    return "as shipped" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def side_by_side(sources: Sequence[Source], world: Peopled) -> Study:
    """Return the runs of sources as one study, the first being what the others are set against.

    Where two sources have a scenario in common, each has its settings in its name and title. All have as many
    replications as the smallest; outcomes and series that one lacks are left out.
    """
    studies = {id(s.result): study_of(s.result, world) for s in sources}
    of = [studies[id(source.result)] for source in sources]
    names = _names(sources)
    tables = [study.runs(source.scenario, source.history) for study, source in zip(of, sources, strict=True)]
    n = min(len(table) for table in tables)
    set_here = of[0].set_by.get(sources[0].scenario, frozenset())
    return replace(
        of[0],
        outcomes=_stacked([table.at(slice(n)) for table in tables], list(names)),
        trajectories=_series(of, sources, list(names), n),
        provenance=_provenance(sources, n * len(sources)),
        given={
            name: {**((s.result.manifest.get("scenarios") or {}).get(s.scenario) or {}), "title": title}
            for (name, title), s in zip(names.items(), sources, strict=True)
        },
        set_by={
            name: study.set_by.get(source.scenario, frozenset()) | set_here
            for name, study, source in zip(names, of, sources, strict=True)
        },
        first=next(iter(names)),
        pairs=None,
        quantiles=None,
    )


def _names(sources: Sequence[Source]) -> dict[str, str]:
    """Return a name of its own for each source, and its title."""
    if len({source.scenario for source in sources}) == len(sources):
        return {source.scenario: source.title for source in sources}
    keys = differing(sources)
    told = ["; ".join(f"{key.removeprefix('parameters.')} {_told(source, key)}" for key in keys) for source in sources]
    return {f"{s.scenario} ({words})": f"{s.title} ({words})" for s, words in zip(sources, told, strict=True)}


def _stacked(tables: Sequence[Runs], names: Sequence[str]) -> Runs:
    """Return the runs one after the other, numbered, under other names of their scenarios."""
    table = stacked(tables)
    of = [name for name, one in zip(names, tables, strict=True) for _ in range(len(one))]
    return replace(table, keys=table.keys.assign(scenario=of, run=range(len(table))))


def _series(of: Sequence[Study], sources: Sequence[Source], names: Sequence[str], n: int) -> xr.DataArray | None:
    """Return the series that all sources recorded; None where there are none."""
    import numpy as np
    import xarray as xr

    recorded = [study.trajectories for study in of if study.trajectories is not None]
    shared = [a for a in of[0].columns if all(a in study.columns for study in of)]
    if len(recorded) < len(of) or not shared:
        return None
    parts = []
    for study, series, source, name in zip(of, recorded, sources, names, strict=True):
        rows = (series["scenario"].values == source.scenario) & (series["history"].values == source.history)
        kept = series.isel(run=np.flatnonzero(rows)[:n], column=[study.columns[address] for address in shared])
        parts.append(kept.assign_coords(scenario=("run", np.full(kept.sizes["run"], name))).load())
    return xr.concat(parts, dim="run", coords="minimal", compat="override", join="override")


def _provenance(sources: Sequence[Source], n_runs: int) -> Provenance:
    """Return where a comparison comes from: of one result what it says itself, of several what they share."""
    manifests = {str(s.result.path): s.result.manifest for s in sources}
    first = sources[0].result.manifest
    if len(manifests) == 1:
        return Provenance.of(first, n_runs)
    caveats = dict.fromkeys(caveat for manifest in manifests.values() for caveat in manifest.get("caveats") or ())
    merged = {
        **first,
        "experiment": "comparison",
        "title": "Comparison of results",
        "question": " ".join(dict.fromkeys(str(m.get("question")) for m in manifests.values())),
        "caveats": list(caveats),
        **{key: _joined(key, list(manifests.values())) for key in ("digest", "config_hash", "commit")},
    }
    return Provenance.of(merged, n_runs)


def digest_of_sources(sources: Sequence[Source]) -> str:
    """Return the sha256 over the digests of the results and the scenarios that are compared."""
    content = [[source.result.manifest.get("digest"), source.scenario] for source in sources]
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _joined(key: str, manifests: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(str(manifest.get(key)) for manifest in manifests))


def _arms(result: Stored) -> list[Mapping[str, Any]]:
    return [arm for arm in result.manifest.get("arms") or () if arm["point"] == DEFAULT_POINT]


def _flat(content: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in content.items():
        found |= _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else {f"{above}{key}": value}
    return found
