"""What was typed: a command, bare words, `key=value` overrides and flags; and what the exit status says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.commands.progress import show
from sim.errors import InputError, did_you_mean, twice

DONE, CHECK_FAILED, BAD_INPUT, INTERRUPTED = range(4)
"""Exit status: done; a check failed; bad input; interrupted, and the same command resumes."""

COMMANDS = {
    "run": "run an experiment and write its results, figures and report",
    "list": "list scenarios, parameters, rules, mechanisms, injects, outcomes, states, firms and what else there is",
    "show": "show one of these with its sources, or the schedule of a quarter",
    "compare": "set scenarios or results against each other on the same dice: what moves, when, and by whom",
    "verify": "check results: every file against its checksum, and runs made again and compared",
    "rerun": "make one run of results again, alone, with its decision ledger",
    "export": "write results in the formats of pandas, xarray and R, and as an RO-Crate",
    "status": "tell how far a sweep is, from any terminal, without disturbing it",
    "merge": "join shares of a sweep that were run on machines that share nothing",
    "evidence": "find facts of the documents, and check what the parameters rest on",
}
"""Every command with one line; a command is the file of its name in `sim/commands/`."""

_SHORT = {"-h": "--help", "-m": "--multirun"}
_FLAGS_OF = {"run": ("--json", "--help", "--multirun")}
_USUAL_FLAGS = ("--json", "--help")


@dataclass(frozen=True)
class Call:
    """What was typed after a command: bare words, `key=value` overrides, and flags."""

    command: str
    words: tuple[str, ...]
    overrides: tuple[str, ...]
    flags: frozenset[str]

    @property
    def as_json(self) -> bool:
        """Whether one JSON object is wanted on standard output."""
        return "--json" in self.flags

    def options(self, known: Mapping[str, str]) -> dict[str, str]:
        """Return the value of every key that was typed, of those `known`, each with one line.

        InputError for an unknown key (nearest spelling), for one that is given twice, and for one without a value.
        """
        found: dict[str, str] = {}
        for override in self.overrides:
            key, _, text = override.partition("=")
            value = text.strip("'\" ")
            if key not in known:
                hint = did_you_mean(key, known)
                raise InputError(f"steppe {self.command}: unknown key {key!r}.{hint} Keys: {', '.join(known)}.")
            if not value:
                raise InputError(f"{key}=: is empty; {known[key]}.")
            if key in found:
                raise twice(key, found[key], value)
            found[key] = value
        return found

    def answer(self, content: dict[str, Any], lines: Sequence[str]) -> None:
        """Print the JSON object where it is wanted, else the lines; Unprinted where that cannot be done."""
        show(json.dumps(content, ensure_ascii=False) if self.as_json else "\n".join(lines))


def parse(arguments: Sequence[str]) -> Call:
    """Return the call that the arguments make; InputError for an unknown command or flag (nearest spelling)."""
    command, *rest = arguments
    if command not in COMMANDS:
        hint = did_you_mean(command, COMMANDS)
        raise InputError(f"unknown command {command!r}.{hint} Commands: {', '.join(COMMANDS)}.")
    known = _FLAGS_OF.get(command, _USUAL_FLAGS)
    flags = [_SHORT.get(text, text) for text in rest if text.startswith("-")]
    for flag in flags:
        if flag not in known:
            hint = _as_key(command, flag) or did_you_mean(flag, known)
            raise InputError(f"steppe {command}: unknown flag {flag!r}.{hint}")
    plain = [text for text in rest if not text.startswith("-")]
    overrides = tuple(text for text in plain if "=" in text)
    return Call(command, tuple(text for text in plain if "=" not in text), overrides, frozenset(flags))


def _as_key(command: str, flag: str) -> str:
    """Return a hint at the key of a run whose name was typed as a flag, or an empty string."""
    from sim.commands.compare import ELSEWHERE
    from sim.overrides import KEYS

    name, _, value = flag.lstrip("-").partition("=")
    known = {"run": KEYS.keys(), "compare": KEYS.keys() - ELSEWHERE.keys()}.get(command, ())
    if name not in known:
        return ""
    if not value:
        from sim.commands.run import EXAMPLES

        value = EXAMPLES.get(name, "...")
    return f" Did you mean '{name}={value}'? Keys are typed without dashes."
