"""Incidents as several rules count and record them: by class, state and theatre, as reported or as they were.

Who is behind an incident is kept apart from whom somebody accuses of it; nothing here tells the one from the other.
"""

from sim.numerics.compiled import compiled
from sim.world.fields import NOBODY


@compiled
def class_weight(severity):
    """Return the weight (0-1) of an incident of a class: minor, serious, mass."""
    if severity == 0:
        return 0.1
    return 0.4 if severity == 1 else 1.0


@compiled
def is_laid_to(world, accused, theatre):
    """Return whether somebody is accused, and that group is in this theatre."""
    return accused != NOBODY and world.groups[accused].theatre == theatre


@compiled
def shock_at(world, quarter, state, theatre):
    """Return Σ of class weights of a quarter's incidents that were not foiled, as they are reported.

    Of those on the soil of `state`, and of those that a group of `theatre` is accused of; `NOBODY`: of all.
    """
    total = 0.0
    for i in range(world.incidents.shape[0]):
        incident = world.incidents[i]
        if incident.quarter == quarter >= 0 and incident.is_foiled == 0:
            if state != NOBODY and incident.target != state:
                continue
            if theatre != NOBODY and not is_laid_to(world, incident.accused, theatre):
                continue
            total += class_weight(incident.severity)
    return total


@compiled
def record_incident(world, target, severity, author, is_simulated, is_foiled):
    """Write an incident of this quarter into the next row; the oldest of all gives way."""
    i = world.politics.next_incident
    world.politics.next_incident = (i + 1) % world.incidents.shape[0]
    incident = world.incidents[i]
    incident.quarter = world.clock.quarter
    incident.target = target
    incident.severity = severity
    incident.author = author
    incident.accused = NOBODY
    incident.accuser = NOBODY
    incident.is_simulated = is_simulated
    incident.is_foiled = is_foiled
    incident.is_exposed = 0
