"""Join folders of the same campaign, made on machines that share nothing, into one."""

from __future__ import annotations

import os
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.ensemble.asked import Asked
from sim.ensemble.campaign import Campaign
from sim.ensemble.origins import caveat, counted
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Foreign, Receipt, Survey, survey, told_of
from sim.ensemble.shares import Share, are_dealt, dealt
from sim.ensemble.sweep import Model
from sim.errors import InputError
from sim.results import trajectories
from sim.results.digest import HASH_BYTES
from sim.results.files import storing, sync
from sim.results.schema import MOST_RUNS, receipt_name
from sim.results.watching import Watcher
from sim.settings import Config

AT_ONCE = 500
"""Shards whose data are brought before their receipts are: what a merge that is killed has to bring again."""


@dataclass(frozen=True)
class Piece:
    """A shard that is whole in some folder."""

    folder: Path
    receipt: Receipt

    @property
    def shard(self) -> Shard:
        """Its runs."""
        return self.receipt.shard


@dataclass(frozen=True)
class Joined:
    """What came of joining folders: `lost` tells, folder by folder, what is damaged there."""

    sources: Mapping[Path, int]
    """Number of runs that were brought from each folder from which any were, in the order in which they were named."""
    kept: tuple[Shard, ...]
    """All that is there now."""
    lost: Mapping[Path, Sequence[str]]

    @property
    def brought(self) -> int:
        """Number of runs that were brought."""
        return sum(self.sources.values())


def check_alike(folders: Sequence[Asked]) -> None:
    """Raise InputError where folders are not of one campaign, naming what differs."""
    for other in folders[1:]:
        if found := folders[0].differences(other):
            raise InputError(
                f"{folders[0].folder} and {other.folder} hold runs of different campaigns: {'; '.join(found[:5])}."
            )


def largest_of(folders: Sequence[Asked]) -> Asked:
    """Return the folder that asks for the most points, and of these the most runs."""
    return max(folders, key=lambda one: (len(one.plan.arms), one.plan.n_runs))


def campaign_of(
    folders: Sequence[Asked], config: Config, model: Model, results_dir: Path, watcher: Watcher
) -> Campaign:
    """Return the whole campaign that folders are parts of, with the most replications that any of them asks for.

    `config` and `model` are those of the largest of the folders, opened again.
    """
    about = largest_of(folders).about
    replications = np.zeros(len(model.planned), np.int64)
    for asked in folders:
        own = np.array(asked.plan.replications)[: len(replications)]
        replications[: len(own)] = np.maximum(replications[: len(own)], own)
    runs = int(replications.max())
    here = {"shard": None, "retry": False, "plan": False, "results_dir": str(results_dir)}
    config = config.model_copy(update={"runs": runs, **here})
    plan = Plan(tuple(model.planned), tuple(map(int, replications)), config.seed)
    return Campaign(config, model, plan, results_dir / config.name / about["id"], watcher, command_of(about))


def command_of(about: Mapping[str, object]) -> tuple[str, ...]:
    """Return what was typed after `steppe run` for the whole of which a folder may be a share."""
    typed = about["command"]
    return tuple(str(text) for text in typed if not str(text).startswith("shard=")) if isinstance(typed, list) else ()


def join(campaign: Campaign, sources: Sequence[Path]) -> Joined:
    """Bring the sound shards of the sources into the folder of an opened campaign, their receipts last.

    Of all that is there and offered, what is `fullest` is there afterwards: what was there stays unless others hold
    more. So a merge that was killed is only repeated, and another source never makes it fewer runs. Raises InputError
    for a source of another campaign, for runs that two folders tell otherwise, and for a disk that refuses.
    """
    found = campaign.surveyed()
    there = list(_pieces(campaign.folder, found))
    offered, lost = _offered(campaign, sources)
    _check_same(campaign.plan, [*there, *offered])
    kept = fullest([*there, *offered], campaign.folder)
    chosen = [piece for piece in kept if piece.folder != campaign.folder]
    staying = [piece.shard for piece in kept if piece.folder == campaign.folder]
    left = set(staying)
    counts = Counter[Path]()
    for piece in chosen:
        counts[piece.folder] += piece.shard.n_runs
    brought = {folder: counts[folder] for folder in dict.fromkeys(sources) if counts[folder]}
    if chosen:
        campaign.clear(found)
        placed = campaign.plan.slotted([piece.shard for piece in chosen], staying)
        campaign.lay_out([*staying, *placed])
        gone = [piece.receipt for piece in there if piece.shard not in left]
        _bring_all(campaign, list(zip(chosen, placed, strict=True)), gone)
        for folder, n_runs in brought.items():
            campaign.say(f"{n_runs} run{' is' if n_runs == 1 else 's are'} joined from {folder}.")
    for line in caveat(counted(piece.receipt for piece in kept)):
        campaign.say(line)
    return Joined(brought, (*staying, *(piece.shard for piece in chosen)), lost)


def missing_shares(plan: Plan, kept: Sequence[Shard], of: int) -> dict[Share, int]:
    """Return of which of so many shares runs are missing, and how many, where to run these shares brings them.

    It does where all that is kept is cut as shares are. Other shards may stand in the way of those of a share, however
    often it is run: then nothing is returned.
    """
    return dealt(plan.missing(kept), of) if are_dealt(kept, of) else {}


def _survey(campaign: Campaign, folder: Path) -> Survey:
    return survey(folder, campaign.plan, campaign.model_hash, campaign.layout is not None)


def _pieces(folder: Path, found: Survey) -> Iterator[Piece]:
    return (Piece(folder, Receipt.of(folder, shard)) for shard in found.done)


def _offered(campaign: Campaign, sources: Sequence[Path]) -> tuple[list[Piece], dict[Path, list[str]]]:
    """Return the sound shards of all sources, and what is damaged in each."""
    pieces: list[Piece] = []
    lost: dict[Path, list[str]] = {}
    for folder in sources:
        if folder.resolve() == campaign.folder.resolve():
            continue
        try:
            found = _survey(campaign, folder)
        except Foreign as error:
            raise InputError(f"{error} It is not joined with the others.") from error
        pieces += _pieces(folder, found)
        if found.damage:
            lost[folder] = list(found.damage.values())
    return pieces, lost


def fullest(pieces: Sequence[Piece], home: Path) -> list[Piece]:
    """Return the pieces that hold no run twice and together the most runs, the first replications of all arms first.

    Of equals, those in which fewer runs failed, and of these those that are in `home`. Files are not cut, so pieces
    that were cut otherwise may stand in each other's way. Which to take is a set packing problem (Nemhauser and Wolsey
    1988, Integer and Combinatorial Optimization, chapter I.1), solved exactly: of pieces that share a run one is taken.
    """
    unlike: dict[str, Piece] = {}
    for piece in sorted(pieces, key=lambda piece: (len(piece.receipt.failures), piece.folder != home)):
        unlike.setdefault(piece.shard.name, piece)
    found = sorted(unlike.values(), key=lambda piece: (piece.shard.first, piece.shard.arm))
    if not (meeting := _meeting([piece.shard for piece in found])):
        return found
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *map(len, meeting)])
    places = np.concatenate(meeting)
    shared = csr_array((np.ones(len(places)), places, ends), shape=(len(meeting), len(found)))
    failed = np.array([len(piece.receipt.failures) for piece in found])
    is_home = np.array([piece.folder == home for piece in found])
    # Whole numbers, in which all that is at home weighs less than a failure, and all failures together less than a run.
    runs = np.array([piece.shard.n_runs for piece in found])
    worth = (runs * (failed.sum() + 1) - failed) * (len(found) + 1.0) + is_home
    best = milp(
        -worth,
        integrality=np.ones(len(found)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(shared, ub=1),
        options={"mip_rel_gap": 0},
    )
    return [piece for piece, taken in zip(found, best.x, strict=True) if taken > 0.5]


def _meeting(shards: Sequence[Shard]) -> list[tuple[int, ...]]:
    """Return the places of shards that have a run in common, each set of them once; `shards` are by first run."""
    open_in: dict[int, list[int]] = defaultdict(list)
    found: set[tuple[int, ...]] = set()
    for place, shard in enumerate(shards):
        for arm in shard.reach:
            here = [o for o in open_in[arm] if shards[o].first + shards[o].count > shard.first]
            open_in[arm] = [*here, place]
            if here:
                found.add((*here, place))
    return sorted(found)


def _check_same(plan: Plan, pieces: Sequence[Piece]) -> None:
    """Raise InputError where two folders have other values of the same run, by the hashes of rows in receipts."""
    if not pieces:
        return
    runs = [_made(piece.receipt) for piece in pieces]
    owners = np.repeat(np.arange(len(pieces)), [len(made) for made in runs])
    told = bytes.fromhex("".join(piece.receipt.outcome_hashes for piece in pieces))
    hashes = np.frombuffer(told, np.uint8).reshape(-1, HASH_BYTES)
    order = np.argsort(numbers := np.concatenate(runs), kind="stable")
    owners, numbers, rows = owners[order], numbers[order], hashes[order]
    unlike = np.flatnonzero((numbers[1:] == numbers[:-1]) & (rows[1:] != rows[:-1]).any(axis=1))
    if len(unlike):
        one, other = (pieces[owners[place]] for place in (unlike[0], unlike[0] + 1))
        raise InputError(
            f"{told_of(plan, other.shard)} have other values in {one.folder} than in {other.folder}; "
            "`steppe verify` tells which of them is wrong. Leave that folder out."
        )


def _made(receipt: Receipt) -> np.ndarray:
    """Return the numbers of the runs of a shard that gave something, int64, in order."""
    shard = receipt.shard
    runs = np.add.outer(MOST_RUNS * np.array(shard.reach, np.int64), shard.replications).ravel()
    return runs[~np.isin(runs, [failure.run for failure in receipt.failures])]


def _bring_all(campaign: Campaign, pieces: Sequence[tuple[Piece, Shard]], gone: Sequence[Receipt]) -> None:
    """Bring shards to the slots they have there, AT_ONCE at a time; all at once where others give way to them."""
    campaign.watcher.begin(0, sum(shard.n_runs for _, shard in pieces))
    step = len(pieces) if gone else AT_ONCE
    for first in range(0, len(pieces), step):
        some = pieces[first : first + step]
        _bring(some, campaign.folder, gone)
        campaign.watcher.advance(sum(shard.n_runs for _, shard in some))
    campaign.watcher.end()


def _bring(pieces: Sequence[tuple[Piece, Shard]], folder: Path, gone: Sequence[Receipt] = ()) -> None:
    """Bring the files of shards into a folder, trajectories to the slots they have there, and then their receipts.

    All data are there under other names before shards that give way are taken away, and no receipt is there before its
    data are durable, and so are their names.
    """
    renewed: list[Receipt] = []
    staged: dict[Path, Path] = {}
    folders: set[Path] = set()
    try:
        for piece, shard in pieces:
            chunk, files = trajectories.chunk_name(piece.shard.slot), {}
            for name, checksum in piece.receipt.files.items():
                place = trajectories.chunk_name(shard.slot) if name == chunk else name
                target = folder / place
                files[place] = checksum
                folders |= {target.parent} if name != chunk else set(target.parents[:4])
                staged[target] = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
                with storing(target):
                    _copy(piece.folder / name, staged[target], is_fixed=name != chunk)
            renewed.append(replace(piece.receipt, shard=shard, files=files))
        with storing(folder):
            for receipt in gone:
                for name in (receipt_name(receipt.shard.name), *receipt.files):
                    (folder / name).unlink(missing_ok=True)
            for target, temporary in staged.items():
                os.replace(temporary, target)
            for parent in folders:
                sync(parent)
        for (piece, _), receipt in zip(pieces, renewed, strict=True):
            name = receipt_name(receipt.shard.name)
            if receipt != piece.receipt or not _linked(piece.folder / name, folder / name):
                receipt.write(folder)
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


def _copy(source: Path, target: Path, is_fixed: bool) -> None:
    """Copy a file, durable, or link it where the disk allows that and nobody ever writes into it.

    What is linked is durable, since the source's receipt vouches for it; its name is left to `_bring`.
    """
    if not (is_fixed and _linked(source, target)):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        sync(target)


def _linked(source: Path, target: Path) -> bool:
    """Link a file under another name; return whether the disk allows that."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)
    except OSError:
        return False  # Another disk, or one without links.
    return True
