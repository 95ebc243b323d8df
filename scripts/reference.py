"""The reference result: what twenty runs of each arm of the reference experiment come to, kept to be compared with.

scripts/reference.py           makes results/reference/ anew (make reference)
scripts/reference.py --check   runs the same again and exits with 1, showing what moved, if anything did

Means and spreads have to agree within a tolerance that another class of CPU keeps; the digest has to be equal on the
same class of CPU with the same versions.
"""

import contextlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sim.analysis.restraint import joined  # noqa: E402
from sim.cli import main  # noqa: E402
from sim.results.schema import DEFAULT_POINT, PAIRED_POINT  # noqa: E402
from sim.results.schema import KEYS as ROW_KEYS  # noqa: E402
from sim.results.store import Result, open_result  # noqa: E402

OUTCOMES = ROOT / "results" / "reference" / "outcomes.csv"
MADE_WITH = ROOT / "results" / "reference" / "made_with.json"
OVERRIDES = ("experiment=reference", "runs=20", "report=false", "trajectories=false")
ROW = ["scenario", "history", "outcome"]
FIGURES = ["runs", "mean", "sd"]
RELATIVE, ABSOLUTE = 1e-6, 1e-9
SHOWN = 40
WHAT_TO_DO = "If this is meant: run `make reference`, and say in CHANGELOG.md what moved, and by which rule or table."


def run_again(folder: Path) -> Result:
    """Run the reference experiment into a folder."""
    with contextlib.redirect_stdout(sys.stderr):
        status = main(["run", *OVERRIDES, f"results_dir={folder}"])
    if status:
        raise SystemExit(status)
    return open_result(next((folder / "reference").iterdir()))


def summary(result: Result) -> pd.DataFrame:
    """One row an arm and outcome: number of runs with a value (a date may not come), their mean and deviation.

    Pairs are in it by the restraint that runs and their pairs give.
    """
    rows, pairs = (result.outcomes[result.outcomes["point"] == point] for point in (DEFAULT_POINT, PAIRED_POINT))
    arms = rows.assign(**joined(rows, pairs)).drop(columns=[k for k in ROW_KEYS if k not in ROW])
    arms = arms.groupby(ROW[:2], sort=False)
    columns = {"runs": arms.count(), "mean": arms.mean(), "sd": arms.std(ddof=0)}
    stacked = {name: frame.rename_axis(columns="outcome").stack(future_stack=True) for name, frame in columns.items()}
    return pd.DataFrame(stacked).reset_index()


def kept() -> pd.DataFrame:
    """The summary that was kept."""
    return pd.read_csv(OUTCOMES)


def moved(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Rows that differ beyond the tolerance, the largest shift (in deviations between runs) first."""
    both = before.merge(now, on=ROW, how="outer", suffixes=("_was", "_is"))
    was, now_is = (both[[f"{name}_{when}" for name in FIGURES]].to_numpy(float) for when in ("was", "is"))
    close = np.isclose(now_is, was, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True).all(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        both["shift_in_sd"] = (now_is[:, 1] - was[:, 1]) / was[:, 2]
    differing = both[~close]
    order = differing["shift_in_sd"].abs().sort_values(ascending=False, na_position="first").index
    return differing.loc[order, [*ROW, "runs_was", "runs_is", "mean_was", "mean_is", "shift_in_sd"]]


def told(rows: pd.DataFrame, total: int) -> str:
    """What moved, to be read."""
    table = rows.head(SHOWN).to_string(index=False, float_format=lambda value: f"{value:.4g}", na_rep="-")
    more = f"\n... and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return f"{len(rows)} of {total} figures of the reference result moved:\n{table}{more}\n{WHAT_TO_DO}"


def made_with(result: Result) -> dict[str, object]:
    """What the digest depends on."""
    facts = result.manifest
    same = {name: facts["versions"].get(name) for name in ("numpy", "numba", "llvmlite")}
    described = {"command": " ".join(("steppe run", *OVERRIDES)), "digest": facts["digest"]}
    hashes = {name: facts[name] for name in ("plan_hash", "source_hash", "model_version")}
    return {**described, **hashes, "cpu_class": facts["machine"].get("cpu_class"), "versions": same}


def write(result: Result) -> None:
    """Keep the summary and what it was made with."""
    OUTCOMES.parent.mkdir(parents=True, exist_ok=True)
    summary(result).to_csv(OUTCOMES, index=False, float_format="%.10g", lineterminator="\n")
    MADE_WITH.write_text(json.dumps(made_with(result), indent=2) + "\n", encoding="utf-8")
    print(f"{OUTCOMES.relative_to(ROOT)} and {MADE_WITH.relative_to(ROOT)} are made anew.")


def check(result: Result) -> int:
    """Compare with what was kept; return the exit status."""
    now = summary(result)
    rows = moved(kept(), now)
    if len(rows):
        print(told(rows, len(now)))
        return 1
    print(f"All {len(now)} figures of the reference result are as they were.")
    was, new = json.loads(MADE_WITH.read_text(encoding="utf-8")), made_with(result)
    if any(was[key] != new[key] for key in ("cpu_class", "versions")):
        print("Another class of CPU or other versions: the digest may differ in the last bits, and is not compared.")
        return 0
    print(
        "The digest is equal."
        if was["digest"] == new["digest"]
        else "The digest differs: values moved in their last bits."
    )
    return int(was["digest"] != new["digest"])


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(f"usage: {sys.argv[0]} [--check]")
    with tempfile.TemporaryDirectory() as made:
        again = run_again(Path(made))
        sys.exit(check(again) if sys.argv[1:] else write(again))
