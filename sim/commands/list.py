"""`steppe list`: what there is of a kind."""

from __future__ import annotations

from sim.commands.call import DONE, Call
from sim.commands.catalogue import KINDS, names_of, plural
from sim.errors import InputError

_KINDS_TEXT = "\n".join(f"  {name:<14} {kind.meaning}" for name, kind in KINDS.items())

HELP = f"""
usage: steppe list [KIND] [--json]

List everything of a kind, with one line each; without a kind, list the kinds.

kinds:
{_KINDS_TEXT}

examples:
  steppe list scenarios
  steppe list parameters --json
"""


def main(call: Call) -> int:
    """List the names of a kind."""
    if call.overrides or len(call.words) > 1:
        raise InputError(f"steppe list takes one kind: {', '.join(KINDS)}.")
    if not call.words:
        call.answer({"kinds": _things({k: kind.meaning for k, kind in KINDS.items()})}, HELP.strip().splitlines())
        return DONE
    kind = plural(call.words[0])
    found = names_of(kind)
    width = min(44, max(map(len, found), default=0))
    call.answer({kind: _things(dict(found))}, [f"{name:<{width}}  {line}".rstrip() for name, line in found.items()])
    return DONE


def _things(found: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "summary": line} for name, line in found.items()]
