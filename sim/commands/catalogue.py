"""What can be listed and shown: for each kind its names, a line for each, and all that is known of one."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.configuration import engines, experiments
from sim.errors import InputError, did_you_mean
from sim.locations import CONFIGS, TABLES

if TYPE_CHECKING:
    from sim.rules.coverage import Covered

Detail = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of thing: what it is, the line that each gets in a list, and what is shown of one."""

    meaning: str
    lines: Callable[[], Mapping[str, str]]
    detail: Callable[[str], Detail]
    range: str = ""
    """What names there are, said in place of the nearest spelling where they are numbers."""
    respelt: Callable[[str], str] = str
    """The name in a list that another spelling stands for; a spelling that stands for none as it is."""


def names_of(kind: str) -> Mapping[str, str]:
    """Return name → line of a kind; InputError with the nearest spelling where there is no such kind."""
    if kind not in KINDS:
        known = [*KINDS, *(plural.removesuffix("s") for plural in KINDS)]
        facts = " `steppe evidence` finds facts." if kind in ("fact", "facts", "evidence") else ""
        hint = facts or did_you_mean(kind, known, likeness=0.75)
        raise InputError(f"there is no kind {kind!r}.{hint} Kinds: {', '.join(KINDS)}.")
    return KINDS[kind].lines()


def detail_of(kind: str, name: str) -> Detail:
    """Return all that is known of one thing; InputError with the nearest spelling where it is not there."""
    found = _find(kind, name)
    if found is None:
        hint = KINDS[kind].range or did_you_mean(name, names_of(kind), likeness=0.6)
        raise InputError(f"there is no {name!r} among the {kind}.{hint}")
    return {"kind": kind, "name": found, **KINDS[kind].detail(found)}


def kinds_with(name: str) -> list[str]:
    """Return the kinds in which there is a thing of that name; where there is none, of that name spelt otherwise."""
    return [kind for kind in KINDS if name in names_of(kind)] or [kind for kind in KINDS if _find(kind, name)]


def refuse_fact(name: str) -> None:
    """Raise InputError for the id of a fact, which another command shows."""
    if re.fullmatch(r"[Ee]\d{4}", name):
        raise InputError(f"{name!r} is the id of a fact: `steppe evidence {name.upper()}` shows it.")


def _find(kind: str, name: str) -> str | None:
    """Return the name in the list of a kind, whatever its case or other spelling, or None."""
    known = names_of(kind)
    if name in known:
        return name
    respelt = KINDS[kind].respelt(name)
    return {key.casefold(): key for key in known}.get(respelt.casefold())


def _read_yaml(folder: str, name: str) -> Detail:
    from sim.parameters.strict_yaml import read_mapping

    return {"file": f"configs/{folder}/{name}.yaml", **read_mapping(CONFIGS / folder / f"{name}.yaml")}


def _experiments() -> dict[str, str]:
    return {name: str(_read_yaml("experiment", name).get("question", "")) for name in experiments()}


def _engines() -> dict[str, str]:
    return {name: (CONFIGS / "engine" / f"{name}.yaml").read_text().splitlines()[0].lstrip("# ") for name in engines()}


def _scenarios() -> dict[str, str]:
    from sim.scenario.reader import list_scenarios, load_scenario

    return {name: load_scenario(name).question for name in list_scenarios()}


def _parameters() -> dict[str, str]:
    from sim.parameters.register import load_register

    shown = "{0.value:g} ({0.low:g} to {0.high:g}) {0.unit}: {0.meaning}"
    return {key: shown.format(entry) for key, entry in load_register().entries.items()}


def _parameter(key: str) -> Detail:
    from sim.parameters.register import load_register

    entry = load_register().entries[key]
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
    from sim.parameters.register import load_register
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
        "parameters": [f"{group}.{parameter}" for parameter in load_register().groups.get(group, ())],
        "facts": cited(_ids(text)),
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


def _declared_outcomes() -> dict[str, dict[str, str]]:
    from sim.parameters.strict_yaml import read_mapping

    return read_mapping(TABLES / "outcomes.yaml")


def _outcomes() -> dict[str, str]:
    return {name: f"{entry['meaning']} ({entry['unit']})" for name, entry in _declared_outcomes().items()}


def _outcome(name: str) -> Detail:
    return {"file": "configs/world/default/outcomes.yaml", **_declared_outcomes()[name]}


def _respelt_outcome(name: str) -> str:
    """Return the outcome that is declared for every state at once where the name is that of one state, as `x.KAZ`."""
    stem, _, iso = name.partition(".")
    state = _table("states", "iso").get(iso)
    of = _declared_outcomes().get(stem, {}).get("of", "")
    every = "[**" in of or ("[*" in of and state is not None and state["reported"] == "yes")
    return stem if state is not None and every else name


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
    }


def _lasting(once: bool) -> str:
    return "once, in its first quarter" if once else "held from start until end"


def _table(table: str, key: str) -> dict[str, dict[str, str]]:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        return {row[key]: row for row in csv.DictReader(handle)}


def _more_of_firm(name: str) -> Detail:
    """Return what is not in the firm's own row: where it runs service and invests, and the rules it acts in."""
    from sim.rules.participants import rules_of_firm

    with (TABLES / "operators.csv").open(encoding="utf-8", newline="") as handle:
        service = {row["iso"]: row["service"] for row in csv.DictReader(handle) if row["firm"] == name}
    with (TABLES / "projects.csv").open(encoding="utf-8", newline="") as handle:
        projects = {row["iso"]: row["presence"] for row in csv.DictReader(handle) if row["firm"] == name}
    acts_in = list(rules_of_firm(name))
    return {"service (operators.csv)": service, "projects (projects.csv)": projects, "acts in": acts_in}


def _rows(table: str, **wanted: str) -> list[dict[str, str]]:
    """Return the rows of a table whose cells are these, without their sources."""
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if all(row[key] == text for key, text in wanted.items())]
    return [{key: text for key, text in row.items() if key != "source"} for row in rows]


def _more_of_state(iso: str) -> Detail:
    """Return how the state stands to those who ask it for persons, and its instruments with them."""
    channels = _rows("channels", state=iso) or _rows("channels", state="*")
    return {"asked for persons (channels.csv)": channels, "instruments (treaties.csv)": _rows("treaties", iso=iso)}


def _legs_of(name: str) -> Detail:
    return {"legs from there (legs.csv)": _rows("legs", start=name)}


def _of_table(table: str, key: str, words: str, meaning: str, more: Callable[[str], Detail] | None = None) -> Kind:
    def detail(name: str) -> Detail:
        row = dict(_table(table, key)[name])
        sources = row.pop("source", "")
        told = {column: value for column, value in row.items() if column != "name"}
        label = {"label": row["name"]} if key != "name" else {}
        file = f"configs/world/default/{table}.csv"
        extra = more(name) if more else {}
        return {
            "file": file,
            **label,
            **told,
            **extra,
            "sources": _by_attribute(sources),
            "facts": cited(_ids(sources)),
        }

    def lines() -> dict[str, str]:
        shown = _table(table, key)
        for row in shown.values():
            row["sells"] = row.get("sectors", "").replace(";", ", ") or "nothing by itself"
        return {name: words.format(**row) for name, row in shown.items()}

    return Kind(meaning, lines, detail)


def _by_attribute(sources: str) -> dict[str, str]:
    """Return attribute → source of a cell such as `price: E0098; quality: assumption: reason`."""
    parts = re.split(r";\s+(?=\w+: )", sources)
    return {part.partition(": ")[0].strip(): part.partition(": ")[2].strip() for part in parts if part.strip()}


def _ids(text: str) -> list[str]:
    """Return the ids of facts in a text, a range such as E0212-E0214 in full, each once."""
    found: list[str] = []
    for first, last in re.findall(r"(E\d{4})(?:\s*[-–]\s*(E\d{4}))?", text):
        end = int((last or first)[1:])
        found += [f"E{number:04d}" for number in range(int(first[1:]), end + 1)]
    return list(dict.fromkeys(found))


def cited(ids: tuple[str, ...] | list[str]) -> list[dict[str, str]]:
    """Return the facts of these ids, with claim, place and grade; those that do not exist are left out."""
    from sim.evidence.loader import load_findings

    findings = load_findings()
    return [
        {"id": fact.id, "source": fact.citation, "confidence": fact.confidence, "claim": fact.claim}
        for fact in (findings[identity] for identity in ids if identity in findings)
    ]


def _scenario(name: str) -> Detail:
    from sim.scenario.reader import load_scenario

    load_scenario(name)
    return _read_yaml("scenario", name)


def _experiment(name: str) -> Detail:
    return _read_yaml("experiment", name)


def _engine(name: str) -> Detail:
    return _read_yaml("engine", name)


KINDS: dict[str, Kind] = {
    "scenarios": Kind("what may happen: injects on dates, and levers", _scenarios, _scenario),
    "experiments": Kind("a question, its scenarios and what is kept of their runs", _experiments, _experiment),
    "parameters": Kind("numbers of the rules, with range and backing", _parameters, _parameter),
    "rules": Kind("what is computed, in the order of a quarter", _rules, _rule, respelt=_respelt_rule),
    "mechanisms": Kind(
        "what the documents describe, by number, and where it stands", _mechanisms, _mechanism, " Numbers run 1 to 144."
    ),
    "injects": Kind("kinds of what a scenario does from outside", _inject_kinds, _inject_kind),
    "outcomes": Kind("what is kept of every run", _outcomes, _outcome, respelt=_respelt_outcome),
    "engines": Kind("how runs are spread over a machine", _engines, _engine),
    "states": _of_table("states", "iso", "{name} ({region})", "governments: they buy, ask, answer", _more_of_state),
    "firms": _of_table("firms", "name", "home {home}; sells {sells}", "sellers, operators, investors", _more_of_firm),
    "sectors": _of_table("sectors", "key", "{name}", "what is sold"),
    "institutions": _of_table("institutions", "short", "{name}", "organisations that states are members of"),
    "origins": _of_table("origins", "name", "asked for by {state}", "areas that people leave, and who asks for them"),
    "nodes": _of_table("nodes", "name", "in {state}", "places on the routes", _legs_of),
}
"""Every kind; the names are those that `steppe list` takes."""
