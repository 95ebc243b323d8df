"""What can be listed and shown: for each kind its names, a line for each, and all that is known of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from sim.commands.groups import GROUP_KINDS, more_of_state
from sim.commands.tables import Detail, Kind, cited, ids, of_table, outcomes_declared, rows, states_of_outcome
from sim.commands.theories import THEORY_KINDS
from sim.commands.whatifs import KIND as WHATIFS
from sim.configuration import designs, engines, experiments
from sim.errors import InputError, did_you_mean
from sim.locations import CONFIGS

if TYPE_CHECKING:
    from sim.parameters.register import Register
    from sim.rules.coverage import Covered


EACH_STATE = "<state>"
"""What stands for the code of a state in the name of an outcome that every state has, or every reported one."""


def names_of(kind: str) -> Mapping[str, str]:
    """Return name → line of a kind; InputError with the nearest spelling where there is no such kind."""
    if kind not in KINDS:
        known = [*KINDS, *map(singular, KINDS)]
        facts = " `steppe evidence` finds facts." if kind in ("fact", "facts", "evidence") else ""
        hint = facts or did_you_mean(kind, known, likeness=0.75)
        raise InputError(f"there is no kind {kind!r}.{hint} Kinds: {', '.join(KINDS)}.")
    return _lines_of(kind)


@cache
def _lines_of(kind: str) -> Mapping[str, str]:
    """Return name → line of a kind that there is, made once: a name alone is looked for in every kind."""
    return MappingProxyType(dict(KINDS[kind].lines()))


def singular(kind: str) -> str:
    """Return the word for one thing of a kind."""
    return f"{kind.removesuffix('ies')}y" if kind.endswith("ies") else kind.removesuffix("s")


def plural(word: str) -> str:
    """Return the kind that a word names in the singular or in the plural; other words as they are."""
    return next((kind for kind in KINDS if singular(kind) == word), word)


def detail_of(kind: str, name: str) -> Detail:
    """Return all that is known of one thing; InputError with the nearest spelling where it is not there."""
    found = _find(kind, name)
    if found is None:
        hint = KINDS[kind].range or did_you_mean(name, names_of(kind), likeness=0.6)
        raise InputError(f"there is no {name!r} among the {kind}.{hint}")
    return {"kind": kind, "name": found, **KINDS[kind].detail(found)}


def kinds_with(name: str) -> list[str]:
    """Return the kinds in which there is a thing of that name; where there is none, of that name spelt otherwise.

    A group or state that has a part too is meant as itself.
    """
    own = [kind for kind in KINDS if not KINDS[kind].is_part]
    return [kind for kind in own if name in names_of(kind)] or [kind for kind in own if _find(kind, name)]


def refuse_fact(name: str) -> None:
    """Raise InputError for the id of a fact, which another command shows."""
    if re.fullmatch(r"[Ee]\d{4}", name):
        raise InputError(f"{name!r} is the id of a fact: `steppe evidence {name.upper()}` shows it.")


def _find(kind: str, name: str) -> str | None:
    """Return the name in the list of a kind, whatever its case or other spelling, or None."""
    known = names_of(kind)
    if name in known or (kind == "scenarios" and name.endswith((".yaml", ".yml"))):
        return name
    respelt = KINDS[kind].respelt(name)
    return {key.casefold(): key for key in known}.get(respelt.casefold())


def _read_yaml(folder: str, name: str) -> Detail:
    from sim.parameters.strict_yaml import read_mapping

    return {"file": f"configs/{folder}/{name}.yaml", **read_mapping(CONFIGS / folder / f"{name}.yaml")}


def _experiments() -> dict[str, str]:
    return {name: str(_read_yaml("experiment", name).get("question", "")) for name in experiments()}


def _first_lines(folder: str, names: Iterable[str]) -> dict[str, str]:
    """Return what the first line of each file says."""
    return {name: (CONFIGS / folder / f"{name}.yaml").read_text().splitlines()[0].lstrip("# ") for name in names}


def _engines() -> dict[str, str]:
    return _first_lines("engine", engines())


def _designs() -> dict[str, str]:
    return _first_lines("design", designs())


def _design(name: str) -> Detail:
    return {"meaning": _designs()[name], **_read_yaml("design", name)}


def _scenarios() -> dict[str, str]:
    from sim.scenario.reader import list_scenarios, load_scenario

    return {name: load_scenario(name).question for name in list_scenarios()}


@cache
def _register() -> Register:
    """Return the register, read once: that takes longer than all else that is shown of a parameter."""
    from sim.parameters.register import load_register

    return load_register()


def _parameters() -> dict[str, str]:
    shown = "{0.value:g} ({0.low:g} to {0.high:g}) {0.unit}: {0.meaning}"
    return {key: shown.format(entry) for key, entry in _register().entries.items()}


def _parameter(key: str) -> Detail:
    entry = _register().entries[key]
    told = entry.model_dump(mode="json", exclude={"name", "key"})
    taken_away = _titles(number for number, covered in _coverage().items() if key in covered.neutral)
    return {**told, "backing": entry.backing, "neutral for": taken_away, "facts": cited(entry.evidence)}


def _rules() -> dict[str, str]:
    from sim.rules.schedule import SCHEDULE, summary

    return {rule.NAME: summary(rule) for rule in SCHEDULE}


def _respelt_rule(name: str) -> str:
    """Return the `folder/file` of `folder.file`, or of a file's name that no other rule has."""
    slashed = name.replace(".", "/").casefold()
    named = [rule for rule in _rules() if rule.rpartition("/")[2] == slashed]
    return named[0] if len(named) == 1 else slashed


def _rule(name: str) -> Detail:
    from sim.rules.schedule import NAMES, SCHEDULE

    rule = SCHEDULE[NAMES.index(name)]
    group = name.rpartition("/")[2]
    text = (rule.__doc__ or "").strip()
    return {
        "file": f"sim/rules/{name}.py",
        "description": text,
        "mechanisms": _titles(
            number for number, covered in _coverage().items() if name in covered.rules and covered.kind != "later"
        ),
        "reads": list(rule.READS),
        "writes": list(rule.WRITES),
        "draws": list(rule.DRAWS),
        "parameters": [f"{group}.{parameter}" for parameter in _register().groups.get(group, ())],
        "facts": cited(ids(text)),
    }


def _coverage() -> Mapping[int, Covered]:
    from sim.rules.coverage import load_coverage

    return load_coverage()


def _titles(numbers: Iterable[int]) -> list[str]:
    from sim.evidence.loader import load_mechanisms

    return [f"{number} {load_mechanisms()[number].title}" for number in numbers]


def covered_rows() -> list[Detail]:
    """Return where every numbered mechanism stands: number, title, kind, rules, neutral, scenario and reason."""
    from sim.evidence.loader import load_mechanisms

    return [
        {
            "number": number,
            "title": load_mechanisms()[number].title,
            "kind": covered.kind,
            "rules": list(covered.rules),
            "neutral": dict(covered.neutral),
            "scenario": covered.scenario,
            "reason": covered.reason,
        }
        for number, covered in _coverage().items()
    ]


def _mechanisms() -> dict[str, str]:
    return {str(row["number"]): f"{row['title']} ({row['kind'].replace('_', ' ')})" for row in covered_rows()}


def _mechanism(name: str) -> Detail:
    from sim.evidence.loader import load_findings, load_mechanisms

    mechanism = load_mechanisms()[int(name)]
    row = covered_rows()[int(name) - 1]
    stands = {key: value for key, value in row.items() if key not in ("number", "title", "kind")}
    facts = [fact.id for fact in load_findings().values() if fact.mechanism in mechanism.keys]
    told = {"title": mechanism.title, "section": mechanism.section, "sentence": mechanism.sentence}
    return {**told, "coverage": row["kind"], **stands, "facts": cited(facts)}


def _outcomes() -> dict[str, str]:
    return {name: f"{entry['meaning']} ({entry['unit']})" for name, entry in outcomes_declared().items()}


def _outcome(name: str) -> Detail:
    told = {"file": "configs/world/default/outcomes.yaml", **outcomes_declared()[name]}
    states = list(states_of_outcome(name))
    return {**told, "full name": _form_of_outcome(name), "one for each of": states} if states else told


def _form_of_outcome(name: str) -> str:
    return f"{name}.{EACH_STATE}" if states_of_outcome(name) else name


def _respelt_outcome(name: str) -> str:
    """Return the outcome that is declared for every state at once where the name is that of one state, as `x.KAZ`."""
    stem, _, iso = name.partition(".")
    states = states_of_outcome(stem) if stem in outcomes_declared() else ()
    return stem if iso in states or (states and iso == EACH_STATE) else name


def _inject_kinds() -> dict[str, str]:
    from sim.scenario.injects import keys_of
    from sim.world.injects import KINDS as INJECTS

    told: dict[str, str] = {}
    for kind in INJECTS[1:]:
        keys = ", ".join(key for key, _ in keys_of(kind) if key) or "nobody"
        told[kind.name] = f"{kind.meaning} (names {keys}; {kind.low:g} to {kind.high:g}; {_lasting(kind.once)})"
    return told


def _inject_kind(name: str) -> Detail:
    from sim.scenario.injects import WITHOUT_STRENGTH, keys_of
    from sim.scenario.strategies import ACTS
    from sim.world.cooperation import ANSWERS
    from sim.world.cooperation import KINDS as INSTRUMENTS
    from sim.world.injects import CODES
    from sim.world.injects import KINDS as INJECTS

    kind = INJECTS[CODES[name]]
    of_table = {"kinds": ", ".join(INSTRUMENTS), "answers": ", ".join(ANSWERS)}
    names = {key: of_table.get(str(table), f"one of the {table}") for key, table in keys_of(kind) if key}
    keys = ["kind", *names, "start", *([] if kind.once else ["end"]), "strength"]
    if name in WITHOUT_STRENGTH:
        keys.remove("strength")
    return {
        "file": "sim/world/injects.py",
        "meaning": kind.meaning,
        "names": names,
        "low": kind.low,
        "high": kind.high,
        "lasts": _lasting(kind.once),
        "keys in a scenario": keys,
        "or in place of start": f"when, with from, by, times{'' if kind.once else ', for, until'} (docs/scenarios.md)",
        "an act of": sorted({act.by for act in ACTS.get(name, ())}),
    }


def _lasting(once: bool) -> str:
    return "once, in its first quarter" if once else "held from start until end"


def _firm_line(row: Mapping[str, str]) -> str:
    return f"home {row['home']}; sells {row['sectors'].replace(';', ', ') or 'nothing by itself'}"


def _more_of_firm(name: str) -> Detail:
    """Return what is not in the firm's own row: where it runs service and invests, and the rules it acts in."""
    from sim.rules.participants import rules_of_firm

    service = {row["iso"]: row["service"] for row in rows("operators", firm=name)}
    projects = {row["iso"]: row["presence"] for row in rows("projects", firm=name)}
    acts_in = list(rules_of_firm(name))
    return {"service (operators.csv)": service, "projects (projects.csv)": projects, "acts in": acts_in}


def _more_of_state(iso: str) -> Detail:
    """Return how the state stands to those who ask it for persons, its instruments, and its part among groups."""
    channels = rows("channels", state=iso) or rows("channels", state="*")
    asked = {"asked for persons (channels.csv)": channels, "instruments (treaties.csv)": rows("treaties", iso=iso)}
    return {**asked, **more_of_state(iso)}


def _legs_of(name: str) -> Detail:
    return {"legs from there (legs.csv)": rows("legs", start=name)}


def _scenario(name: str) -> Detail:
    from sim.commands.scenarios import of_scenario

    return of_scenario(name)


def _levers() -> dict[str, str]:
    from sim.commands.scenarios import list_levers

    return list_levers()


def _lever(name: str) -> Detail:
    from sim.commands.scenarios import of_lever

    return of_lever(name)


def _experiment(name: str) -> Detail:
    return _read_yaml("experiment", name)


def _engine(name: str) -> Detail:
    return _read_yaml("engine", name)


KINDS: dict[str, Kind] = {
    "scenarios": Kind("what may happen: injects on dates, and levers", _scenarios, _scenario),
    "levers": Kind("what can be set in a scenario, as scenario.lever, with its range", _levers, _lever),
    "whatifs": WHATIFS,
    "experiments": Kind("a question, its scenarios and what is kept of their runs", _experiments, _experiment),
    "parameters": Kind("numbers of the rules, with range and backing", _parameters, _parameter),
    **THEORY_KINDS,
    "rules": Kind("what is computed, in the order of a quarter", _rules, _rule, respelt=_respelt_rule),
    "mechanisms": Kind(
        "what the documents describe, by number, and where it stands", _mechanisms, _mechanism, " Numbers run 1 to 144."
    ),
    "injects": Kind("kinds of what a scenario does from outside", _inject_kinds, _inject_kind),
    "outcomes": Kind("what is kept of every run", _outcomes, _outcome, respelt=_respelt_outcome, form=_form_of_outcome),
    "designs": Kind("how further points are sampled, at which every scenario is run", _designs, _design),
    "engines": Kind("how runs are spread over a machine", _engines, _engine),
    "states": of_table(
        "states", "iso", "{name} ({region})".format_map, "governments: they buy, ask, answer", _more_of_state
    ),
    "firms": of_table("firms", "name", _firm_line, "sellers, operators, investors", _more_of_firm),
    "sectors": of_table("sectors", "key", "{name}".format_map, "what is sold"),
    "institutions": of_table("institutions", "short", "{name}".format_map, "organisations that states are members of"),
    "origins": of_table(
        "origins", "name", "asked for by {state}".format_map, "areas that people leave, and who asks for them"
    ),
    "nodes": of_table("nodes", "name", "in {state}".format_map, "places on the routes", _legs_of),
    **GROUP_KINDS,
}
"""Every kind; the names are those that `steppe list` takes."""
