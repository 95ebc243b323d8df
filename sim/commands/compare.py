"""`steppe compare`: scenarios or results against the first of them on the same dice: what moves, when, by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import DONE, Call
from sim.commands.run import run_campaign
from sim.configuration import Job, read_jobs
from sim.errors import InputError
from sim.overrides import FREE_KEYS, KEYS, check_key, dotted
from sim.results.schema import COMPARISON

if TYPE_CHECKING:
    from sim.ensemble.prepare import Prepared
    from sim.report.comparable import Source
    from sim.results.store import Result

Manifest = Mapping[str, Any]

RUNS = 100
"""Runs of each scenario, unless told otherwise."""

SERIES = 400
"""Most runs of all scenarios together of which series are made: some 120 MB."""

SHOWN = 5
"""Families of outcomes that the answer on the screen names for each scenario."""

_EFFORT = "restraint/patron_effort"

ELSEWHERE = {
    "scenario": "name the scenarios themselves: steppe compare baseline western_sanctions.",
    "experiment": "scenarios are compared, not experiments; `steppe run experiment=...` runs one.",
    "trajectories": "series are made of what moves; `steppe run trajectories=...` stores others.",
    "report": "a comparison always writes its page.",
    "trace": "`steppe run trace=true` keeps the ledger.",
    "shard": "a comparison is made in one place; `steppe run shard=...` runs a share.",
}
"""Keys of `steppe run` that mean nothing here, and what to do instead."""

_KEYS_TEXT = "\n".join(
    f"  {key:<28} {line}" for key, line in (KEYS | FREE_KEYS).items() if key not in ELSEWHERE
)  # fmt: skip

HELP = f"""
usage: steppe compare A B ... [key=value ...] [--json]
       steppe compare FOLDER [FOLDER ...] [results_dir=...] [--json]

Set scenarios against the first of them, replication by replication on the same dice: every outcome's paired difference
with its interval, ranked by standardised size, when it opens, and which actors carry it. Writes one page that needs no
internet to <results_dir>/{COMPARISON}/<id>/, with figures, differences.csv and comparison.json beside it. The same
command runs nothing twice.

A, B ... are scenarios (steppe list scenarios) or scenario files, such as ./mine.yaml. Or they are folders of results:
one with several scenarios, or several, each as FOLDER or FOLDER:SCENARIO. What cannot be compared is refused, with the
reason: other dice, window, history, tables or model; or settings that differ besides the scenario.

keys (of scenarios; runs= is {RUNS} unless told otherwise):
{_KEYS_TEXT}

examples:
  steppe compare baseline western_sanctions idlib_falls
  steppe compare baseline ./mine.yaml runs=300 seed=7 --json
  steppe compare baseline vendor_outage parameters.tenders.weight_price=0.8
  steppe compare results/reference/4f0c2a91b7de
  steppe compare results/with/reference/1a2b3c4d5e6f results/without/reference/6f5e4d3c2b1a

--json           print digest, results, report and the row of every outcome as one JSON object
"""


def main(call: Call) -> int:
    """Compare scenarios or results, write the page and answer."""
    folders = [word for word in call.words if _is_folder(word)]
    if folders and len(folders) < len(call.words):
        other = next(word for word in call.words if word not in folders)
        raise InputError(f"{folders[0]} is a folder of results and {other} a scenario: compare the one or the other.")
    if twice := [word for word in call.words if call.words.count(word) > 1]:
        raise InputError(f"{twice[0]} is given twice: nothing differs between a scenario and itself.")
    if len(call.words) < (1 if folders else 2):
        raise InputError("steppe compare takes two scenarios or more: steppe compare baseline western_sanctions")
    answer = _of_results(call) if folders else _of_scenarios(call)
    call.answer(answer, _lines(answer))
    return DONE


def _is_folder(word: str) -> bool:
    """Return whether a word means a folder of results: no scenario has its name, and it is a path or there."""
    from sim.scenario.reader import list_scenarios

    if word in list_scenarios() or word.endswith((".yaml", ".yml")):
        return False
    return "/" in word or ":" in word or Path(word).is_dir()


def _of_scenarios(call: Call) -> dict[str, Any]:
    """Run the scenarios as one campaign, or find its runs, and write the page into its folder."""
    from sim.results.store import open_result

    job = _job(call)
    rows: dict[str, Any] = {}

    def write(result: Result, prepared: Prepared) -> None:
        rows.update(_write(result, prepared))

    answer = run_campaign(job, call.as_json, write)
    if "plan" in answer:
        return answer
    folder = Path(answer["results"])
    if not rows:
        rows = _kept(folder)
    return {**answer, **_of_page(rows, [open_result(folder).manifest])}


def _job(call: Call) -> Job:
    """Return the campaign that the words and overrides ask for."""
    for override in call.overrides:
        key = override.partition("=")[0]
        if key in ELSEWHERE:
            raise InputError(f"{key}=: {ELSEWHERE[key]}")
        check_key(dotted(override), call.command)
    _check_distinct(call.words)
    named = ",".join("'" + word.replace("'", "\\'") + "'" for word in call.words)
    runs = [] if any(text.startswith("runs=") for text in call.overrides) else [f"runs={RUNS}"]
    job = read_jobs([f"scenario=[{named}]", *runs, *call.overrides], multirun=False)[0]
    own = {
        "name": COMPARISON,
        "title": "Comparison",
        "question": "What differs between these scenarios on the same dice, when, and by whom?",
        "columns": (),
        "measure": (),
        "figures": (),
        "pair": () if _EFFORT in job.config.switched_off() else (_EFFORT,),
    }
    return Job(job.overrides, job.config.model_copy(update=own))


def _check_distinct(words: Sequence[str]) -> None:
    """Raise InputError for an unknown scenario (nearest spelling), and where two set the same."""
    from sim.scenario.reader import load_scenario

    seen: list[tuple[str, Any]] = []
    for word in words:
        scenario = load_scenario(word, place=word)
        orders = [(s.actor, s.budget, [order for _, order in s.orders]) for s in scenario.strategies]
        sets = ([entry for _, entry in scenario.injects], orders, scenario.parameters)
        if twin := next((other for other, earlier in seen if earlier == sets), None):
            raise InputError(f"{twin} and {word} set the same: nothing differs between them.")
        seen.append((word, sets))


def _write(result: Result, prepared: Prepared) -> dict[str, Any]:
    """Write the page of a campaign; return what comparison.json holds."""
    from sim.ensemble.series import record_series
    from sim.report.comparable import check, scenarios, side_by_side, source
    from sim.report.comparison import write_comparison

    sources = [source(result, name) for name in scenarios(result)]
    check(sources)
    study = side_by_side(sources, prepared.world)
    n = min(SERIES // len(sources), result.manifest["counts"]["replications"])
    return write_comparison(
        study,
        result.path,
        prepared.world,
        prepared.register,
        prepared.config.scenarios,
        lambda addresses: record_series(prepared, addresses, n),
    )


def _kept(folder: Path) -> dict[str, Any]:
    """Return what comparison.json of a larger comparison holds, which stays as it is."""
    import json

    from sim.report.comparison import DATA

    content: dict[str, Any] = json.loads((folder / DATA).read_text(encoding="utf-8"))
    return content


def _of_results(call: Call) -> dict[str, Any]:
    """Compare results as they stand, and write the page into a folder of its own."""
    from sim.results.store import open_result

    place = _place(call)
    named = [(open_result(folder).unsampled, scenario) for folder, scenario in map(folder_of, call.words)]

    from sim.parameters.register import load_register
    from sim.report.comparable import check, digest_of_sources, side_by_side
    from sim.report.comparison import write_comparison
    from sim.results.files import held
    from sim.results.schema import REPORT
    from sim.world.build import build_world

    sources = _sources(named)
    check(sources)
    digest = digest_of_sources(sources)
    folder = place / COMPARISON / digest[:12]
    asked = dict.fromkeys(name for s in sources for name in s.result.manifest["config"]["scenarios"])
    world = build_world()
    study = side_by_side(sources, world)
    with held(folder):
        rows = write_comparison(study, folder, world, load_register(), asked)
    report = str(folder / REPORT)
    facts = study.provenance
    told = {"question": facts.question, "seed": int(facts.seed), "model_version": facts.version}
    told |= {"source_hash": facts.source_hash, "caveats": list(facts.caveats)}
    told |= _of_page(rows, [result.manifest for result, _ in named])
    return {"digest": digest, "results": str(folder), "report": report, "experiment": COMPARISON, **told}


def _place(call: Call) -> Path:
    """Return the folder for results; InputError for any other key, since results are as they were run."""
    place = "results"
    for override in call.overrides:
        check_key(dotted(override), call.command)
        key, _, value = override.partition("=")
        if key != "results_dir":
            raise InputError(f"{key}=: results are compared as they were run; only results_dir= can be set.")
        place = value.strip("'\"")
    return Path(place).expanduser()


def folder_of(word: str) -> tuple[Path, str | None]:
    """Return folder and scenario of `FOLDER` or `FOLDER:SCENARIO`."""
    if Path(word).is_dir():
        return Path(word), None
    folder, colon, scenario = word.rpartition(":")
    return (Path(folder), scenario) if colon else (Path(word), None)


def _sources(named: Sequence[tuple[Result, str | None]]) -> list[Source]:
    """Return the scenario of each result, or all scenarios of a single one, the baseline first."""
    from sim.report.comparable import scenarios, source

    if len(named) > 1:
        return [source(result, scenario) for result, scenario in named]
    result, scenario = named[0]
    known = sorted(scenarios(result), key=lambda name: name != "baseline")
    if scenario is not None or len(known) < 2:
        raise InputError(f"{result.path}: one scenario ({scenario or ', '.join(known)}) has nothing to be set against; "
                         "name another folder, or run two scenarios: steppe compare A B.")  # fmt: skip
    return [source(result, name) for name in known]


def _of_page(content: dict[str, Any], manifests: Sequence[Manifest]) -> dict[str, Any]:
    """Return the answer of what a page holds, and what of these results does not stand on it."""
    told = {"compared": content["scenarios"], "expectations": content["expectations"], "rows": content["rows"]}
    pairs = max((row["n_pairs"] for row in content["rows"]), default=0)
    left_out = list(dict.fromkeys(words for manifest in manifests for words in left_out_of(manifest)))
    return {"base": content["base"], "pairs": pairs, "left_out": left_out, **told}


def left_out_of(manifest: Manifest) -> list[str]:
    """Return in words which runs of a result are not compared: sampled points, variants, the other history."""
    from sim.results.schema import DEFAULT_POINT, PAIRED_POINT

    sampled = (manifest.get("design") or {}).get("points", 0)
    points = {arm["point"] for arm in manifest["arms"]} - {DEFAULT_POINT, PAIRED_POINT}
    histories = {arm["history"] for arm in manifest["arms"] if arm["point"] == DEFAULT_POINT}
    found = [_counted(sampled, "sampled point"), _counted(len(points), "variant")]
    return [words for words in (*found, "the free history" if len(histories) > 1 else "") if words]


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' if n > 1 else ''}" if n else ""


def _lines(answer: dict[str, Any]) -> list[str]:
    """Return the answer as it is read on a screen: what moves most under each scenario, and where the page is."""
    if "plan" in answer:
        return [*answer["told"], f"results  {answer['results']} (nothing is written)"]
    lines = []
    if answer["left_out"]:
        pairs = _counted(answer["pairs"], "pair") or "no pairs"
        lines.append(f"{pairs} at the default point; left out: {', '.join(answer['left_out'])}")
    for told in answer["compared"]:
        rest = f"{told['still']} do not, {told['undecided']} are undecided"
        lines.append(f"{told['title']}: {told['moved']} of {told['outcomes']} outcomes move, {rest}")
        for row in told["families"][:SHOWN]:
            size = "" if row["standardised"] is None else f"{row['standardised']:+.2f} sd"
            lines.append(f"  {size:>10}  {row['opens'] or '-':<6}  {row['words']}: {row['mean']:+.3g} {row['unit']}")
        for one in (one for one in answer["expectations"] if one["title"] == told["title"]):
            lines.append(f"  expected: {one['outcome']} {one['change']}: {one['verdict']} ({one['difference']})")
    return [*lines, f"report   {answer['report']}", f"results  {answer['results']}", f"digest   {answer['digest']}"]
