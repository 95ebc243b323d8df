"""The points of a result that are variants: which theories and worldview hold there, in words for readers."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.evidence.loader import load_findings
from sim.parameters.register import Register
from sim.parameters.theories import QUESTIONS, Theory, load_theory
from sim.parameters.worldviews import Worldview, load_worldview
from sim.results.schema import DEFAULT_POINT

KINDS: Mapping[str, str] = {
    "theory": "Rival theories",
    "worldview": "Worldviews",
    "combination": "Combinations",
}
"""Kinds of variants in their order: another theory on one question, another worldview, and anything else."""


CAUTIOUS = "cautious"
"""The worldview that drops every contested claim."""

LETTERS = 44
"""Letters of a short title at most."""


@dataclass(frozen=True)
class Variant:
    """One point other than the default: what differs there."""

    name: str
    kind: str
    """One of KINDS."""
    title: str
    theories: tuple[Theory, ...]
    """Theories that differ from those of the default point."""
    worldview: Worldview | None
    """The worldview, where it differs."""
    others: tuple[str, ...]
    """What else differs, in words."""

    @property
    def short(self) -> str:
        """The title, cut where it is long; of a theory with its question."""
        if self.kind == "theory":
            return f"{self.title} ({self.theories[0].question})"
        return textwrap.shorten(self.title, LETTERS, placeholder=" …")


@dataclass(frozen=True)
class Told:
    """A theory, a worldview or another variant as a table tells it."""

    title: str
    where: str
    """Which question it answers, or where its article stands."""
    meaning: str
    sets: tuple[str, ...]
    """What differs from the default: names of parameters with their values."""
    literature: tuple[str, ...]


def variants_of(manifest: Mapping[str, Any]) -> tuple[Variant, ...]:
    """Return the variants of a result by kind, else in the order of the experiment; empty where there are none."""
    points = manifest.get("points") or {}
    usual = points.get(DEFAULT_POINT) or {}
    found = [_variant(name, at, usual) for name, at in points.items() if name != DEFAULT_POINT]
    return tuple(sorted(found, key=lambda variant: list(KINDS).index(variant.kind)))


def _variant(name: str, at: Mapping[str, Any], usual: Mapping[str, Any]) -> Variant:
    theories = tuple(
        load_theory(question, theory)
        for question, theory in (at.get("theory") or {}).items()
        if theory != (usual.get("theory") or {}).get(question)
    )
    worldview = load_worldview(at["worldview"]) if at.get("worldview") != usual.get("worldview") else None
    others = tuple(
        f"{key}={value}"
        for of in ("parameters", "couplings")
        for key, value in (at.get(of) or {}).items()
        if value != (usual.get(of) or {}).get(key)
    )
    n_differ = len(theories) + (worldview is not None) + len(others)
    kind = "combination" if n_differ != 1 or others else "theory" if theories else "worldview"
    return Variant(name, kind, str(at.get("title") or name), theories, worldview, others)


def default_words(manifest: Mapping[str, Any]) -> str:
    """Return which theories and worldview stand at the default point; empty where the result does not say."""
    usual = (manifest.get("points") or {}).get(DEFAULT_POINT)
    if not usual:
        return ""
    theories = [f"{QUESTIONS[q]}: {load_theory(q, name).title.lower()}" for q, name in usual["theory"].items()]
    return f"{'; '.join(theories)}; worldview: {load_worldview(usual['worldview']).title.lower()}"


def told_of(variants: tuple[Variant, ...], register: Register) -> dict[str, list[Told]]:
    """Return kind to what its variants say, what they set, and the literature or article behind them."""
    found: dict[str, list[Told]] = {kind: [] for kind in KINDS}
    for variant in variants:
        if variant.kind == "theory":
            found["theory"].append(_of_theory(variant.theories[0]))
        elif variant.kind == "worldview" and variant.worldview is not None:
            found["worldview"].append(_of_worldview(variant.worldview, register))
        else:
            of_theories = tuple(theory.key for theory in variant.theories)
            of_world = (f"worldview={variant.worldview.name}",) if variant.worldview else ()
            found["combination"].append(Told(variant.title, "", "", (*of_theories, *of_world, *variant.others), ()))
    return found


def _of_theory(theory: Theory) -> Told:
    sets = tuple(f"{key} = {value:g}" for key, value in theory.parameters.items())
    return Told(theory.title, QUESTIONS[theory.question], theory.meaning, sets, theory.literature)


def _of_worldview(worldview: Worldview, register: Register) -> Told:
    """Return what a worldview says, sets, keeps and drops; what it drops by name where it keeps nothing."""
    claims, dropped = (neutral_of(view, register) for view in (load_worldview(CAUTIOUS), worldview))
    own = tuple(f"{key} = {value:g} (line {worldview.says[key]})" for key, value in worldview.parameters.items())
    kept = [key for key in claims if key not in dropped and key not in worldview.parameters]
    if kept or own:
        taken = (*(f"keeps {key}" for key in kept), f"drops the other {len(dropped)} of {len(claims)}")
    else:
        taken = tuple(f"{key} = {value:g}, not {register.entries[key].value:g}" for key, value in dropped.items())
    article = worldview.article
    where = ""
    if article is not None:
        where = f"{article.author}, {article.published}; {article.document}:{article.lines[0]}-{article.lines[1]}"
        taken = taken if kept or own else (f"drops all {len(claims)}",)
    return Told(worldview.title, where, worldview.meaning, (*own, *taken), ())


def neutral_of(worldview: Worldview, register: Register) -> dict[str, float]:
    """Return the parameters that lose their claim under a worldview, and their values without it, sorted."""
    return dict(sorted(register.neutral(worldview.dropped(register, load_findings())).items()))
