"""`steppe list`: what there is of a kind."""

from __future__ import annotations

from collections.abc import Mapping

from sim.commands.call import DONE, Call
from sim.commands.catalogue import KINDS, names_of, plural
from sim.errors import InputError

_KINDS_TEXT = "\n".join(f"  {name:<14} {kind.meaning}" for name, kind in KINDS.items())

HELP = f"""
usage: steppe list [KIND] [--json]

List everything of a kind, with one line each; without a kind, list the kinds. An outcome that ends in .<state> is one
of many, named with the code of each state; `steppe show outcome NAME` says which states those are.

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
    found, form = names_of(kind), KINDS[kind].form
    forms = {name: form(name) for name in found}
    width = min(44, max(map(len, forms.values()), default=0))
    lines = [f"{forms[name]:<{width}}  {line}".rstrip() for name, line in found.items()]
    call.answer({kind: _things(found, {name: form for name, form in forms.items() if form != name})}, lines)
    return DONE


def _things(found: Mapping[str, str], forms: Mapping[str, str] | None = None) -> list[dict[str, str]]:
    """Return a row for each name, with its form where that is another one."""
    others = {name: {"form": form} for name, form in (forms or {}).items()}
    return [{"name": name, "summary": line, **others.get(name, {})} for name, line in found.items()]
