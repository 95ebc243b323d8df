"""What can be listed and shown of rival theories and of worldviews."""

from __future__ import annotations

from sim.commands.tables import Detail, Kind, cited


def _theories() -> dict[str, str]:
    from sim.parameters.theories import QUESTIONS, load_theory, theories

    found = [load_theory(question, name) for question in QUESTIONS for name in theories()[question]]
    return {f"{theory.question}.{theory.name}": f"{theory.title}: {QUESTIONS[theory.question]}" for theory in found}


def _respelt(name: str) -> str:
    """Return the `question.name` of a theory's name alone, or with `theory` before it."""
    wanted = name.casefold().removeprefix("theory.")
    named = [known for known in _theories() if known.partition(".")[2] == wanted]
    return named[0] if named else wanted


def _theory(name: str) -> Detail:
    from sim.parameters.theories import QUESTIONS, load_theory

    question, _, own = name.partition(".")
    theory = load_theory(question, own)
    return {
        "file": f"configs/theory/{question}/{own}.yaml",
        "title": theory.title,
        "question": QUESTIONS[question],
        "meaning": theory.meaning,
        "chosen by": theory.key,
        "sets": dict(theory.parameters),
        "literature": {str(place): reference for place, reference in enumerate(theory.literature, start=1)},
    }


def _worldviews() -> dict[str, str]:
    from sim.parameters.worldviews import load_worldview, worldviews

    return {name: load_worldview(name).title for name in worldviews()}


def _worldview(name: str) -> Detail:
    """Return what a worldview sets, drops and keeps, and which contested claims behind parameters it holds."""
    from sim.evidence.loader import load_findings
    from sim.parameters.register import load_register
    from sim.parameters.worldviews import load_worldview

    view, register, findings = load_worldview(name), load_register(), load_findings()
    entries, dropped = register.entries, view.dropped(register, findings)
    neutral = register.neutral(dropped)
    contested = dict.fromkeys(i for entry in entries.values() for i in entry.evidence if findings[i].contested)
    claims = {fact["id"]: f"[{fact['source']}] {fact['claim']}" for fact in cited(list(contested))}
    return {
        "file": f"configs/worldview/{name}.yaml",
        "title": view.title,
        "article": view.article.model_dump() if view.article else {},
        "meaning": view.meaning,
        "chosen by": f"worldview={name}",
        "sets": {key: f"{value:g}, line {view.says[key]}" for key, value in view.parameters.items()},
        "drops": {key: f"{value:g} in place of {entries[key].value:g}" for key, value in neutral.items()},
        "keeps without their claim": {key: entries[key].kept or "" for key in dropped if key not in neutral},
        "claims dropped": {i: claim for i, claim in claims.items() if not view.holds(findings[i])},
        "claims held": {i: claim for i, claim in claims.items() if view.holds(findings[i])},
    }


THEORY_KINDS: dict[str, Kind] = {
    "theories": Kind("rival theories of how deciders decide", _theories, _theory, respelt=_respelt),
    "worldviews": Kind("which contested claims of the documents hold", _worldviews, _worldview),
}
"""Both kinds, by the names that `steppe list` takes."""
