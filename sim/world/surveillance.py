"""The record's fields of surveillance: two models of it, what the public thinks of them, and what suppliers read.

The technical model watches places with cameras and software; the legal one taps lines on the ground of a law.
"""

from __future__ import annotations

from sim.world.fields import FLOAT, Field, index, quarter, share

MODELS = ("technical", "legal")
"""Models of surveillance, in the order of `states.opposition`."""

TECHNICAL, LEGAL = range(2)

STATE_FIELDS = (
    share("civil_base", "how far civil groups can contest what the government does, as it began"),
    share("civil_society", "how far civil groups can contest what the government does"),
    share("opacity_base", "how little is told of public deals, as it began"),
    share("demand", "the government's demand for each model of surveillance", ("models",)),
    share("deployment", "what is installed of each model of surveillance", ("models",)),
    share("opposition_declared", "public opposition to each model, set from outside", ("models",)),
    share("opposition", "public opposition to each model of surveillance", ("models",)),
    Field("suspension_declared", FLOAT, 0, 1, "flag", "1: each model is suspended from outside", ("models",)),
    quarter("suspended_until", "quarter up to which nothing of each model is bought", ("models",)),
    Field("cum_suspended", FLOAT, 0, 10000, "quarters", "running number of quarters without purchases", ("models",)),
    share("localised", "how far data have to stay in the country, set from outside"),
    share("misuse", "surveillance that rights do not restrain"),
    Field("complements", FLOAT, 0, 1000, "full builds", "what the other supplier had elsewhere at awards of late"),
    Field("rivals", FLOAT, 0, 1000, "full builds", "what the other supplier had in the same sector then"),
    Field("relation", FLOAT, -1, 1, "-1 to 1", "relation of the suppliers of both models: 1 complements, -1 rivals"),
)
"""Fields of a state."""

DYAD_FIELDS = (
    share("access", "how far the partner reads data through what it supplied"),
    share("suspicion", "suspicion that the partner reads data"),
    share("audit_declared", "how far the client audits what the partner supplied, set from outside"),
    share("scandal_order", "reading by the partner found out this quarter, set from outside"),
    Field("cum_discovered", FLOAT, 0, 10000, "discoveries", "running number of discoveries that the partner read data"),
)
"""Fields of a dyad."""

SECTOR_FIELDS = (
    index("model", "models", "model of surveillance that it belongs to, or nobody"),
    share("visibility", "how far the public sees it"),
)
"""Fields of a sector."""

HOME_FIELDS = (index("model", "models", "model of surveillance that its firms stand for, or nobody"),)
"""Fields of a home."""
