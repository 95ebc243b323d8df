"""`steppe run`: run a campaign, draw its figures, write its report, seal its folder."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import BAD_INPUT, CHECK_FAILED, DONE, Call
from sim.commands.interrupts import listen
from sim.commands.progress import Progress, tell
from sim.configuration import Job, read_jobs
from sim.errors import InputError
from sim.locations import CONFIGS
from sim.overrides import FREE_KEYS, KEYS
from sim.results.schema import REPORT
from sim.settings import Config

if TYPE_CHECKING:
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.checks import Inputs
    from sim.ensemble.plan import Shard
    from sim.ensemble.prepare import Prepared
    from sim.results.store import Result

WritePage = Callable[["Result", "Prepared"], None]
"""Writes the page of a result, and what stands beside it, into the result's folder."""

_KEYS_TEXT = "\n".join(f"  {key:<28} {line}" for key, line in (KEYS | FREE_KEYS).items())

HELP = f"""
usage: steppe run [key=value ...] [-m] [--json]

Run an experiment and write its results, figures and report to <results_dir>/<experiment>/<id>/. Without keys it
runs the reference experiment. The same command resumes what was interrupted and runs nothing twice; a larger runs=
adds to what is there, and a smaller one finds its runs there and leaves the larger result as it is. With shard=3/16
only the third of sixteen equal shares is run, into a folder of its own; steppe merge joins them. Runs that fail are
left out and named with the command that repeats them; the exit status is then 1.

keys:
{_KEYS_TEXT}

A value of parameters. holds for every scenario but one that sets the parameter in its own file: that is what the
scenario is about, and it stays (a message says so; where no run would be left for the value, it is refused).
With precision.<outcome>=half-width, runs= is where each arm begins: it gets more replications until the mean is known
that well, or max_runs is reached. A stem, such as precision.dependence_china, stands for that outcome of every state.
With trace=true, ledger.parquet tells every act, event and choice of replication 0 of each arm, and what it rests on;
tracing changes no result.

examples:
  steppe run
  steppe run scenario=vendor_outage runs=500 seed=7 --json
  steppe run 'scenario=[baseline,my_scenario.yaml]' report=false
  steppe run parameters.tenders.weight_price=0.8 rules.technology.sanctions=false
  steppe run scenario=vendor_outage runs=1 trace=true
  steppe run runs=50 precision.dependence_china.KAZ=0.01 max_runs=2000
  steppe run runs=5000 shard=3/16
  steppe run design=sobol design.n=256 'design.over=[tenders.weight_price,theory.choice]' plan=true
  steppe run -m history=replay,free      each value on its own; the exit status is the worst

-m, --multirun   run once for each combination of comma-separated values
--json           print digest, results and counts as one JSON object
"""

_EXAMPLES = {
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


def main(call: Call) -> int:
    """Run the campaign, or with `-m` one after another; return the worst status."""
    if call.words:
        raise InputError(f"{call.words[0]!r} is not key=value.{_with_value(call.words[0])}")
    listen(call.as_json)
    jobs = read_jobs(call.overrides, "--multirun" in call.flags)
    if "--multirun" not in call.flags:
        answer = run_campaign(jobs[0], call.as_json)
        call.answer(answer, _lines(answer))
        return _status(answer)
    return _run_all(jobs, call)


def _with_value(word: str) -> str:
    """Return a hint at what a word without `=` may stand for: `seed` for `seed=1`, a scenario's name for its key."""
    from sim.scenario.reader import list_scenarios

    if word in list_scenarios():
        return f" Did you mean 'scenario={word}'?"
    near = difflib.get_close_matches(word, _EXAMPLES, n=1)
    return f" Did you mean '{near[0]}={_EXAMPLES[near[0]]}'?" if near else ""


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
        except InputError as error:
            answer = {"error": str(error), "status": BAD_INPUT}
            tell(f"steppe: {error}")
        answers.append({"overrides": list(job.overrides), **answer})
        worst = max(worst, int(answer["status"]))
    call.answer({"jobs": answers, "status": worst}, [line for answer in answers for line in _lines(answer)])
    return worst


def run_campaign(job: Job, plain: bool, write: WritePage | None = None) -> dict[str, Any]:
    """Run one campaign to its end and return what `--json` prints.

    `write` writes the page, by default the report of an experiment.
    """
    config = job.config
    _check_place(config)
    inputs = _inputs(job)
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.precision import narrowed
    from sim.ensemble.prepare import prepare
    from sim.results.store import open_result

    prepared = prepare(config, inputs)
    with Progress(plain) as progress:
        for line in (*inputs.overruled, *prepared.remarks):
            progress.say(line)
        asked = Campaign.of(config, prepared, progress, job.overrides)
        if config.plan:
            return _planned(asked)
        with asked.opened() as opened:
            if opened.share is not None:
                opened.run()
                return _told_share(opened)
            asked, campaign, shards = narrowed(asked, opened)
            digest = _make(asked, campaign, shards, write)
    manifest = open_result(asked.folder).manifest
    return {
        "digest": digest,
        "results": str(asked.folder),
        "report": str(asked.folder / REPORT) if config.report and (asked.folder / REPORT).is_file() else None,
        "experiment": config.name,
        "runs": asked.plan.n_runs,
        "runs_held": manifest["counts"]["runs"],
        "replications": {"asked": max(asked.plan.replications), "held": manifest["counts"]["replications"]},
        "precision": asked.reached,
        "failed": manifest["counts"].get("failed", 0),
        "failures": manifest.get("failures", []),
        **_told(manifest),
    }


def _told_share(campaign: Campaign) -> dict[str, Any]:
    """Tell of the runs of a share that failed; return what `--json` prints of it, whose folder is no whole result."""
    from sim.ensemble import failures
    from sim.ensemble.receipts import read_receipts

    failed = failures.failures_of(read_receipts(campaign.folder)[0].values())
    rows = failures.listed(failed, campaign.plan, campaign.folder)
    for line in failures.lines(rows, len(failed)):
        campaign.say(line)
    campaign.say(f"Share {str(campaign.share).replace('/', ' of ')}: {campaign.n_runs} runs are done.")
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
    """Raise InputError where a file stands in the place of a folder for results."""
    folder = Path(config.results_dir).expanduser() / config.name
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


def _make(
    asked: Campaign[Prepared], campaign: Campaign[Prepared], shards: list[Shard] | None, write: WritePage | None
) -> str:
    """Run and finish a campaign, which may be larger than what was asked; return the digest of what was asked.

    `shards` make up the campaign where it has just been run.
    """
    from sim.ensemble.finalise import digest_of_asked

    if asked.plan == campaign.plan:
        return str(finish(campaign, shards or campaign.run(), write)["digest"])
    shards, held = campaign.settled(), _held(asked, campaign)
    if shards is not None:
        stays = "its report stays" if (campaign.folder / REPORT).is_file() else "they stay as they are"
        campaign.watcher.say(f"{campaign.folder} holds {held}; {stays}.")
    else:
        campaign.watcher.say(f"{campaign.folder} holds up to {held}; its results are of all of them.")
        shards = campaign.run()
        finish(campaign, shards, write)
    return digest_of_asked(campaign, asked.plan, shards)


def _held(asked: Campaign[Prepared], campaign: Campaign[Prepared]) -> str:
    """Return in words what a folder holds where that is more than was asked."""
    words, sampled = [], campaign.model.sampled
    if sampled and sampled["points"] > asked.model.sampled["points"]:
        words.append(f"{sampled['points']} points")
    if not words or max(campaign.plan.replications) > max(asked.plan.replications):
        words.append(f"{max(campaign.plan.replications)} replications")
    return " and ".join(words)


def finish(campaign: Campaign[Prepared], shards: list[Shard], write: WritePage | None = None) -> dict[str, Any]:
    """Describe the runs, trace and report them where that is wanted, and seal the folder; return the manifest.

    `write` writes the page, by default the report of an experiment.
    """
    from sim.ensemble import failures
    from sim.ensemble.finalise import describe
    from sim.results.manifest import seal

    prepared = campaign.model
    manifest = describe(campaign, prepared, shards)
    for line in failures.lines(manifest["failures"], manifest["counts"]["failed"]):
        campaign.say(line)
    if campaign.config.trace:
        campaign.say("Tracing the first replication of each arm.")
        for line in prepared.write_ledger(campaign.folder):
            campaign.say(line)
    if campaign.config.report and manifest["without_runs"]:
        arms = "; ".join(", ".join(arm) for arm in manifest["without_runs"])
        campaign.say(f"No report is made, since all runs failed of: {arms}.")
    elif campaign.config.report:
        from sim.results.store import Result

        campaign.say("Drawing figures and writing the report.")
        (write or _write_report)(Result(campaign.folder, manifest).unsampled, prepared)
    return seal(campaign.folder, manifest)


def _write_report(result: Result, prepared: Prepared) -> None:
    from sim.report.pages import write_page
    from sim.report.patterns import load_patterns

    write_page(result, prepared.world, prepared.register, load_patterns())


def _lines(answer: dict[str, Any]) -> list[str]:
    if "error" in answer:
        return [f"failed   {answer['error']}"]
    if "shard" in answer:
        shares = re.sub(r"\.share-.*", ".share-*", answer["results"])
        return [f"results  {answer['results']}", f"join     steppe merge {shares}"]
    if "plan" in answer:
        return [*answer["told"], f"results  {answer['results']} (nothing is written)"]
    label = "digest  "
    if answer["runs"] != answer["runs_held"]:
        asked, held = answer["replications"]["asked"], answer["replications"]["held"]
        label = f"digest of these {asked} replications (the results hold {held}) "
        if answer["precision"] or asked == held:
            label = f"digest of these {answer['runs']} runs (the results hold {answer['runs_held']}) "
    lines = [f"results  {answer['results']}", f"{label} {answer['digest']}"]
    lines += _narrowness(answer["precision"])
    return [f"report   {answer['report']}", *lines] if answer["report"] else lines


def _narrowness(reached: dict[str, Any] | None) -> list[str]:
    from sim.ensemble.precision import lines_of

    return lines_of(reached) if reached else []
