"""What is asked of a sweep: its plan, its id, the folder that follows from it, and how far that is to grow."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

import sim
from sim.ensemble.blocks import Simulator
from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.ensemble.precision import Rule
from sim.ensemble.receipts import arms_held, reach_of, shards_named
from sim.ensemble.shares import Share
from sim.results import trajectories
from sim.results.files import canonical_json
from sim.results.quantiles import Window
from sim.results.schema import CHUNK_RUNS, LAYOUT
from sim.results.watching import Watcher
from sim.settings import ROLES, UNSEEDED, Config


class Model(Simulator, Protocol):
    """What a sweep needs of a model: see `Prepared`, which is one."""

    @property
    def planned(self) -> tuple[PlannedArm, ...]: ...  # noqa: D102
    @property
    def source_hash(self) -> str: ...  # noqa: D102
    @property
    def stands_on(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def quarters(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def outcome_names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def columns(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def sampled(self) -> Mapping[str, Any]: ...  # noqa: D102
    def write_design(self, folder: Path) -> None: ...  # noqa: D102
    def joined_to(self, folder: Path, arms_held: int) -> Self: ...  # noqa: D102
    @property
    def question(self) -> str: ...  # noqa: D102
    def told(self) -> Mapping[str, Any]: ...  # noqa: D102


@dataclass(frozen=True)
class Sweep[M: Model]:
    """What is asked; nothing of the folder is changed here."""

    config: Config
    model: M
    plan: Plan
    folder: Path
    watcher: Watcher
    command: tuple[str, ...] = ()
    """What was typed after `steppe run`."""
    reached: dict[str, Any] | None = None
    """How narrow the means became that `precision` asks for, as the manifest tells it; None where nothing is asked."""

    @classmethod
    def of(cls, config: Config, model: M, watcher: Watcher, command: tuple[str, ...] = ()) -> Self:
        """Plan a campaign; its folder follows from its content, and a share of it has one of its own.

        InputError for a `precision` of what is no outcome.
        """
        if config.precision:
            Rule.of(config, model.outcome_names)
        plan = Plan.uniform(model.planned, config.runs, config.seed)
        share = f".{Share.parse(config.shard).label}" if config.shard else ""
        folder = Path(config.results_dir).expanduser() / config.name / f"{identity(config, model)}{share}"
        return cls(config, model, plan, folder, watcher, command)

    @property
    def share(self) -> Share | None:
        """The share that is run here, or None where it is the whole."""
        return Share.parse(self.config.shard) if self.config.shard else None

    @cached_property
    def n_runs(self) -> int:
        """Number of runs that are to be here: those of the plan, or of the share."""
        return self.plan.n_runs if self.share is None else sum(shard.n_runs for shard in self.missing(()))

    def missing(self, there: Sequence[Shard]) -> list[Shard]:
        """Return shards for the runs that are to be here and that some shards do not hold."""
        within = None if self.share is None else self.share.tiles(self.plan)
        return self.plan.missing(there, self.config.engine.shard_runs, within)

    def grown(self) -> Self:
        """Return the sweep with all points that the folder holds, and all replications.

        Points beyond those that were asked for keep what they hold; where some miss replications that others have, as
        after an interruption, they get as many as those have, or as were asked for.
        """
        model = self.model.joined_to(self.folder, arms_held(self.folder))
        plan, asked = replace(self.plan, arms=model.planned), max(self.plan.replications)
        there = (shard for shard in shards_named(self.folder) if shard.reach.stop <= len(plan.arms))
        held_there = reach_of(there, len(plan.arms))
        beyond = held_there[len(self.plan.arms) :]
        least = np.full(len(beyond), min(asked, beyond.max(initial=0)), np.int64)
        wanted = np.maximum(np.append(self.plan.replications, least), held_there)
        changes: dict[str, Any] = {} if self.config.precision else {"runs": int(wanted.max())}
        if model.sampled:
            changes["design"] = self.config.design.model_copy(update={"n": model.sampled["n"]})
        plan = replace(plan, replications=tuple(int(n) for n in wanted))
        return replace(self, config=self.config.model_copy(update=changes), model=model, plan=plan)

    @property
    def layout(self) -> trajectories.Layout | None:
        """Shape of the trajectories, or None where none are stored."""
        columns = self.model.columns
        return trajectories.Layout(self.model.quarters, columns) if columns and self.config.trajectories else None

    @property
    def window(self) -> Window | None:
        """Columns and quarters that bands are made of, or None where nothing is observed."""
        return Window(self.model.columns, self.model.quarters) if self.model.columns else None

    @property
    def model_hash(self) -> str:
        """Hash of the model's sources and of what it observes."""
        observed = [self.model.source_hash, list(self.model.outcome_names), list(self.model.columns)]
        return hashlib.sha256(canonical_json(observed)).hexdigest()

    def about(self) -> dict[str, Any]:
        """Return what plan.parquet says of the campaign, under the names that the manifest has for it."""
        return {
            "layout": LAYOUT,
            "experiment": self.config.name,
            "id": self.folder.name.partition(".")[0],
            "title": self.config.full_title,
            "question": self.model.question,
            "seed": self.plan.seed,
            "share": None if self.share is None else str(self.share),
            "command": list(self.command),
            "plan_hash": self.plan.sha256,
            "model_version": sim.__version__,
            "model_hash": self.model_hash,
            "source_hash": self.model.source_hash,
            **self.model.stands_on,
            "arms": [asdict(arm) for arm in self.plan.arms if not arm.is_sampled],
        }


def identity(config: Config, model: Model) -> str:
    """Return the id of a campaign: twelve hexadecimal digits of what its runs are computed from and what is kept."""
    content = config.model_dump(mode="json", exclude={key for key, role in ROLES.items() if not role.in_id})
    # Of a design there is what came of it, so that patterns and what they stand for are one.
    content["design"] = {key: model.sampled[key] for key in ("method", "seed", "factors") if model.sampled}
    if config.design.method in UNSEEDED and model.sampled:
        content["design"]["seed"] = 0  # whatever it is, the points are the same
    arms = [[arm.point, arm.scenario, arm.history, arm.fingerprint] for arm in model.planned if not arm.is_sampled]
    kept = [list(model.outcome_names), list(model.columns), CHUNK_RUNS, LAYOUT]
    return hashlib.sha256(canonical_json([content, arms, model.source_hash, kept])).hexdigest()[:12]
