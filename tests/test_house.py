"""The house: lock files, tracked files, the map of the code, the Makefile, sizes, names, and what a wheel carries."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
# Spelt in pieces, so that this file passes its own test.
REGISTRY_HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb" + "ian.org"]
MACHINE_FOLDERS = ["wo" + "rk", "ro" + "ot", "fa" + "rm", "ho" + "me", "Us" + "ers", "opt/" + "wheels", "opt/" + "py"]
FOREIGN = re.compile(
    "|".join(re.escape(host) for host in REGISTRY_HOSTS)
    + rf"|(?<![\w.~}}\])/-])/(?:{'|'.join(MACHINE_FOLDERS)})/"
    + r"|\.\./sha"
    + "red"
)
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==[0-9][\w.+!]*(?: ; [\w.<>=!' ()]+)? \\")
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}(?P<more> \\)?")
VAGUE = re.compile(r"(utils?|helpers?|managers?|misc)", re.IGNORECASE)


def shipped_files() -> list[Path]:
    """Every file that git tracks or would track; in an unpacked archive, every file that no tool or run has written."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        return [path for name in sorted(set(listed.split("\0")) - {""}) if (path := ROOT / name).is_file()]
    parts = (path.relative_to(ROOT) for path in sorted(ROOT.rglob("*")) if path.is_file())
    generated = {".venv", "__pycache__", "results"}
    return [ROOT / path for path in parts if not any(p in generated or p.endswith("_cache") for p in path.parts)]


def text_of(path: Path) -> str | None:
    """The text of a file, or None if it is not text."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return None


def pins(lock: Path) -> dict[str, int]:
    """Number of hashes by package; fails at a line that is neither a pin nor one of its hashes."""
    found: dict[str, int] = {}
    name, goes_on = "", False
    for number, line in enumerate(lock.read_text("utf-8").splitlines(), 1):
        where = f"{lock.name}:{number}: {line!r}"
        if goes_on:
            digest = HASH.fullmatch(line)
            assert digest, f"{where} is not a hash"
            found[name] += 1
            goes_on = digest["more"] is not None
        else:
            pin = PIN.fullmatch(line)
            assert pin, f"{where} is not a pin followed by its hashes"
            name, goes_on = pin["name"], True
            found[name] = 0
    assert not goes_on, f"{lock.name} ends in the middle of a pin"
    return found


def wanted(requirements: list[str]) -> set[str]:
    """The normalised names of a list of requirements."""
    names = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


def test_there_are_three_lock_files():
    assert [lock.name for lock in LOCKS] == ["build.lock", "dev.lock", "run.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_pins_and_hashes_and_nothing_else(lock):
    assert all(count > 0 for count in pins(lock).values())


def test_locks_hold_every_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    run, build, dev = (set(pins(ROOT / "requirements" / f"{name}.lock")) for name in ("run", "build", "dev"))
    assert wanted(project["project"]["dependencies"]) <= run
    assert wanted(groups["build"] + project["build-system"]["requires"]) <= build
    assert wanted(groups["dev"]) <= dev
    assert run <= dev


def test_locks_agree_on_versions():
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text("utf-8"), flags=re.MULTILINE):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    "text",
    [
        "https://py" + "pi.org/simple",
        "cd /wo" + "rk/main",
        "see ../sha" + "red/x",
        '"/ho' + 'me/me/x"',
        "=/opt/wh" + "eels/",
    ],
)
def test_the_pattern_finds_what_does_not_belong(text):
    assert FOREIGN.search(text)


@pytest.mark.parametrize(
    "text", ["framework/work/x", "~/.cache/steppe", "the work/rest balance", "a/home/page", "/tmp/x"]
)
def test_the_pattern_leaves_other_text_alone(text):
    assert not FOREIGN.search(text)


def test_no_file_names_a_registry_or_a_folder_of_some_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {hit[0]}"
        for path in shipped_files()
        if (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if (hit := FOREIGN.search(line))
    ]
    assert found == []


def named_paths(page: str) -> list[str]:
    """Paths in backticks on a page, without placeholders and what runs write; words such as `a/b` count as paths."""
    tokens = re.findall(r"`([\w.][\w./-]*)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL))
    looks = re.compile(r".*/.*|.*\.(py|md|yaml|yml|toml|csv|lock|json|j2|html)$")
    written_by_runs = re.compile(r"results/(?!README)|\.venv|(manifest|receipts/.*)\.json$|config\.yaml$|report\.html$")
    return [token for token in tokens if looks.match(token) and not written_by_runs.match(token)]


def test_named_paths_are_found_in_a_page():
    page = "`sim/cli.py`, `docs/`, `results/x/y`, `rules.<folder>.<file>`, `README.md`, `apply`\n```\n`not/this`\n```"
    assert named_paths(page) == ["sim/cli.py", "docs/", "README.md"]


def test_every_path_on_the_map_of_the_code_exists():
    named = named_paths((ROOT / "docs" / "architecture.md").read_text("utf-8"))
    assert len(named) >= 10, "a map of the code names its folders"
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_make_help_lists_every_target_and_is_the_default():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, flags=re.MULTILINE))
    assert {"help", "install", "run", "test", "lint", "bench", "clean"} <= targets
    command = ["make", "--no-print-directory"]
    plain, asked = (
        subprocess.run(command + extra, cwd=ROOT, capture_output=True, check=True, text=True).stdout
        for extra in ([], ["help"])
    )
    assert plain == asked
    assert set(re.findall(r"^  make (\S+) +\S", asked, flags=re.MULTILINE)) == targets


def test_python_files_are_short_enough_to_read():
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in shipped_files() if path.suffix == ".py"}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > 400} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing():
    paths = (path.relative_to(ROOT) for path in shipped_files())
    assert [str(path) for path in paths if any(VAGUE.fullmatch(part.split(".")[0]) for part in path.parts)] == []


def test_every_test_file_is_collected():
    tests = [path for path in shipped_files() if path.suffix == ".py" and path.is_relative_to(ROOT / "tests")]
    defines = re.compile(r"^(?:def|class) [tT]est", flags=re.MULTILINE)
    assert [str(p) for p in tests if defines.search(p.read_text("utf-8")) and not p.name.startswith("test_")] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """The project's own wheel, built offline from a copy, so that nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    for path in shipped_files():
        target = folder / "source" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=folder / "source",
        capture_output=True,
        check=False,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_a_wheel_carries_the_package_and_its_configuration(wheel):
    carried = set(wheel.namelist())
    files = [path.relative_to(ROOT) for path in shipped_files()]
    package = {path.as_posix() for path in files if path.parts[0] == "sim"}
    configs = {f"sim/{path.as_posix()}" for path in files if path.parts[0] == "configs"}
    assert configs
    assert package | configs <= carried
    assert not [name for name in carried if name.startswith(("tests/", "scripts/", "configs/"))]


def test_a_wheel_makes_the_command(wheel):
    points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "steppe = sim.cli:main" in wheel.read(points).decode()
