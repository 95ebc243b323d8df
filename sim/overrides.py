"""What is typed after `steppe run`: which keys there are, and overrides `key=value`, checked before Hydra reads them.

Keys that the user may set are `KEYS` and those of `FREE_KEYS`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
    "engine": "how runs are spread: threads, processes or dask; never changes a result",
    "engine.threads": "number of threads; null: one for each CPU",
    "engine.workers": "number of worker processes (processes, dask); null: one for each CPU",
    "engine.time_limit": "seconds that one run may take (processes, dask); null: no limit",
    "engine.address": "address of a running Dask scheduler, such as tcp://10.0.0.1:8786",
    "engine.scheduler_file": "file in which a running Dask scheduler says where it is",
    "engine.shard_runs": "most runs in a shard; null: as many as suit the size of the plan",
    "design": "how further points are sampled (steppe list designs)",
    "design.n": "size of the design; what it counts depends on the method",
    "design.seed": "seed of the design's own sampling; the dice of runs are thrown by seed",
    "design.table": "CSV or Parquet file with a row a point, for design=table",
    "shard": "3/16: run only the third of sixteen shares, in a folder of its own (steppe merge joins them)",
    "plan": "true: tell runs, time and disk that it will take, measured by a short trial, and stop",
    "retry": "true: run again what failed",
    "max_runs": "most replications of an arm that precision may ask for",
    "trajectories": "true: store every run's series; false: bands over runs alone; "
    "or those of these addresses: ['states[KAZ].dependence[CHN]']",
    "trace": "true: keep the decision ledger of the first replication of each arm, as ledger.parquet",
    "report": "false: no figures and no report",
    "results_dir": "folder for results",
}
"""Keys of `steppe run` with one line each."""

FREE_KEYS = {
    "parameters.<group>.<name>": "value of a parameter, within its range (steppe list parameters)",
    "levers.<scenario>.<lever>": "value of a scenario's lever, within its range (steppe list levers)",
    "couplings.<name>": "held: a feedback between the parts of the model as in the base run",
    "rules.<folder>.<file>": "false: switch a mechanism off (steppe list rules)",
    "design.over": "factors of the design, each over its whole range: [tenders.weight_price,theory.choice]",
    "design.over.<key>": "what one factor may be: [low,high], {levels:[...]}, a list of names, or all",
    "precision.<outcome>": "half-width wanted of the 95 % interval of its mean in every arm: adds replications",
}

OVER = "design.over"
"""Key of a design's factors, which are checked where they are read."""

_ADDRESS = re.compile(r"\w+(?:\[[^\]]*\])?\.\w+(?:\[[^\]]*\])?")
"""Address of a number in the world, as `trajectories=` takes it."""

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
    return key.replace("/", ".") + equals + value if key.startswith(("rules.", f"{OVER}.rules.")) else override


NEAR = 0.7
"""How alike a key has to be to one that is not known for it to be suggested."""


def check_key(override: str, command: str = "run") -> None:
    """Raise InputError unless `override` reads `key=value` with a key that exists; parameters are checked later.

    `command` is the one whose help lists the keys.
    """
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
    elif head == "levers":
        if len(rest) != 2 or not all(rest):
            raise InputError(
                f"{key!r}: write levers.<scenario>.<lever>=value, a scenario of your own by its name. "
                "`steppe list levers` lists those of the shipped scenarios."
            )
    elif head == "couplings":
        check_coupling(".".join(rest))
    elif head == "precision":
        if not all(rest) or not rest:
            raise InputError(
                f"{key!r}: write precision.<outcome>=half-width, such as precision.dependence_china.KAZ=0.01."
            )
    elif key == f"{OVER}.":
        raise InputError(f"{key!r}: write {OVER}.<key>=[low,high], such as {OVER}.tenders.weight_price=[0.2,0.8].")
    elif key not in KEYS and key != OVER and not key.startswith(f"{OVER}."):
        below = " or ".join(repr(known) for known in KEYS if known.startswith(f"{key}."))
        hint = _elsewhere(key) or _beginning(key) or did_you_mean(key, (*KEYS, OVER), NEAR)
        hint = f" Did you mean {below}?" if below else hint
        raise InputError(f"unknown key {key!r}.{hint} `steppe {command} --help` lists all keys.")


def _elsewhere(key: str) -> str:
    """Return a hint where the key is that of a rule, a parameter or a lever without its prefix."""
    rule = key.replace("/", ".").removeprefix("rules.")
    if rule.replace(".", "/") in rule_names():
        return f" Did you mean 'rules.{rule}'?"
    if "." in key and (CONFIGS / "parameters" / f"{key.partition('.')[0]}.yaml").is_file():
        return f" Did you mean 'parameters.{key}'?"
    if "." in key and (CONFIGS / "scenario" / f"{key.partition('.')[0]}.yaml").is_file():
        return f" Did you mean 'levers.{key}'?"
    return _parameter_named(key, likeness=0.9)


def _beginning(key: str) -> str:
    """Return a hint where a key begins nearly as one of `FREE_KEYS`: with `precison.` for `precision.`."""
    head, _, rest = key.partition(".")
    heads = {known.partition(".")[0]: known for known in FREE_KEYS if rest or known.partition(".")[0] not in KEYS}
    near = [name for name in difflib.get_close_matches(head, heads, n=1, cutoff=0.75) if name != head]
    return f" Did you mean {f'{near[0]}.{rest}' if rest else heads[near[0]]!r}?" if near else ""


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

    key, _, value = override.partition("=")
    plain = f"over={value}" if key.startswith(OVER) else override  # its keys may hold patterns, which Hydra's may not
    try:
        parsed = OverridesParser.create().parse_overrides([plain])[0]
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
    if key == "trajectories" and (addresses := _ADDRESS.findall(value)):
        listed = ",".join(f'"{address}"' for address in addresses)
        return f" ({reason}). Put each address in quotes, and the whole in others: '{key}=[{listed}]'."
    opened, closed = value.count("["), value.count("]")
    if opened != closed:
        missing = "]" if opened > closed else "["
        return f": a {missing!r} is missing. Write a list without spaces, or in quotes: '{key}=[a,b]'."
    return f" ({reason}). Put it in quotes: '{key}=\"...\"'."


def factors_typed(overrides: Sequence[str], shipped: Any) -> Any:
    """Return the factors of a design: those of the experiment as shipped, with what was typed in their place.

    `design.over=` replaces all of them, `design.over.<key>=` one.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    parser = OverridesParser.create()
    factors = shipped
    for text in sorted((text for text in overrides if text.startswith(OVER)), key=lambda text: text.partition("=")[0]):
        key, _, value = text.partition("=")
        typed = parser.parse_overrides([f"over={value}"])[0].value()
        if key == OVER:
            factors = typed
        else:
            known = [factors] if isinstance(factors, str) else factors
            factors = {
                **(known if isinstance(known, dict) else dict.fromkeys(known, "all")),
                key[len(OVER) + 1 :]: typed,
            }
    return factors
