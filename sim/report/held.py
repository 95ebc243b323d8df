"""Sentences on findings: what a scenario does, how likely a run shows it, and under which theories it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.report.findings import APPEARS, FADES, HOLDS, OPEN, TURNS, Finding, at_points, findings
from sim.report.labels import figure_text, figure_texts, lower_first
from sim.report.study import Study
from sim.report.variants import Variant, default_words
from sim.report.words import likelihood, likelihood_sentence

if TYPE_CHECKING:
    from sim.results.runs import Runs

CLASSES: Mapping[str, str] = {
    "everywhere": "Holds under every theory and worldview",
    "mostly": "Holds under some, fades or is open under others",
    "turns": "Turns round under some",
    "appears": "Moves only under some, not as the experiment stands",
}
"""Classes of findings, the firmest first."""

WORDS = {FADES: "fades", TURNS: "turns round", APPEARS: "appears", OPEN: "is open"}
KIND_WORDS = {
    "theory": ("rival theory", "rival theories"),
    "worldview": ("worldview", "worldviews"),
    "combination": ("combination", "combinations"),
}
SMALL = 0.2
"""Standard deviations of the baseline's runs below which a change is called small (Cohen 1988, chapter 2)."""


def class_of(finding: Finding) -> str:
    """Return the class of a finding, one of CLASSES."""
    if not finding.default.is_moved:
        return "appears"
    if finding.where(TURNS):
        return "turns"
    return "everywhere" if len(finding.where(HOLDS)) == len(finding.others) else "mostly"


def claim(study: Study, finding: Finding) -> str:
    """Return a finding in a few words."""
    way = "" if not finding.default.is_moved else " up" if finding.default.mean > 0.0 else " down"
    return f"{study.title(finding.scenario)}: {lower_first(study.meaning(finding.stem))}{way}"


def says(study: Study, finding: Finding) -> str:
    """Return what a scenario does to an outcome by default, with size and interval, as one sentence."""
    row = finding.default
    scenario, meaning = study.title(finding.scenario), lower_first(study.meaning(finding.stem))
    if not row.is_moved:
        verb = "leaves" if row.is_still else "may or may not move"
        return f"{scenario}: {verb} {meaning}{' as it was' if row.is_still else ''} as the experiment stands."
    ends = sorted((abs(row.low), abs(row.high)))
    size, low, high = figure_texts((abs(row.mean), *ends))
    unit = study.unit(finding.stem)
    before = figure_text(row.baseline, unit)
    shown = f" {unit}" if unit not in ("", "0-1", "share") else ""
    way = "up" if row.mean > 0.0 else "down"
    small = ", a small change" if abs(row.standardised) < SMALL else ""
    return f"{scenario}: {meaning} {way} by {size}{shown} (95 per cent interval {low} to {high}) from {before}{small}."


def likely(study: Study, finding: Finding) -> str:
    """Return how likely a run shows by default what the mean of all shows, in estimative words where they suffice."""
    row = finding.default
    if not row.is_moved:
        return ""
    more, share = ("less", row.p_down) if row.mean < 0.0 else ("more", row.p_up)
    event = f"a run ends with {more} than the {lower_first(study.title(study.baseline))} on the same dice"
    return likelihood_sentence(event, likelihood(round(share * row.n_pairs), row.n_pairs))


def holds(finding: Finding, variants: Sequence[Variant]) -> str:
    """Return under how many variants of each kind a finding holds, and what it does under the others, by name."""
    told = [_of_kind(finding, of, words) for kind, words in KIND_WORDS.items() if (of := _those(variants, kind))]
    verb = "Holds under" if finding.default.is_moved else "As by default under"
    return f"{verb} {'; '.join(told)}."


def briefly(finding: Finding, variants: Sequence[Variant]) -> str:
    """Return where a finding holds in a few words."""
    n, n_holds = len(finding.others), len(finding.where(HOLDS))
    if n == n_holds:
        return f"all {n}"
    there = {s: [variant for variant in variants if finding.stands(variant.name) == s] for s in (TURNS, APPEARS)}
    told = [f"{WORDS[stands]} under {_listed(of, variants)}" for stands, of in there.items() if of]
    return "; ".join([f"{n_holds} of {n}", *told])


def held_under(
    study: Study, runs: Runs, variants: Sequence[Variant], stems: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Return (scenario, outcome's stem) to where the difference holds, in a few words; empty without variants.

    For the tables of other pages: `all 22`, or `19 of 22; turns round under ‘Quota (accusation)’`. `runs` are those of
    all points.
    """
    if not variants:
        return {}
    found = findings(at_points(study, runs, variants, stems), stems)
    return {(one.scenario, one.stem): briefly(one, variants) for one in found}


def stands_under(manifest: Mapping[str, Any]) -> str:
    """Return the sentence that a page without variants says of its theories and worldview; empty where unknown."""
    words = default_words(manifest)
    if not words:
        return ""
    return f"All runs stand under {words}. Whether a finding holds under others: steppe run experiment=theories."


def _those(variants: Sequence[Variant], kind: str) -> list[Variant]:
    return [variant for variant in variants if variant.kind == kind]


def _of_kind(finding: Finding, variants: Sequence[Variant], words: tuple[str, str]) -> str:
    n = len(variants)
    held = [variant for variant in variants if finding.stands(variant.name) == HOLDS]
    counted = f"{len(held)} of {n}" if len(held) < n else "all " + str(n) if n > 1 else "the one"
    apart = [
        f"{WORDS[stands]} under {_listed(there, variants)}"
        for stands in WORDS
        if (there := [variant for variant in variants if finding.stands(variant.name) == stands])
    ]
    apart += [
        f"{size} under {_listed(there, variants)}"
        for size in ("weaker", "stronger")
        if (there := [variant for variant in held if finding.size(variant.name) == size])
    ]
    apart += _untouched(sum(finding.is_untouched(variant.name) for variant in held), n)
    return f"{counted} {words[n > 1]}" + (f" ({'; '.join(apart)})" if apart else "")


def _untouched(n_untouched: int, n: int) -> list[str]:
    """Say how many of `n` variants do not touch a finding, so that it holds there without being tried."""
    if n_untouched == n:
        return ["none of them touches it" if n > 1 else "which does not touch it"]
    return [f"{n_untouched} of them {'do' if n_untouched > 1 else 'does'} not touch it"] if n_untouched else []


def _listed(there: Sequence[Variant], of: Sequence[Variant]) -> str:
    """Return short titles, in quotes since some are those of articles; of nearly all the few that are not there."""
    rest = [variant for variant in of if variant not in there]
    if len(of) > 1 and not rest:
        return "all"
    few, start = (rest, "all but ") if len(there) > 3 and len(rest) < len(there) else (there, "")
    return start + ", ".join(f"‘{variant.short}’" for variant in few)
