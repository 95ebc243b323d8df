"""`steppe status`: how far a sweep is, from any terminal, without disturbing it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import CHECK_FAILED, DONE, Call
from sim.commands.progress import tell
from sim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from sim.ensemble.progress import Standing

KEYS = {
    "check": "true: read every file and tell which are damaged",
    "watch": "seconds after which to tell anew, until the sweep is finished; Ctrl-C ends it",
}

_KEYS_TEXT = "\n".join(f"  {key:<6} {line}" for key, line in KEYS.items())

_FINISHED = ("finished", "done")

HELP = f"""
usage: steppe status FOLDER [key=value ...] [--json]

Tell of a folder of results, finished or not: what it asks, how many of its runs are done, running or failed, how fast
they come and when they will all be there, and the end of its log. It only reads, and never keeps a run waiting. Of an
experiment's folder, or a whole folder for results, all results are listed; one that another version wrote is named and
left out. The exit status is 1 where runs failed or files are damaged.

keys:
{_KEYS_TEXT}

examples:
  steppe status results/reference/4f0c2a91b7de
  steppe status results/reference/4f0c2a91b7de watch=5
  steppe status results/reference/4f0c2a91b7de.share-03-of-16 check=true
  steppe status results
"""


def main(call: Call) -> int:
    """Tell how far a folder is, or a list of them, once or again and again."""
    if len(call.words) != 1:
        raise InputError("steppe status needs one folder: steppe status results/reference/4f0c2a91b7de")
    keys = _keys(call.overrides)
    folder = Path(call.words[0]).expanduser()
    while True:
        found, is_list = _standings(folder, with_check=bool(keys["check"]))
        call.answer(_json(found, is_list), _table(found) if is_list else _lines(found[0]))
        status = CHECK_FAILED if any(one.failed or one.damage for one in found) else DONE
        if keys["watch"] is None or all(one.state in _FINISHED for one in found):
            return status
        try:
            time.sleep(keys["watch"])
        except KeyboardInterrupt:
            return status
        if not call.as_json:
            print()


def _keys(overrides: Sequence[str]) -> dict[str, Any]:
    """Return the value of every key; InputError for an unknown one, or a value that it does not take."""
    keys: dict[str, Any] = {"check": False, "watch": None}
    for key, _, value in (text.partition("=") for text in overrides):
        if key not in keys:
            raise InputError(f"steppe status: unknown key {key!r}.{did_you_mean(key, keys)}")
        if key == "check":
            if value not in ("true", "false"):
                raise InputError(f"check: must be true or false, not {value!r}.")
            keys[key] = value == "true"
        else:
            keys[key] = _seconds(value)
    return keys


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.1 <= seconds <= 86_400:
        raise InputError(f"watch: must be a number of seconds from 0.1 to 86400, not {text!r}.")
    return seconds


def _standings(folder: Path, with_check: bool) -> tuple[list[Standing], bool]:
    """Return how far each result in a folder is, and whether it is a folder of several."""
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of results.")
    from sim.ensemble.progress import results_in, standing

    paths = results_in(folder)
    if not paths:
        raise InputError(f"{folder}: holds no results, nor folders of them.")
    if paths == [folder]:
        return [standing(folder, with_check)], False
    found = []
    for path in paths:
        try:
            found.append(standing(path, with_check))
        except InputError as error:
            tell(f"steppe: left out: {error}")
    return found, True


def _json(found: Sequence[Standing], is_list: bool) -> dict[str, Any]:
    return {"count": len(found), "results": [one.as_json() for one in found]} if is_list else found[0].as_json()


def _table(found: Sequence[Standing]) -> list[str]:
    width = max((len(one.results) for one in found), default=0)
    return [
        f"{one.results:<{width}}  {one.state:<11}  {one.done:>9,} of {one.runs:>9,} runs  "
        f"{one.failed:>5} failed  {_size(one.bytes_used):>9}  {one.title}"
        for one in found
    ]


def _lines(one: Standing) -> list[str]:
    share = [f"share      {one.share}"] if one.share else []
    failed = f", {one.failed:,} failed" if one.failed else ""
    percent = f" ({100 * one.done / one.runs:.0f} %)" if one.runs else ""
    lines = [
        f"results    {one.results}",
        f"experiment {one.experiment}: {one.title}",
        f"question   {one.question}",
        *share,
        f"state      {_state(one)}",
        f"runs       {one.done:,} of {one.runs:,} done{percent}{failed}",
    ]
    if one.runs_a_second and one.seconds_left is not None:
        lines.append(f"rate       {one.runs_a_second:.1f} runs a second; {_span(one.seconds_left)} left")
    lines.append(f"used       {_span(one.cpu_seconds)} of CPU, {_size(one.bytes_used)} of disk")
    width = max((len(arm.scenario) for arm in one.arms), default=0)
    for arm in one.arms:
        points = f"  {arm.points:,} points" if arm.points > 1 else ""
        failed = f"  {arm.failed:,} failed" if arm.failed else ""
        counts = f"{arm.done:>9,} of {arm.runs:>9,}"
        lines.append(f"           {arm.scenario:<{width}}  {arm.history:<6}  {counts}{points}{failed}")
    lines += [f"damaged    {line}" for line in one.damage or ()]
    lines += ["checked    every file is as it was written"] if one.damage == () else []
    return lines + [f"log        {line}" for line in one.log]


def _state(one: Standing) -> str:
    if one.holder is None or one.state in _FINISHED:
        return one.state
    since = datetime.fromtimestamp(one.holder["since"], UTC)
    who = f"by process {one.holder['pid']} on {one.holder['host']}"
    return f"{one.state}; held {who} since {since:%Y-%m-%d %H:%M} UTC"


def _span(seconds: float) -> str:
    """Return a span of time in words."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _size(n: int) -> str:
    if n < 1e6:
        return f"{n / 1e3:.1f} kB"
    return f"{n / 1e6:.1f} MB" if n < 1e9 else f"{n / 1e9:.2f} GB"
