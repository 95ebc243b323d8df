"""What is typed after `steppe run`: which keys there are, and overrides `key=value`, checked before Hydra reads them.

Keys that the user may set are `KEYS` and those of `FREE_KEYS`.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from sim.errors import InputError, did_you_mean
from sim.locations import CONFIGS
from sim.rules.couplings import held_of

KEYS = {
    "experiment": "experiment of configs/experiment/ to run",
    "scenario": "a scenario, a list [a,b] or a scenario file, in place of all arms of the experiment",
    "runs": "replications of each arm",
    "seed": "seed of all dice",
    "start": "first quarter, such as 1991Q1",
    "end": "last quarter, such as 2035Q4",
    "history": "replay or free: whether documented events happen on their dates",
    "theory.choice": "how governments choose suppliers and answer requests (steppe list theories)",
    "theory.restraint": "why patrons hold clients back",
    "theory.accusation": "why governments accuse",
    "worldview": "which contested claims hold: all, cautious, or those of one article (steppe list worldviews)",
    "engine": "how runs are spread: threads",
    "engine.threads": "number of threads; null: one for each CPU",
    "trajectories": "true, false or a list of addresses to store quarter by quarter",
    "trace": "true: keep the decision ledger of the first replication of each arm, as ledger.parquet",
    "report": "false: no figures and no report",
    "results_dir": "folder for results",
}
"""Keys of `steppe run` with one line each."""

FREE_KEYS = {
    "parameters.<group>.<name>": "value of a parameter, within its range (steppe list parameters)",
    "couplings.<name>": "held: a feedback between the parts of the model as in the base run",
    "rules.<folder>.<file>": "false: switch a mechanism off (steppe list rules)",
}

_RULES = Path(__file__).resolve().parent / "rules"


def rule_names() -> tuple[str, ...]:
    """Return the rules that can be switched, as `folder/file`, sorted."""
    files = (path for path in _RULES.glob("*/*.py") if not path.name.startswith("_"))
    return tuple(sorted(f"{path.parent.name}/{path.stem}" for path in files))


def check_coupling(name: str) -> None:
    """Raise InputError unless there is a coupling of this name."""
    if not name:
        raise InputError("couplings: write couplings.<name>=held. `steppe show couplings` lists all couplings.")
    held_of({name: "held"})


def dotted(override: str) -> str:
    """Return the override with dots in the key of a rule, where it may be written with a slash."""
    key, equals, value = override.partition("=")
    return key.replace("/", ".") + equals + value if key.startswith("rules.") else override


def check_key(override: str) -> None:
    """Raise InputError unless `override` reads `key=value` with a key that exists; parameters are checked later."""
    key, equals, _ = override.partition("=")
    if not equals:
        raise InputError(f"{override!r} is not key=value.")
    if key.startswith(("+", "~")):
        raise InputError(f"{override!r}: write {key.lstrip('+~')}=..., keys are neither added nor removed.")
    head, *rest = key.split(".")
    if head == "rules":
        check_rule(".".join(rest))
    elif head == "parameters":
        if len(rest) != 2 or not all(rest):
            hint = _parameter_named(".".join(rest)) or " `steppe list parameters` lists all parameters."
            raise InputError(f"{key!r}: write parameters.<group>.<name>=value.{hint}")
    elif head == "couplings":
        check_coupling(".".join(rest))
    elif key not in KEYS:
        below = " or ".join(repr(known) for known in KEYS if known.startswith(f"{key}."))
        hint = f" Did you mean {below}?" if below else _elsewhere(key) or did_you_mean(key, KEYS)
        raise InputError(f"unknown key {key!r}.{hint} `steppe run --help` lists all keys.")


def _elsewhere(key: str) -> str:
    """Return a hint where the key is that of a rule or a parameter without its prefix."""
    rule = key.replace("/", ".").removeprefix("rules.")
    if rule.replace(".", "/") in rule_names():
        return f" Did you mean 'rules.{rule}'?"
    if "." in key and (CONFIGS / "parameters" / f"{key.partition('.')[0]}.yaml").is_file():
        return f" Did you mean 'parameters.{key}'?"
    return _parameter_named(key, likeness=0.9)


def _parameter_named(name: str, likeness: float = 0.75) -> str:
    """Return a hint at the full keys of the parameters of this name, or of the nearest name."""
    from sim.parameters.register import load_register

    by_name: dict[str, list[str]] = {}
    for entry in load_register().entries.values():
        by_name.setdefault(entry.name, []).append(f"parameters.{entry.key}")
    near = difflib.get_close_matches(name, by_name, n=1, cutoff=likeness)
    return f" Did you mean {' or '.join(map(repr, by_name[near[0]]))}?" if near else ""


def check_rule(dotted: str) -> None:
    """Raise InputError unless there is a rule `folder.file`; one without a switch is named as such."""
    keys = {f"rules.{name.replace('/', '.')}" for name in rule_names()}
    if (key := f"rules.{dotted}".rstrip(".")) in keys:
        return
    if "/" not in dotted and dotted and (_RULES / f"{dotted}.py").is_file():
        raise InputError(f"{key}: this is part of every run and cannot be switched off.")
    same_file = [known for known in keys if known.rpartition(".")[2] == re.split("[./]", dotted)[-1]]
    hint = did_you_mean(key, same_file or (keys if dotted else ()), likeness=0.2 if same_file else 0.6)
    raise InputError(
        f"unknown rule {key!r}: write rules.<folder>.<file>=false.{hint} `steppe list rules` lists all rules."
    )


def single_choices(override: str, multirun: bool) -> list[str]:
    """Return the single overrides that a comma-separated one stands for."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import Glob
    from hydra.errors import HydraException

    key = override.partition("=")[0]
    try:
        parsed = OverridesParser.create().parse_overrides([override])[0]
    except HydraException as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{key}: the value cannot be read{_mended(override, reason)}") from error
    if isinstance(parsed.value(), Glob):
        raise InputError(f"{key}: patterns of names are not understood; list the values.")
    if not parsed.is_sweep_override():
        return [override]
    if not multirun:
        raise InputError(f"{override!r} has several values: write [a,b] for a list, or add -m to run each on its own.")
    return [f"{key}={value}" for value in parsed.sweep_string_iterator()]


def _mended(override: str, reason: str) -> str:
    """Return why an override cannot be read and what would be right: brackets in pairs, or quotes."""
    key, _, value = override.partition("=")
    opened, closed = value.count("["), value.count("]")
    if opened != closed:
        missing = "]" if opened > closed else "["
        return f": a {missing!r} is missing. Write a list without spaces, or in quotes: '{key}=[a,b]'."
    return f" ({reason}). Put it in quotes: '{key}=\"...\"'."
