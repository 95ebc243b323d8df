"""Writes into docs/expectations.md what a run of the library found.

scripts/expectations.py RESULT    RESULT: the folder of a result of `steppe run experiment=library`

Counts and table stand between marks and are written anew; what is said about opposite findings is written by hand.
Exits with 1 where a finding that is opposite is not talked about there, and names it.
"""

import csv
import json
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "expectations.md"
BEGIN, END = "<!-- {}: written by scripts/expectations.py -->\n", "<!-- end of {} -->\n"
TALK = "## Where the model finds the opposite"
WORDS = ("confirmed", "not confirmed", "opposite", "not judged")


def number(text: str) -> str:
    """A number as the table shows it, three figures."""
    return f"{float(text):+.3g}".replace("-", "−") if text else "–"


def table(rows: list[dict[str, str]]) -> str:
    """All expectations, a line each."""
    lines = ["| scenario | outcome | expected | against | line | mean difference | 95 % interval | sd | verdict |"]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        names = " | ".join(f"`{row[key]}`" for key in ("scenario", "outcome"))
        interval = f"{number(row['low'])} to {number(row['high'])}" if row["mean"] else "–"
        cells = (row["change"], f"`{row['against']}`", row["source"], number(row["mean"]), interval)
        lines.append(f"| {names} | {' | '.join(cells)} | {number(row['standardised'])} | {row['verdict']} |")
    return "\n".join(lines) + "\n"


def summary(rows: list[dict[str, str]], manifest: dict) -> str:
    """How many came to which verdict, of which runs."""
    counts = Counter(row["verdict"] for row in rows)
    told = ", ".join(f"**{counts[word]} {word}**" for word in WORDS if counts[word])
    runs, seed = manifest["counts"]["replications"], manifest["seed"]
    return (
        f"{len(rows)} expectations of {len({row['scenario'] for row in rows})} scenarios: {told}.\n\n"
        f"{runs} runs of each scenario with seed {seed}, model {manifest['model_version']}, digest "
        f"`{manifest['digest'][:16]}`.\n"
    )


def put(page: str, name: str, text: str) -> str:
    """The page with the text in the place of this name."""
    begin, end = BEGIN.format(name), END.format(name)
    head, _, rest = page.partition(begin)
    return head + begin + "\n" + text + "\n" + end + rest.partition(end)[2]


def untold(page: str, rows: list[dict[str, str]]) -> list[str]:
    """Opposite findings of which the page does not speak by scenario and outcome."""
    talk = page.partition(TALK)[2].partition("\n## ")[0]
    named = set(re.findall(r"`([\w.]+)`", talk))
    opposite = [row for row in rows if row["verdict"] == "opposite"]
    return [f"{r['scenario']}: {r['outcome']}" for r in opposite if not {r["scenario"], r["outcome"]} <= named]


def main() -> int:
    """Write the page; return 1 where it has to say more."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    with (folder / "figures" / "expectations.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    page = PAGE.read_text(encoding="utf-8")
    page = put(put(page, "counts", summary(rows, manifest)), "table", table(rows))
    PAGE.write_text(page, encoding="utf-8")
    missing = untold(page, rows)
    for line in missing:
        print(f"{PAGE.name}: {TALK.lstrip('# ')}: nothing is said of {line}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
