"""`steppe show`: one thing with what it rests on; or the schedule, the couplings, the loops, the mechanisms whole."""

from __future__ import annotations

import textwrap
from typing import Any

from sim.commands.call import DONE, Call
from sim.commands.catalogue import KINDS, covered_rows, detail_of, kinds_with, names_of, plural, refuse_fact, singular
from sim.commands.loops import coupling_lines, coupling_rows, loop_lines, loop_rows
from sim.commands.tables import wrapped
from sim.errors import InputError, did_you_mean

HELP = f"""
usage: steppe show [KIND] NAME [--json]
       steppe show schedule [--json]
       steppe show couplings [--json]
       steppe show loops [--json]
       steppe show coverage [--json]

Show one thing with its sources; the order of a quarter with what each rule reads, writes and draws, and the loops that
it is in; where the parts of the model meet; the loops that the documents describe, link by link; or for each mechanism
that the documents describe the rules that compute it and the parameter values that take it away, or the scenario that
supposes it, or the reason why it is not there. KIND may be left out where only one kind has that name.
A rule goes by folder/file, folder.file, or file alone; the outcome of one state by the name of all, or its own.
Kinds: {", ".join(KINDS)}.

examples:
  steppe show parameter tenders.weight_price
  steppe show Huawei
  steppe show scenario vendor_outage
  steppe show lever western_sanctions.severity
  steppe show mechanism 12
  steppe show whatif 8
  steppe show inject outage
  steppe show theory imitation
  steppe show worldview cautious
  steppe show schedule
  steppe show loops
  steppe show coverage
"""


def main(call: Call) -> int:
    """Show one thing."""
    if call.overrides or not 1 <= len(call.words) <= 2:
        raise InputError("steppe show takes a kind and a name, such as: steppe show parameter tenders.weight_price")
    if len(call.words) == 1 and call.words[0] in _WHOLES:
        _WHOLES[call.words[0]](call)
        return DONE
    detail = _find(call.words)
    call.answer(detail, _lines(detail))
    return DONE


def _find(words: tuple[str, ...]) -> dict[str, Any]:
    refuse_fact(words[-1])
    if len(words) == 2:
        kind, name = words
        return detail_of(plural(kind), name)
    name = words[0]
    if (kind := plural(name)) in KINDS:
        raise InputError(f"steppe show {name} needs a name: `steppe list {kind}` lists them.")
    found = kinds_with(name)
    if len(found) == 1:
        return detail_of(found[0], name)
    if found:
        raise InputError(f"{name!r} is one of the {' and of the '.join(found)}; name the kind before it.")
    everything = [*_WHOLES, *(known for kind in KINDS for known in names_of(kind))]
    hint = did_you_mean(name, everything, likeness=0.8)
    raise InputError(f"there is no {name!r}.{hint} `steppe list KIND` lists names; kinds: {', '.join(KINDS)}.")


def _schedule() -> list[dict[str, Any]]:
    """Return the rules of a quarter in their order."""
    from sim.rules.loops import loops_of
    from sim.rules.schedule import SCHEDULE, summary

    return [
        {
            "place": place,
            "name": rule.NAME,
            "summary": summary(rule),
            "reads": list(rule.READS),
            "writes": list(rule.WRITES),
            "draws": list(rule.DRAWS),
            "loops": list(loops_of(rule.NAME)),
        }
        for place, rule in enumerate(SCHEDULE, start=1)
    ]


def _rule_lines(rule: dict[str, Any]) -> list[str]:
    lines = [f"{rule['place']:>2}. {rule['name']}", *wrapped(rule["summary"], "    ")]
    for kind in ("reads", "writes", "draws"):
        lines += wrapped(", ".join(rule[kind]) or "nothing", f"    {kind:<7} ")
    lines += wrapped(", ".join(rule["loops"]), "    loops   ")
    return [*lines, ""]


def _show_schedule(call: Call) -> None:
    """Answer with the rules of a quarter."""
    rules = _schedule()
    call.answer({"schedule": rules}, [line for rule in rules for line in _rule_lines(rule)])


def _show_couplings(call: Call) -> None:
    """Answer with where the parts of the model meet."""
    rows = coupling_rows()
    call.answer({"couplings": rows}, [line for row in rows for line in coupling_lines(row)])


def _show_loops(call: Call) -> None:
    """Answer with the loops of the documents."""
    rows = loop_rows()
    call.answer({"loops": rows}, [line for row in rows for line in loop_lines(row)])


def _show_coverage(call: Call) -> None:
    """Answer with every mechanism and where it stands, and how many there are of each kind."""
    from sim.rules.coverage import KINDS as STANDINGS
    from sim.rules.coverage import counts, load_coverage

    rows, counted = covered_rows(), counts(load_coverage())
    lines = [line for row in rows for line in _covered_lines(row)]
    lines += ["", f"{len(rows)} mechanisms:"]
    lines += [f"{number:>4} {_spoken(kind):<9} {STANDINGS[kind]}" for kind, number in counted.items()]
    call.answer({"coverage": rows, "counts": counted}, lines)


def _covered_lines(row: dict[str, Any]) -> list[str]:
    neutral = ", ".join(f"{key}={value:g}" for key, value in row["neutral"].items())
    told = {"rules": ", ".join(row["rules"]), "neutral": neutral, "scenario": row["scenario"], "reason": row["reason"]}
    lines = [f"{row['number']:>3}. {row['title']}  ({_spoken(row['kind'])})"]
    for name, words in told.items():
        lines += wrapped(words, f"   {name:<9}") if words else []
    return lines


def _spoken(kind: str) -> str:
    return kind.replace("_", " ")


def _lines(detail: dict[str, Any]) -> list[str]:
    lines = [f"{detail['name']}  ({singular(detail['kind'])})"]
    for key, value in detail.items():
        if key in ("name", "kind", "facts") or value in (None, "", [], {}):
            continue
        lines += wrapped(_moves(value), "moves ") if key == "moves" else _field(key, value)
    if facts := detail.get("facts"):
        lines.append("rests on:")
        for fact in facts:
            lines += wrapped(f"{fact['id']} [{fact['source']}, {fact['confidence']}] {fact['claim']}", "  ")
    return lines


def _moves(moves: dict[str, Any]) -> str:
    """Return where a parameter's effect shows, such as `outcome x in free history, with group.name = 2`."""
    setting = dict(moves["setting"])
    history = setting.pop("history", None)
    with_what = ", ".join(f"{key} = {_text(value)}" for key, value in setting.items())
    where = f" in {history} history" if history else ""
    return f"outcome {moves['outcome']}{where}{', with ' + with_what if with_what else ''}"


def _field(key: str, value: Any) -> list[str]:
    if isinstance(value, str) and "\n" in value.strip():
        return [f"{key}:", textwrap.indent(value.strip(), "  ")]
    if isinstance(value, dict):
        return [f"{key}:", *(line for k, v in value.items() for line in wrapped(_text(v), f"  {k}: "))]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = [", ".join(f"{k} {_text(v)}" for k, v in row.items()) for row in value]
        return [f"{key}:", *(line for row in rows for line in wrapped(row, "  "))]
    return wrapped(_text(value), f"{key}: ")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


_WHOLES = {
    "schedule": _show_schedule,
    "couplings": _show_couplings,
    "loops": _show_loops,
    "coverage": _show_coverage,
}
"""What is shown whole, by the word that asks for it."""
