"""The tables of the record that have handles on their rows, besides those whose rows are agents.

Incidents have none, and no address either: who was truly behind one that is on record is shown nowhere.
"""

from __future__ import annotations

from sim.world.handles import Row


class Home(Row, table="homes"):
    """A state as home of firms: its government's subsidies, loans, gifts and sanctions."""


class Sector(Row, table="sectors"):
    """A sector of technology and who sells in it."""


class Institution(Row, table="institutions"):
    """An institution, its members and its agreements by domain."""


class Dyad(Row, table="dyads"):
    """A client's relation to one partner."""


class Cell(Row, table="cells"):
    """What is installed of a sector in a state, and by whom. While anything is, shares sum to one."""


class Origin(Row, table="origins"):
    """An area that people leave, and the state that asks for them."""


class Node(Row, table="nodes"):
    """A place on the routes, and the persons there."""


class Leg(Row, table="legs"):
    """A way from one node to another, and its border."""


class Channel(Row, table="channels"):
    """A state and an origin whose state asks it for persons: instruments, answers, intelligence."""


class Group(Row, table="groups"):
    """An armed group: where it is, to whom it is tied, who its people are and what its leadership wants."""


class Theatre(Row, table="theatres"):
    """A theatre of war: who holds how much of it, and what keeps the peace there."""


class Patron(Row, table="patrons"):
    """A group or a sponsoring state as patron: its effort at holding its clients back, and what moves it."""


class Custody(Row, table="custodies"):
    """Those whom a group or a state holds. A hub has a custody of its own, named like it."""


class Designation(Row, table="designations"):
    """A group's designation by one power, and the chance that it is lifted."""


class Pool(Row, table="pools"):
    """An area that groups' people come from."""


class Accuser(Row, table="accusers"):
    """A state that accuses groups, rightly or not."""


class Audience(Row, table="audiences"):
    """A public or a set of governments: whom it believes, and what."""


class Migrants(Row, table="migrants"):
    """People of one area who live in one state."""


class Politics(Row, table="politics"):
    """World politics."""


class Measures(Row, table="measures"):
    """What is measured of the whole world at the end of a quarter."""


NAMED = (
    *(Home, Sector, Institution, Origin, Node, Leg, Channel),
    *(Group, Theatre, Patron, Custody, Designation, Pool, Accuser, Audience, Migrants),
)
"""Handles on tables whose rows have names of their own: `model.homes`, `model.groups` and so on."""
