"""What a strategy may read: the reported world, not the true numbers of armed groups and of those who judge them."""

from __future__ import annotations

from sim.errors import InputError
from sim.world.address import split_path

SEEN = {
    "groups": ("content", "rep_members", "rep_hold", "rep_blame"),
    "patrons": ("legitimacy", "disavowed", "acknowledged", "crisis"),
    "custodies": ("relatives", "abandoned", "rights_cost", "cum_escaped", "cum_transferred"),
    "pools": ("grievance",),
}
"""Of these tables a strategy may read these numbers alone."""

HIDDEN = {
    "theatres": ("control",),
    "accusers": ("cum_right", "cum_wrong", "cum_unsettled"),
    "migrants": ("wrong",),
    "origins": ("wrong",),
    "measures": (
        *("cum_hazard", "cum_hazard_clients", "cum_hazard_all", "cum_external", "cum_failures"),
        *("cum_near", "cum_calm", "cum_right", "cum_wrong", "cum_unsettled", "cum_defected", "members", "wrong"),
    ),
}
"""Of these tables a strategy may read all numbers but these."""

_INSTEAD = {
    "groups": "groups[...].rep_members, rep_hold or rep_blame",
    "theatres": "groups[...].rep_hold",
    "measures": "measures.rep_members, cum_severity or cum_accused",
}


def check_reported(address: str, place: str) -> None:
    """Raise InputError naming `place` where an address is that of a number that nobody reports."""
    table, name = split_path(address)
    if name in HIDDEN.get(table, ()) or name not in SEEN.get(table, (name,)):
        instead = _INSTEAD.get(table)
        hint = f"; read {instead}" if instead else ""
        raise InputError(f"{place}: nobody reports {address}, and a strategy reads what is reported alone{hint}.")
