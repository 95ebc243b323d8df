"""The tables of the record that have handles on their rows, besides those whose rows are agents."""

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


class Politics(Row, table="politics"):
    """World politics."""


class Measures(Row, table="measures"):
    """What is measured of the whole world at the end of a quarter."""
