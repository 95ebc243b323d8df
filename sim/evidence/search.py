"""Search over the facts: by words, actor, mechanism, document, grade, and whether they are contested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.errors import InputError, did_you_mean
from sim.evidence.loader import GRADES, Actor, Finding, load_actors, load_mechanisms


def search(
    findings: Mapping[str, Finding],
    text: str | None = None,
    *,
    actor: str | None = None,
    mechanism: str | int | None = None,
    document: str | None = None,
    confidence: str | None = None,
    contested: bool | None = None,
) -> list[Finding]:
    """Return the facts that meet every condition given, in the order of `findings`; all of them when none is given.

    text: stands in the claim, the figure, the note or an actor's name, whatever its case.
    actor: name or alias, whatever its case.
    mechanism: number, or value of `Finding.mechanism`.
    document: file name, its stem, or its prefix such as `000`.
    confidence: high, medium or low.

    Raises InputError, with the nearest spelling, for an actor, mechanism, document or grade that does not exist.
    """
    name = None if actor is None else find_actor(actor).name
    labels = None if mechanism is None else _labels(mechanism, findings)
    file = None if document is None else _document(document, findings)
    if confidence is not None and confidence not in GRADES:
        hint = did_you_mean(confidence, GRADES)
        raise InputError(f"Unknown confidence {confidence!r}; there are {', '.join(GRADES)}.{hint}")
    return [
        finding
        for finding in findings.values()
        if (text is None or _contains(finding, text))
        and (name is None or name in finding.actors)
        and (labels is None or finding.mechanism in labels)
        and file in (None, finding.document)
        and confidence in (None, finding.confidence)
        and contested in (None, finding.contested)
    ]


def find_actor(name: str, actors: Mapping[str, Actor] | None = None) -> Actor:
    """Return the actor of that name or alias, whatever its case; raise InputError with the nearest spelling."""
    known = load_actors() if actors is None else actors
    spellings = {spelling: actor for actor in known.values() for spelling in (actor.name, *actor.aliases)}
    for spelling, actor in spellings.items():
        if spelling.casefold() == name.strip().casefold():
            return actor
    raise InputError(f"Unknown actor {name!r}.{did_you_mean(name, spellings)}")


def _contains(finding: Finding, text: str) -> bool:
    wanted = text.casefold()
    return any(wanted in part.casefold() for part in (finding.claim, finding.figure, finding.note, *finding.actors))


def _labels(mechanism: str | int, findings: Mapping[str, Finding]) -> frozenset[str]:
    """Return the values of `Finding.mechanism` that a number or a key stands for."""
    mechanisms = load_mechanisms()
    wanted = str(mechanism).strip()
    if wanted.removeprefix("-").isdecimal():
        if int(wanted) not in mechanisms:
            raise InputError(f"Unknown mechanism {wanted}; they are numbered 1 to {len(mechanisms)}.")
        return frozenset(mechanisms[int(wanted)].keys)
    keys = {key for entry in mechanisms.values() for key in entry.keys}
    keys |= {finding.mechanism for finding in findings.values()}
    if wanted not in keys:
        raise InputError(f"Unknown mechanism {wanted!r}.{did_you_mean(wanted, sorted(keys))}")
    return frozenset({wanted})


def _document(document: str, findings: Mapping[str, Finding]) -> str:
    """Return the file name that a name, a stem or a prefix stands for."""
    names = sorted({finding.document for finding in findings.values()})
    for name in names:
        if document.strip() in _spellings(name):
            return name
    hint = did_you_mean(document, [spelling for name in names for spelling in _spellings(name)])
    raise InputError(f"Unknown document {document!r}; there are {', '.join(names)}.{hint}")


def _spellings(document: str) -> Iterable[str]:
    return (document, document.removesuffix(".txt"), document.partition("_")[0])
