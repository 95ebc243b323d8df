"""`steppe evidence`: find facts of the documents, and check what the parameters rest on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sim.commands.call import CHECK_FAILED, DONE, Call
from sim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from sim.evidence.loader import Finding

KEYS = {
    "text": "words in the claim, the figure, the note or an actor's name",
    "actor": "name or alias of an actor",
    "mechanism": "number or key of a mechanism",
    "document": "file name of a document, or its prefix such as 000",
    "confidence": "high, medium or low",
    "contested": "true or false",
}

_KEYS_TEXT = "\n".join(f"  {key:<11} {line}" for key, line in KEYS.items())

HELP = f"""
usage: steppe evidence [ID ...] [key=value ...] [--json]
       steppe evidence check [--json]

Find facts of the documents; all keys given must hold. `check` verifies that every parameter names facts that exist or
states an assumption with a reason, and prints the share of parameters by backing; its exit status is 1 where not.

keys:
{_KEYS_TEXT}

examples:
  steppe evidence actor=Huawei confidence=high
  steppe evidence "text=surveillance" document=000
  steppe evidence E0098 E0213
  steppe evidence check
"""


def main(call: Call) -> int:
    """Search, show facts by their ids, or check."""
    if call.words == ("check",):
        if call.overrides:
            raise InputError("steppe evidence check takes no keys.")
        return _check(call)
    found = _by_id(call.words) if call.words else _search(call)
    if call.words and call.overrides:
        raise InputError("steppe evidence takes either ids or keys.")
    lines = [_line(fact) for fact in found] + [f"{len(found)} fact{'' if len(found) == 1 else 's'}"]
    call.answer({"count": len(found), "facts": [asdict(fact) for fact in found]}, lines)
    return DONE


def _by_id(ids: tuple[str, ...]) -> list[Finding]:
    from sim.evidence.loader import load_findings

    findings = load_findings()
    for identity in ids:
        if identity not in findings:
            raise InputError(f"there is no fact {identity!r}.{did_you_mean(identity, ['check', *findings])}")
    return [findings[identity] for identity in ids]


def _search(call: Call) -> list[Finding]:
    from sim.evidence.loader import load_findings
    from sim.evidence.search import search

    wanted: dict[str, Any] = call.options(KEYS)
    if "contested" in wanted:
        wanted["contested"] = _yes_or_no(wanted["contested"])
    return search(load_findings(), wanted.pop("text", None), **wanted)


def _yes_or_no(value: str) -> bool:
    words = {"true": True, "yes": True, "false": False, "no": False}
    if value.lower() not in words:
        raise InputError(f"contested: must be true or false, but it is {value!r}.")
    return words[value.lower()]


def _line(fact: Finding) -> str:
    marks = f"{fact.citation}, {fact.confidence}{', contested' if fact.contested else ''}"
    figure = f" [{' '.join(part for part in (fact.figure, fact.unit) if part)}]" if fact.figure else ""
    return f"{fact.id} ({marks}) {fact.claim}{figure}"


def _check(call: Call) -> int:
    """Print every problem and the share of parameters by backing; return 1 where there is a problem."""
    from sim.evidence.loader import load_findings
    from sim.parameters.backing import backing, check
    from sim.parameters.register import load_register

    findings = load_findings()
    try:
        register = load_register(findings=findings)
    except InputError as error:
        call.answer({"problems": [str(error)], "parameters": None, "backing": []}, [str(error)])
        return CHECK_FAILED
    problems, table = check(register, findings), backing(register, findings)
    lines = [*problems, f"{table.total} parameters, {len(problems)} problem{'' if len(problems) == 1 else 's'}"]
    for row in table.rows:
        words = f"{row.backing}{', on contested facts' if row.contested else ''}"
        lines.append(f"  {words:<32} {row.count:>4}  {row.share:6.1%}")
    rows = [asdict(row) for row in table.rows]
    call.answer({"problems": problems, "parameters": table.total, "backing": rows}, lines)
    return CHECK_FAILED if problems else DONE
