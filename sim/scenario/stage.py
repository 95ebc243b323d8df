"""A scenario put on stage: a copy of the world with its clock set and every inject in its row."""

from __future__ import annotations

from dataclasses import astuple

from sim.errors import InputError, did_you_mean
from sim.scenario.history import MODES, homes_of_firms, read_history, read_leaders
from sim.scenario.injects import Inject, parse_inject
from sim.scenario.reader import Scenario
from sim.world.build import World
from sim.world.calendar import format_quarter
from sim.world.fields import NEVER
from sim.world.injects import KINDS


def _own_injects(world: World, scenario: Scenario, first: int, last: int) -> list[Inject]:
    """Return the scenario's own injects; InputError where one lies before the window or can never happen."""
    homes = homes_of_firms(world)
    found: list[Inject] = []
    for place, entry in scenario.injects:
        for inject in parse_inject(entry, world.names, homes, place):
            if inject.start < first:
                raise InputError(f"{place}: it begins in {entry['start']}, before the start, {format_quarter(first)}.")
            if inject.start > last:
                raise InputError(
                    f"{place}: it can never happen: {entry['start']} lies after the end, {format_quarter(last)}; "
                    "leave the scenario out with scenario=baseline or set a later end=."
                )
            if KINDS[inject.kind].target == "origins":
                _check_channel(world, inject, place)
            found.append(inject)
    return found


def _check_channel(world: World, inject: Inject, place: str) -> None:
    """Raise InputError where an inject is about a state and an origin that lies in it: nobody asks at home."""
    if int(world.record["origins"]["state"][0, inject.target]) == inject.actor:
        state, origin = world.names.states[inject.actor], world.names.origins[inject.target]
        raise InputError(f"{place}: state: {origin} lies in {state}; name a state that it is asked of.")


def stage(world: World, scenario: Scenario, history: str, first: int, last: int) -> World:
    """Return the world ready for a run that reports from quarter `first` to `last`, with history `replay` or `free`."""
    if history not in MODES:
        raise InputError(f"history={history}: write replay or free.{did_you_mean(history, MODES)}")
    injects = [*read_leaders(world), *read_history(world, history), *_own_injects(world, scenario, first, last)]
    record = world.record.copy()
    rows = record["injects"][0]
    if len(injects) > len(rows):
        raise InputError(
            f"{scenario.name}: {len(injects)} injects with those of history; there is room for {len(rows)}."
        )
    for row, inject in zip(rows, injects, strict=False):
        kind, start, end, *rest = astuple(inject)
        row["kind"], row["start"], row["end"] = kind, start, min(end, NEVER)
        row["strength"], row["actor"], row["target"], row["sector"] = rest
    clock = record["clock"]
    clock["first_reported"] = first
    clock["is_replay"] = int(history == "replay")
    return world.with_record(record)
