"""Who stands where in the record: the names of actors in the order of their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sim.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Names:
    """Names in the order of the record's rows.

    Holders of land and people are the groups, then the states; patrons the groups, then the states that sponsor one.
    `labels` gives the words that readers see, `former` the present name of whoever once had another.
    """

    states: tuple[str, ...]
    homes: tuple[str, ...]
    firms: tuple[str, ...]
    sectors: tuple[str, ...]
    institutions: tuple[str, ...]
    domains: tuple[str, ...]
    groups: tuple[str, ...]
    theatres: tuple[str, ...]
    origins: tuple[str, ...]
    nodes: tuple[str, ...]
    corridors: tuple[str, ...]
    kinds: tuple[str, ...]
    answers: tuple[str, ...]
    statuses: tuple[str, ...]
    holders: tuple[str, ...]
    patrons: tuple[str, ...]
    custodies: tuple[str, ...]
    pools: tuple[str, ...]
    accusers: tuple[str, ...]
    audiences: tuple[str, ...]
    severities: tuple[str, ...]
    models: tuple[str, ...]
    reported: tuple[str, ...]
    labels: Mapping[str, str]
    former: Mapping[str, str] = MappingProxyType({})

    def index(self, kind: str, name: str) -> int:
        """Return the row of a name; InputError with the nearest spelling where it is not there."""
        known: tuple[str, ...] = getattr(self, kind)
        if name not in known:
            if self.former.get(name) in known:
                raise InputError(f"{name!r} is none of the {kind}; it stands there as {self.former[name]!r}.")
            raise InputError(f"{name!r} is none of the {kind}.{did_you_mean(name, known)}")
        return known.index(name)

    def label(self, name: str) -> str:
        """Return the words that readers see for a name, which is the name itself where there are none."""
        return self.labels.get(name, name)
