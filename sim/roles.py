"""Where the value of a key of the configuration counts: stated with the key itself, in `sim/settings.py`."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True)
class Role:
    """Where the value of a key counts; every key of `Config` bears one of the roles below."""

    in_id: bool = False
    """In the id of a campaign: another value means another folder."""
    in_runs: bool = False
    """Between folders of one campaign, such as shares: their values have to be equal for their runs to be the same."""
    in_hash: bool = False
    """In `config_hash` of the manifest, which tells results apart that were asked for otherwise."""
    in_page: bool = False
    """In what manifest and report say of the runs that there are: another value means that they are made anew."""


CONTENT = Role(in_id=True, in_runs=True, in_hash=True, in_page=True)
"""What runs are computed from, and what is kept of them."""
ARMS = Role(in_runs=True, in_hash=True, in_page=True)
"""Which arms there are: the id has the arms themselves, each with the hash of all that it is computed from."""
PLACE = Role(in_hash=True, in_page=True)
"""Where files are from which arms are made: as `ARMS`, but machines may have them under different paths."""
WORDS = Role(in_id=True, in_hash=True, in_page=True)
"""What a result is called, which names of files may be part of."""
EXTENT = Role(in_hash=True)
"""How far a campaign is grown."""
TOLD = Role(in_page=True)
"""What the report shows."""
HOW = Role()
"""Where and how it is run, and which files are made besides the runs."""


def roles_of(schema: type[BaseModel], before: str = "") -> dict[str, Role]:
    """Return the role of every key, dotted where keys stand in one that bears none; TypeError for one without."""
    found: dict[str, Role] = {}
    for name, field in schema.model_fields.items():
        if own := [mark for mark in field.metadata if isinstance(mark, Role)]:
            found[before + name] = own[0]
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= roles_of(field.annotation, f"{before}{name}.")
        else:
            raise TypeError(f"{before}{name}: say in its annotation where it counts, such as CONTENT or HOW.")
    return found
