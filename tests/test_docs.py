"""The pages: `docs/model.md` and those beside it, `model-*.md`, together name all the model is made of.

And every path on any page exists.
"""

import re
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from sim.numerics.draws import NO_ID, address, gumbel, mix, moment, stable_id, stream, throw_dice, uniform
from sim.parameters.register import load_register
from sim.rules.schedule import NAMES, SCHEDULE
from sim.world.fields import FLOAT, ID, INT, NEVER, Field
from sim.world.injects import KINDS
from sim.world.records import TABLES

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
COOPERATION = (ROOT / "docs" / "model-cooperation.md").read_text(encoding="utf-8")
RESTRAINT = (ROOT / "docs" / "model-restraint.md").read_text(encoding="utf-8")
SURVEILLANCE = (ROOT / "docs" / "model-surveillance.md").read_text(encoding="utf-8")
OF_MODEL = {
    "model.md": MODEL,
    "model-cooperation.md": COOPERATION,
    "model-restraint.md": RESTRAINT,
    "model-surveillance.md": SURVEILLANCE,
}
"""The pages of the model by their names."""
TYPES = {FLOAT: "float", INT: "int", ID: "id"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MADE = re.compile(r"(?m)^cp \S+ (\S+)$")
PATH = re.compile(r"`((?:configs|docs|requirements|scripts|sim|tests)/[^`\s]*)`|`([\w-]+\.toml|Makefile)`")
PLACEHOLDER = re.compile(r"[<>…]")


def chapter(number: int, page: str = MODEL) -> str:
    """Return a chapter of a page, from its heading to the next of its rank."""
    return page.split(f"\n## {number}. ")[1].split("\n## ", maxsplit=1)[0]


def sections() -> list[str]:
    """Return what stands under each heading of the third rank on the pages of the model, heading included."""
    return [part.split("\n## ")[0] for page in OF_MODEL.values() for part in page.split("\n### ")[1:]]


def rules_described(number: int, page: str) -> list[str]:
    """Return the rules that have a heading of the third rank in a chapter, by the names of their files."""
    headings = re.findall(rf"(?m)^### {number}\.(\d+) ([\w ]+)", chapter(number, page))
    assert [place for place, _ in headings] == [str(place + 1) for place in range(len(headings))]
    return [title.strip().lower().replace(" ", "_") for _, title in headings]


def rows(text: str) -> list[list[str]]:
    """Return the rows of Markdown tables in a text that begin with a name in a code span."""
    return [re.split(r" *\| *", line) for line in re.findall(r"(?m)^\| (`.*?) *\|$", text)]


def bound(value: float, kind: str) -> str:
    """Return an end of a range as the page writes it."""
    return "never" if kind == INT and value == NEVER else f"{value:g}".replace("-", "−")


def described(field: Field) -> list[str]:
    """Return the row of a field without its first value, which the code does not declare."""
    name = f"`{field.name}`" + (f"[{', '.join(field.shape)}]" if field.shape else "")
    span = "any" if field.kind == ID else f"{bound(field.low, field.kind)} … {bound(field.high, field.kind)}"
    return [name, TYPES[field.kind], field.unit, span, field.meaning]


def headings_of(page: str) -> dict[str, str]:
    """Return the headings of chapters on a page and their anchors, in order."""
    headings = re.findall(r"(?m)^## (\d+\. .*)$", page)
    return {heading: "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", OF_MODEL)
def test_contents_of_a_page_lead_to_every_chapter(name: str) -> None:
    """Each entry names a chapter as its heading does, and links to the heading's anchor."""
    listed = re.findall(r"(?m)^(\d+\. )\[(.*)\]\((#.*)\)$", OF_MODEL[name])
    assert [(number + title, anchor) for number, title, anchor in listed] == list(headings_of(OF_MODEL[name]).items())


@pytest.mark.parametrize(("name", "other"), list(permutations(OF_MODEL, 2)))
def test_each_page_leads_to_the_others_and_to_chapters_that_they_have(name: str, other: str) -> None:
    """An anchor in a link to another page is that of one of its chapters."""
    found = re.findall(rf"\]\({re.escape(other)}(#[^)]*)?\)", OF_MODEL[name])
    assert found
    assert {anchor for anchor in found if anchor} <= set(headings_of(OF_MODEL[other]).values())


@pytest.mark.parametrize("table", TABLES)
def test_page_lists_every_field_of_a_table_in_order(table: str) -> None:
    """Name, type, unit, range and meaning are those of the record; a table may go on on a later page."""
    found = [s for s in sections() if re.match(rf"\d+\.\d+ [^\n]*\(`{table}`\)\n", s)]
    listed = [[*row[:4], *row[5:]] for section in found for row in rows(section)]
    assert listed == [described(field) for field in TABLES[table][0]]


def test_page_lists_the_rules_in_the_order_of_a_quarter() -> None:
    """The table of chapter 7 is the schedule."""
    assert re.findall(r"(?m)^\| \d+ \|[^|]*\| `sim/rules/(.*)\.py` \|$", chapter(7)) == list(NAMES)


def test_every_rule_has_its_section() -> None:
    """Cooperation, restraint with information, and surveillance in chapter 5 of their own pages, others in 10 here."""
    places = {"cooperation": (5, COOPERATION), "restraint": (5, RESTRAINT), "information": (5, RESTRAINT)}
    places["surveillance"] = (5, SURVEILLANCE)
    wanted: dict[tuple[int, str], list[str]] = {}
    for name in NAMES:
        folder, _, file = name.rpartition("/")
        wanted.setdefault(places.get(folder, (10, MODEL)), []).append(file)
    for (number, page), files in wanted.items():
        assert rules_described(number, page) == files


def test_page_lists_every_stream_of_draws() -> None:
    """The table of addresses holds the streams that the rules declare, and no other."""
    assert re.findall(r"(?m)^\| `(\w+(?:/\w+)+)` \|", chapter(3)) == [name for rule in SCHEDULE for name in rule.DRAWS]


@pytest.mark.parametrize("group", sorted({key.partition(".")[0] for key in load_register().entries}))
def test_page_uses_every_parameter_of_a_group(group: str) -> None:
    """Each stands in a section that names its group, or is written with its group anywhere."""
    own = "\n".join(section for section in sections() if f"`{group}" in section)
    names = [key.partition(".")[2] for key in load_register().entries if key.startswith(f"{group}.")]
    text = "".join(OF_MODEL.values())
    missing = [n for n in names if not re.search(rf"\b{n}\b", own) and not re.search(rf"\b{group}\.{n}\b", text)]
    assert not missing, f"{group}: {missing}"


def test_page_lists_every_kind_of_inject_by_its_code() -> None:
    """Code and kind stand in the table of chapter 6, in order."""
    listed = re.findall(r"(?m)^\| (\d+) \| `(\w+)` \|", chapter(6))
    assert listed == [(str(code), kind.name) for code, kind in enumerate(KINDS) if code > 0]


def test_values_to_check_draws_by_are_right() -> None:
    """The page's numbers for the chain of hashes are what the code computes."""
    asks = stream("technology/tenders/asks")
    state, sector = np.uint64(stable_id("state:KAZ")), np.uint64(stable_id("sector:networks"))
    dice = np.uint64(throw_dice(1, 0))
    when = np.uint64(moment(dice, 120, asks))
    where = (when, state, sector, NO_ID)
    for word in (mix(np.uint64(0)), state, sector, asks, dice, when, address(*where)):
        assert f"= 0x{int(word):016X}\n" in MODEL
    assert f"= {uniform(*where)!r}\n" in MODEL
    last = re.findall(r"(?m)^gumbel of it *= (.*)$", MODEL)
    assert [float(number.replace("−", "-")) for number in last] == [pytest.approx(gumbel(*where), rel=1e-15)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_local_path_on_a_page_exists(page: Path) -> None:
    """Links count from the page, paths in code spans from the root; patterns have to match something.

    What a page tells its reader to copy need not be there yet.
    """
    text = page.read_text(encoding="utf-8")
    made = set(MADE.findall(text))
    links = [link.partition("#")[0] for link in LINK.findall(text) if ":" not in link]
    missing = [link for link in links if link and not (page.parent / link).exists()]
    for whole, at_root in PATH.findall(text):
        path = whole or at_root
        if path not in made and not PLACEHOLDER.search(path) and not any(ROOT.glob(path.rstrip("/"))):
            missing.append(path)
    assert not missing, f"{page.name}: {missing}"
