"""Join folders of the same campaign, made on machines that share nothing, into one."""

from __future__ import annotations

import os
import shutil
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from sim.ensemble.asked import Asked
from sim.ensemble.campaign import Campaign, Model
from sim.ensemble.engines.engine import Watcher
from sim.ensemble.plan import NO_SLOT, Plan, Shard
from sim.ensemble.receipts import Foreign, Receipt, Survey, survey, told_of
from sim.ensemble.shares import Share
from sim.errors import InputError
from sim.results import trajectories
from sim.results.digest import digest_of
from sim.results.files import write_whole
from sim.results.outcomes import read_parts
from sim.results.schema import part_name, receipt_name
from sim.settings import Config


@dataclass(frozen=True)
class Piece:
    """A shard that is whole in some folder."""

    folder: Path
    receipt: Receipt

    @property
    def shard(self) -> Shard:
        """Its runs."""
        return self.receipt.shard

    @property
    def part(self) -> str:
        """Path of its outcomes inside the folder."""
        return part_name(self.shard.name)


@dataclass(frozen=True)
class Joined:
    """What came of joining folders: `lost` tells, folder by folder, what is damaged there."""

    brought: int
    """Number of runs that were brought."""
    kept: tuple[Shard, ...]
    """All that is there now."""
    lost: Mapping[Path, Sequence[str]]


def check_alike(folders: Sequence[Asked]) -> None:
    """Raise InputError where folders are not of one campaign, naming what differs."""
    for other in folders[1:]:
        if found := folders[0].differences(other):
            raise InputError(
                f"{folders[0].folder} and {other.folder} hold runs of different campaigns: {'; '.join(found[:5])}."
            )


def campaign_of(
    folders: Sequence[Asked], config: Config, model: Model, results_dir: Path, watcher: Watcher
) -> Campaign:
    """Return the whole campaign that folders are parts of, with the most replications that any of them asks for.

    `config` and `model` are those of one of the folders, opened again.
    """
    about = folders[0].about
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
    """Bring all sound shards of the sources into the folder of an opened campaign, their receipts last.

    What is there stays, and is not brought again, so that a merge that was killed is only repeated; but shards with
    failures give way to one that holds all their runs with fewer. Raises InputError for a source of another campaign,
    for runs that two folders tell otherwise, and for a disk that refuses.
    """
    offered, lost = _offered(campaign, sources)
    held: Counter[Path] = Counter()
    for piece in offered:
        held[piece.folder] += piece.shard.n_runs
    offered.sort(key=lambda piece: -held[piece.folder])  # so that no part of a folder stands in the way of a whole one
    there = _survey(campaign, campaign.folder)
    chosen, mended = _fitting(campaign.plan, list(_pieces(campaign.folder, there)), offered)
    if chosen:
        for piece in mended:
            (campaign.folder / receipt_name(piece.shard.name)).unlink()
        there = campaign.cleared()
        slots = _free_slots({shard.slot for shard in there.done})
        placed = [
            (piece, replace(piece.shard, slot=piece.shard.slot if piece.shard.slot == NO_SLOT else next(slots)))
            for piece in chosen
        ]
        campaign.lay_out([*there.done, *(shard for _, shard in placed)])
        campaign.watcher.begin(0, sum(piece.shard.n_runs for piece in chosen))
        for piece, shard in placed:
            _bring(piece, shard, campaign.folder)
            campaign.watcher.advance(shard.n_runs)
        campaign.watcher.end()
    shards = [piece.shard for piece in chosen]
    return Joined(sum(shard.n_runs for shard in shards), (*there.done, *shards), lost)


def missing_shares(plan: Plan, kept: Sequence[Shard], of: int) -> dict[Share, int]:
    """Return of which of so many shares runs are missing, and how many."""
    shares = [Share(number, of) for number in range(1, of + 1)]
    lacking = {share: plan.missing(kept, None, share.tiles(plan)) for share in shares}
    return {share: sum(shard.n_runs for shard in shards) for share, shards in lacking.items() if shards}


def _survey(campaign: Campaign, folder: Path) -> Survey:
    return survey(folder, campaign.plan, campaign.model_hash, campaign.layout is not None)


def _pieces(folder: Path, found: Survey) -> Iterator[Piece]:
    return (Piece(folder, Receipt.read(folder / receipt_name(shard.name))) for shard in found.done)


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


def _fitting(plan: Plan, there: Sequence[Piece], offered: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Return the offered shards that hold no run twice, and those there that give way to them.

    Those with fewer failures and more runs come first. A shard of which only a part is there already is left out, since
    its files cannot be cut.
    """
    by_arm: dict[int, list[Piece]] = defaultdict(list)
    for piece in there:
        _keep(by_arm, piece)
    for piece in sorted(offered, key=lambda piece: (len(piece.receipt.failures), -piece.shard.n_runs)):
        meeting = {other.part: other for arm in piece.shard.reach for other in _meeting(by_arm[arm], piece.shard)}
        for other in meeting.values():
            _check_same(plan, other, piece)
        if not meeting or _mends(piece, list(meeting.values())):
            for other in meeting.values():
                _drop(by_arm, other)
            _keep(by_arm, piece)
    left = {id(piece) for row in by_arm.values() for piece in row}
    chosen = sorted(
        (piece for piece in offered if id(piece) in left), key=lambda piece: (piece.shard.first, piece.shard.arm)
    )
    return chosen, [piece for piece in there if id(piece) not in left]


def _mends(piece: Piece, others: Sequence[Piece]) -> bool:
    """Return whether a shard holds all runs of others, and fewer of them failed."""
    fewer = len(piece.receipt.failures) < sum(len(other.receipt.failures) for other in others)
    return fewer and all(_covers(piece.shard, other.shard) for other in others)


def _covers(shard: Shard, other: Shard) -> bool:
    in_arms = shard.reach.start <= other.reach.start and other.reach.stop <= shard.reach.stop
    return in_arms and shard.first <= other.first and other.first + other.count <= shard.first + shard.count


def _keep(by_arm: Mapping[int, list[Piece]], piece: Piece) -> None:
    """Put a piece into the list of each of its arms, by its first replication."""
    for arm in piece.shard.reach:
        by_arm[arm].insert(_place(by_arm[arm], piece.shard.first), piece)


def _drop(by_arm: Mapping[int, list[Piece]], piece: Piece) -> None:
    for arm in piece.shard.reach:
        del by_arm[arm][_place(by_arm[arm], piece.shard.first)]


def _meeting(row: Sequence[Piece], shard: Shard) -> Iterator[Piece]:
    """Yield the pieces of an arm that have replications of a shard; `row` is in order and holds none twice."""
    place = max(0, _place(row, shard.first) - 1)
    while place < len(row) and row[place].shard.first < shard.first + shard.count:
        if row[place].shard.first + row[place].shard.count > shard.first:
            yield row[place]
        place += 1


def _place(row: Sequence[Piece], first: int) -> int:
    return bisect_left(row, first, key=lambda piece: piece.shard.first)


def _check_same(plan: Plan, one: Piece, other: Piece) -> None:
    """Raise InputError where two folders have other values of the same run."""
    if one.part == other.part and one.receipt.files[one.part] == other.receipt.files[other.part]:
        return
    tables = [next(read_parts(piece.folder, [piece.part])) for piece in (one, other)]
    numbers = [table.column("run").to_numpy() for table in tables]
    both = np.intersect1d(*numbers)
    ours, theirs = (
        digest_of([table.filter(pa.array(np.isin(n, both)))]) for table, n in zip(tables, numbers, strict=True)
    )
    if ours != theirs:
        raise InputError(
            f"{told_of(plan, other.shard)} have other values in {one.folder} than in {other.folder}; "
            "`steppe verify` tells which of them is wrong. Leave that folder out."
        )


def _free_slots(used: set[int]) -> Iterator[int]:
    return (slot for slot in range(2**31) if slot not in used)


def _bring(piece: Piece, shard: Shard, folder: Path) -> None:
    """Bring the files of a shard into a folder, its trajectories to the slot of `shard`, and then its receipt."""
    chunk = trajectories.chunk_name(piece.shard.slot)
    files = {}
    for name, checksum in piece.receipt.files.items():
        place = trajectories.chunk_name(shard.slot) if name == chunk else name
        _copy(piece.folder / name, folder / place, is_fixed=name != chunk)
        files[place] = checksum
    replace(piece.receipt, shard=shard, files=files).write(folder)


def _copy(source: Path, target: Path, is_fixed: bool) -> None:
    """Copy a file whole, or link it where the disk allows that and nobody ever writes into it."""

    def write(temporary: Path) -> None:
        temporary.unlink(missing_ok=True)
        if is_fixed:
            try:
                os.link(source, temporary)
                return
            except OSError:
                pass  # Another disk, or one without links.
        shutil.copyfile(source, temporary)

    write_whole(target, write)
