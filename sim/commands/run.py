"""`steppe run`: run a campaign, draw its figures, write its report, seal its folder."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import BAD_INPUT, CHECK_FAILED, DONE, INTERRUPTED, Call
from sim.commands.progress import Progress, tell
from sim.configuration import Job, read_jobs
from sim.errors import AllFailed, Halted, InputError
from sim.locations import CONFIGS
from sim.overrides import FREE_KEYS, KEYS
from sim.results.schema import REPORT
from sim.settings import Config

if TYPE_CHECKING:
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.checks import Inputs
    from sim.ensemble.finalise import WritePage
    from sim.ensemble.plan import Shard
    from sim.ensemble.prepare import Prepared
    from sim.ensemble.receipts import Survey
    from sim.results.store import Result

_KEYS_TEXT = "\n".join(f"  {key:<28} {line}" for key, line in (KEYS | FREE_KEYS).items())

HELP = f"""
usage: steppe run [key=value ...] [-m] [--json]

Run an experiment and write its results, figures and report to <results_dir>/<experiment>/<id>/. Without keys it
runs the reference experiment. The same command resumes what was interrupted and runs nothing twice; what is finished
it leaves as it is (take report.html away, and it is made anew). A larger runs= adds to what is there, and a smaller one
finds its runs there and leaves the larger result as it is. With shard=3/16 only the third of sixteen equal shares is
run, into a folder of its own; steppe merge joins them. Runs that fail are left out and named with the command that
repeats them; the exit status is then 1. Where all runs fail there is no digest and no report; what is known of them is
kept for retry=true.

keys:
{_KEYS_TEXT}

A value of parameters. holds for every scenario but one that sets the parameter in its own file: that is what the
scenario is about, and it stays (a message says so; where no run would be left for the value, it is refused).
With precision.<outcome>=half-width, runs= is where each arm begins: it gets more replications until the mean is known
that well, or max_runs is reached: then the last lines say what is wider than wanted; the result is whole, and the exit
status 0. A stem, such as precision.dependence_china, stands for that outcome of every state.
With trace=true, ledger.parquet tells every act, event and choice of replication 0 of each arm, and what it rests on;
tracing changes no result.

examples:
  steppe run
  steppe run scenario=vendor_outage runs=500 seed=7 --json
  steppe run 'scenario=[baseline,my_scenario.yaml]' report=false
  steppe run parameters.tenders.weight_price=0.8 rules.technology.sanctions=false
  steppe run scenario=vendor_outage runs=1 trace=true
  steppe run runs=50 precision.dependence_china.KAZ=0.002 max_runs=2000
  steppe run runs=5000 shard=3/16
  steppe run design=sobol design.n=256 'design.over=[tenders.weight_price,theory.choice]' plan=true
  steppe run -m history=replay,free      each value on its own; the exit status is the worst

-m, --multirun   run once for each combination of comma-separated values
--json           print digest, results and counts as one JSON object
"""

EXAMPLES = {
    "experiment": "reference",
    "scenario": "baseline",
    "runs": "200",
    "seed": "1",
    "start": "1991Q1",
    "end": "2035Q4",
    "history": "free",
    "max_runs": "5000",
    "theory.choice": "imitation",
    "theory.restraint": "reputation",
    "theory.accusation": "diversion",
    "worldview": "cautious",
    "engine": "threads",
    "engine.threads": "2",
    "engine.shard_runs": "100",
    "engine.workers": "4",
    "engine.time_limit": "60",
    "engine.address": "tcp://10.0.0.1:8786",
    "engine.scheduler_file": "scheduler.json",
    "design": "none",
    "design.n": "null",
    "design.seed": "0",
    "design.table": "null",
    "plan": "true",
    "trajectories": "false",
    "trace": "true",
    "shard": "3/16",
    "retry": "true",
    "report": "false",
    "results_dir": "results",
}
"""A value that each key takes."""

_STATUS_OF = {InputError: BAD_INPUT, Halted: INTERRUPTED, AllFailed: CHECK_FAILED}


def main(call: Call) -> int:
    """Run the campaign, or with `-m` one after another; return the worst status."""
    if call.words:
        raise InputError(f"{call.words[0]!r} is not key=value.{_with_value(call.words[0])}")
    jobs = read_jobs(call.overrides, "--multirun" in call.flags)
    if "--multirun" not in call.flags:
        answer = run_campaign(jobs[0], call.as_json, is_alone=True)
        call.answer(answer, _lines(answer))
        return _status(answer)
    return _run_all(jobs, call)


def _with_value(word: str) -> str:
    """Return a hint at what a word without `=` may stand for: `seed` for `seed=1`, a scenario's name for its key."""
    from sim.scenario.reader import list_scenarios

    if word in list_scenarios():
        return f" Did you mean 'scenario={word}'?"
    near = difflib.get_close_matches(word, EXAMPLES, n=1)
    return f" Did you mean '{near[0]}={EXAMPLES[near[0]]}'?" if near else ""


def _status(answer: dict[str, Any]) -> int:
    """Return the exit status: a campaign with runs that failed is no success, though all others are there."""
    return CHECK_FAILED if answer.get("failed") else DONE


def _run_all(jobs: list[Job], call: Call) -> int:
    """Run every job, go on after bad input of one, and return the worst status."""
    answers: list[dict[str, Any]] = []
    worst = DONE
    for job in jobs:
        tell(" ".join(job.overrides))
        try:
            answer = run_campaign(job, call.as_json)
            answer["status"] = _status(answer)
        except tuple(_STATUS_OF) as error:
            status = next(status for kind, status in _STATUS_OF.items() if isinstance(error, kind))
            answer = {"error": str(error), "status": status}
            tell(f"steppe: {error}")
        answers.append({"overrides": list(job.overrides), **answer})
        worst = max(worst, int(answer["status"]))
    call.answer({"jobs": answers, "status": worst}, [line for answer in answers for line in _lines(answer)])
    return worst


def run_campaign(job: Job, plain: bool, write: WritePage | None = None, is_alone: bool = False) -> dict[str, Any]:
    """Run one campaign to its end and return what `--json` prints.

    `write` writes the page, by default the report of an experiment. Where it `is_alone`, not one of several that differ
    on purpose, an unfinished one beside it that is much like it is named.
    """
    config = job.config
    _check_place(config)
    inputs = _inputs(job)
    from sim.ensemble import engines
    from sim.ensemble.beside import unfinished_beside
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.precision import narrowed
    from sim.ensemble.prepare import prepare

    prepared = prepare(config, inputs)
    with Progress(plain) as progress:
        for line in (*inputs.overruled, *prepared.remarks):
            progress.say(line)
        asked = Campaign.of(config, prepared, progress, job.overrides)
        if config.plan:
            return _planned(asked)
        if is_alone and (beside := unfinished_beside(asked)):
            progress.say(beside)
        if not asked.folder.exists():  # a command that is refused leaves no folder behind
            engines.reach(config.engine)
        with asked.opened() as opened:
            if opened.share is not None:
                opened.run()
                return _told_share(opened)
            found = opened.surveyed()
            asked, campaign, shards = narrowed(asked, opened, found)
            manifest, digest = _settled(asked, campaign, found, shards, write)
    return {
        "digest": digest,
        "results": str(asked.folder),
        "report": str(asked.folder / REPORT) if config.report and (asked.folder / REPORT).is_file() else None,
        "experiment": config.name,
        "runs": asked.plan.n_runs,
        "runs_held": manifest["counts"]["runs"],
        "replications": {"asked": max(asked.plan.replications), "held": manifest["counts"]["replications"]},
        "precision": asked.reached,
        "failed": manifest["counts"]["failed"],
        "failures": manifest["failures"],
        **_told(manifest),
    }


def _told_share(campaign: Campaign) -> dict[str, Any]:
    """Tell of the runs of a share that failed; return what `--json` prints of it, whose folder is no whole result."""
    from sim.ensemble import failures
    from sim.ensemble.receipts import read_receipts

    failed = failures.failures_of(read_receipts(campaign.folder, with_hashes=False)[0].values())
    rows = failures.listed(failed, campaign.plan, campaign.folder)
    for line in failures.lines(rows, len(failed)):
        campaign.say(line)
    failures.check_any(failed, campaign.n_runs, campaign.plan, campaign.folder)
    done = f"{campaign.n_runs} runs are done" if campaign.n_runs else "the plan has so few runs that none falls to it"
    campaign.say(f"Share {str(campaign.share).replace('/', ' of ')}: {done}.")
    return {
        "results": str(campaign.folder),
        "shard": str(campaign.share),
        "runs": campaign.n_runs,
        "failed": len(failed),
        "failures": rows,
        "status": CHECK_FAILED if failed else DONE,
    }


def _planned(asked: Campaign[Prepared]) -> dict[str, Any]:
    """Return what a campaign will take; nothing of it is run or written."""
    from sim.ensemble.trial import expected

    found = expected(asked)
    return {"plan": found.numbers, "results": str(asked.folder), "told": found.lines}


def _check_place(config: Config) -> None:
    """Raise InputError where a file stands in the place of a folder for results, or this lies in a result."""
    from sim.results.store import check_outside

    folder = Path(config.results_dir).expanduser() / config.name
    check_outside(Path(config.results_dir).expanduser(), "results_dir")
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise InputError(
                f"results_dir: cannot write to {folder}: {path} is a file. Name a folder with results_dir=."
            )


def _inputs(job: Job) -> Inputs:
    """Read what a configuration names; where a parameter's value is refused, say first where that value stands."""
    from sim.ensemble.checks import read_inputs
    from sim.parameters.register import Unfit

    try:
        return read_inputs(job.config)
    except Unfit as error:
        raise InputError(f"{_origin(job, error.key)}: {error}") from error


def _origin(job: Job, key: str) -> str:
    """Return where the first value of a parameter that is refused stands: typed, in the experiment, in a scenario."""
    from sim.parameters.register import Unfit, load_register
    from sim.parameters.strict_yaml import read_mapping
    from sim.scenario.reader import load_scenario

    register = load_register()

    def refused(values: Mapping[str, float]) -> bool:
        try:
            register.record({name: value for name, value in values.items() if name == key})
        except Unfit:
            return True
        return False

    if refused(job.config.parameter_values()):
        typed = [text for text in job.overrides if text.startswith(f"parameters.{key}=")]
        return typed[0] if typed else f"configs/experiment/{job.config.name}.yaml: parameters.{key}"
    for asked, _ in job.config.arms:
        scenario = load_scenario(asked)
        if refused(scenario.parameters):
            own = key in read_mapping(scenario.path).get("parameters", {})
            return f"{_shown(scenario.path)}: {'parameters' if own else f'base: {scenario.base}: parameters'}: {key}"
    return f"parameters.{key}"


def _shown(path: Path) -> str:
    """Return the path of a scenario as one finds it: shipped ones from configs/, one's own as it was given."""
    return path.relative_to(CONFIGS.parent).as_posix() if path.is_relative_to(CONFIGS) else str(path)


def _told(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what has to go with every result that leaves the program."""
    arms = [{key: arm[key] for key in ("point", "scenario", "history")} for arm in manifest["arms"]]
    told = {key: manifest[key] for key in ("question", "seed", "model_version", "source_hash", "world", "caveats")}
    return {**told, "arms": arms}


def _settled(
    asked: Campaign[Prepared],
    campaign: Campaign[Prepared],
    found: Survey,
    shards: list[Shard] | None,
    write: WritePage | None,
) -> tuple[dict[str, Any], str]:
    """Run and finish a campaign, which may be larger than what was asked; return manifest and digest of what was asked.

    `found` is what the folder held, `shards` make up the campaign where it has been run since. A result that is
    finished and tells what is asked stays as it is.
    """
    from sim.ensemble.finalise import digest_of_asked, finish
    from sim.ensemble.sealed import is_told, sealed

    is_all = asked.plan == campaign.plan
    manifest = sealed(campaign, found) if shards is None else None
    if manifest is not None and is_told(campaign, manifest, is_all):
        campaign.watcher.say(_stays(asked, campaign, manifest))
        shards = campaign.plan.wanted(found.done)
    else:
        if not is_all:
            held = _held(asked, campaign)
            campaign.watcher.say(f"{campaign.folder} holds up to {held}; its results are of all of them.")
        shards = shards or campaign.run(found)
        manifest = finish(campaign, shards, write or write_report)
    return manifest, manifest["digest"] if is_all else digest_of_asked(campaign, asked.plan, shards)


def _stays(asked: Campaign[Prepared], campaign: Campaign[Prepared], manifest: Mapping[str, Any]) -> str:
    """Return in words that a folder holds all that is asked, and that nothing of it is made anew."""
    has_report = REPORT in manifest["files"]
    if asked.plan == campaign.plan:
        what = "results and report stay as they are" if has_report else "the results stay as they are"
        n = campaign.plan.n_runs
        return f"{'The only run is' if n == 1 else f'All {n} runs are'} there already; {what}."
    stays = "its report stays" if has_report else "they stay as they are"
    return f"{campaign.folder} holds {_held(asked, campaign)}; {stays}."


def _held(asked: Campaign[Prepared], campaign: Campaign[Prepared]) -> str:
    """Return in words what a folder holds where that is more than was asked."""
    words, sampled = [], campaign.model.sampled
    if sampled and sampled["points"] > asked.model.sampled["points"]:
        words.append(f"{sampled['points']} points")
    if not words or max(campaign.plan.replications) > max(asked.plan.replications):
        words.append(f"{max(campaign.plan.replications)} replications")
    return " and ".join(words)


def write_report(result: Result, prepared: Prepared) -> None:
    """Write the report of an experiment: the page of a result that is no other."""
    from sim.report.pages import write_page
    from sim.report.patterns import load_patterns

    write_page(result, prepared.world, prepared.register, load_patterns())


def _lines(answer: dict[str, Any]) -> list[str]:
    if "error" in answer:
        return [f"failed   {answer['error']}"]
    if "shard" in answer:
        shares = f"{shlex.quote(answer['results'].rpartition('.share-')[0])}.share-*"
        return [f"results  {answer['results']}", f"join     steppe merge {shares}", *told_failures(answer)]
    if "plan" in answer:
        return [*answer["told"], f"results  {answer['results']} (nothing is written)"]
    label = "digest  "
    if answer["runs"] != answer["runs_held"]:
        asked, held = answer["replications"]["asked"], answer["replications"]["held"]
        label = f"digest of these {asked} replications (the results hold {held}) "
        if answer["precision"] or asked == held:
            label = f"digest of these {answer['runs']} runs (the results hold {answer['runs_held']}) "
    lines = [f"results  {answer['results']}", f"{label} {answer['digest']}"]
    lines += [*told_precision(answer["precision"]), *told_failures(answer)]
    return [f"report   {answer['report']}", *lines] if answer["report"] else lines


def told_precision(reached: dict[str, Any] | None) -> list[str]:
    """Return the lines that tell how narrow the means became; none where nothing was asked."""
    from sim.ensemble.precision import lines_of

    return lines_of(reached) if reached else []


def told_failures(answer: dict[str, Any]) -> list[str]:
    """Return the line with which an answer ends where runs failed."""
    from sim.ensemble.failures import told

    return told(answer["failures"], answer["failed"], answer.get("runs_held", answer["runs"]))
