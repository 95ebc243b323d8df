"""Unfinished sweeps beside a new one: who changed a key without meaning to would begin anew what was to go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sim.ensemble.asked import Asked, read_asked, stated
from sim.ensemble.campaign import Campaign
from sim.ensemble.progress import is_result
from sim.ensemble.sweep import Model
from sim.errors import InputError
from sim.results.files import is_held
from sim.results.schema import MANIFEST

MOST_LOOKED_AT = 20
"""Folders that are opened, the latest first."""

MOST_DIFFERENCES = 3
"""Keys in which sweeps that are like one another differ at most."""

LONGEST = 80
"""Characters that are told of a difference."""


def unfinished_beside[M: Model](campaign: Campaign[M]) -> str | None:
    """Return a line that names an unfinished sweep much like one that is about to begin, and what differs.

    It may differ in a key, in a table or parameter file that was edited, or in the version of the model: what is there
    is never mixed with runs of another model. None where none is or where some process is at it; and of a campaign
    that has its folder already, and of shares, which have no manifest when they are done.
    """
    if campaign.share is not None or campaign.folder.exists():
        return None
    now = Asked(campaign.folder, stated(campaign.config, campaign.model.question), campaign.about())
    found: list[tuple[int, Path, list[str]]] = []
    for folder in _unfinished(campaign.folder.parent):
        with suppress(InputError, OSError):
            before = read_asked(folder)
            if before.about["share"] is None:
                differences = before.differences(now)
                found.append((len(differences), folder, differences))
    n, folder, differences = min(found, default=(0, campaign.folder, []), key=lambda one: one[0])
    if not 0 < n <= MOST_DIFFERENCES:
        return None
    told = "; ".join(text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for text in differences)
    return f"This begins a new sweep. {folder} is not finished, and differs in (there, here) {told}."


def _unfinished(parent: Path) -> Iterator[Path]:
    """Yield folders of results that have no manifest and that nobody holds, the latest first."""
    with suppress(OSError):
        beside = [path for path in parent.iterdir() if is_result(path) and not (path / MANIFEST).exists()]
        latest = sorted(beside, key=lambda path: path.stat().st_mtime, reverse=True)
        yield from (path for path in latest[:MOST_LOOKED_AT] if not is_held(path))
