"""A scenario put on stage: a copy of the world with its clock set and every inject in its row."""

from __future__ import annotations

from dataclasses import astuple

from sim.errors import InputError, did_you_mean
from sim.scenario.history import MODES, custodies_not_begun, homes_of_firms, read_history, read_leaders
from sim.scenario.injects import Inject, parse_inject
from sim.scenario.possible import check_possible
from sim.scenario.reader import Scenario
from sim.world.build import World
from sim.world.calendar import format_quarter
from sim.world.fields import NEVER
from sim.world.injects import CODES


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
            check_possible(world, inject, place)
            _check_free(world, inject, found, place)
            found.append(inject)
    return found


def _check_free(world: World, inject: Inject, before: list[Inject], place: str) -> None:
    """Raise InputError where a group is to take the place of a state that another has been given already."""
    for other in before:
        is_same = other.kind == inject.kind == CODES["become_state"] and other.target == inject.target
        if is_same and other.actor != inject.actor:
            state, group = world.names.states[inject.target], world.names.groups[other.actor]
            raise InputError(f"{place}: state: {group} takes the place of {state} already; name one group alone.")


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
    record["custodies"]["begins"][0, custodies_not_begun(world, history)] = NEVER
    clock = record["clock"]
    clock["first_reported"] = first
    clock["is_replay"] = int(history == "replay")
    return world.with_record(record)
