"""Where runs were made: the classes of CPU and the versions that receipts name, counted and told.

Values of one origin are the same, bit for bit; those of two may differ in the last bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.results.manifest import CPU_CLASS, made_by

if TYPE_CHECKING:
    from sim.ensemble.receipts import Receipt

Origin = tuple[tuple[str, str], ...]
"""What a receipt says of what made its runs, by name, sorted; empty where it says nothing."""


def origin_of(stated: Mapping[str, str]) -> Origin:
    """Return what a receipt states as `made_by` in a form that can be counted."""
    return tuple(sorted(stated.items()))


def here() -> Origin:
    """Return the origin of runs that this process makes."""
    return origin_of(made_by())


def counted(receipts: Iterable[Receipt]) -> Counter[Origin]:
    """Return how many runs were made where, by what receipts state."""
    found: Counter[Origin] = Counter()
    for receipt in receipts:
        found[origin_of(receipt.made_by)] += receipt.shard.n_runs
    return found


def rows(counts: Mapping[Origin, int]) -> list[dict[str, Any]]:
    """Return what the manifest says: each origin with the number of its runs, that of most runs first."""
    return [{**dict(origin), "runs": n} for origin, n in _ordered(counts)]


def lines(counts: Mapping[Origin, int]) -> list[str]:
    """Return the sentence, if any is due, on runs that were made elsewhere than in this process."""
    now = here()
    others = [f"{_runs(n)} {elsewhere(origin, now)}" for origin, n in _ordered(counts) if origin != now]
    return [f"{'; '.join(others)}: values made here may be others in the last bit."] if others else []


def caveat(counts: Mapping[Origin, int]) -> list[str]:
    """Return what readers have to know where runs are of more than one origin."""
    if len(counts) < 2:
        return []
    keys = _unlike(*counts)
    told = "; ".join(f"{n} {told_of(origin, keys)}" for origin, n in _ordered(counts))
    return [f"The runs were made in {len(counts)} environments, whose values may differ in the last bit: {told}."]


def elsewhere(origin: Origin, now: Origin) -> str:
    """Return in words where runs were made, as far as it is otherwise here."""
    keys = _unlike(origin, now)
    return f"made {told_of(origin, keys)}, here it is {told_of(now, keys)}"


def told_of(origin: Origin, keys: Sequence[str]) -> str:
    """Return some of what an origin states in words."""
    if not origin:
        return "in an environment that was not recorded"
    stated = dict(origin)
    packages = ", ".join(f"{key} {stated.get(key, 'unknown')}" for key in keys if key != CPU_CLASS)
    cpu = f"on a CPU of class {stated.get(CPU_CLASS, 'unknown')}" if CPU_CLASS in keys else ""
    return " ".join(text for text in (packages and f"with {packages}", cpu) if text)


def _unlike(*origins: Origin) -> list[str]:
    """Return the names, sorted, of what is not the same in all of some origins."""
    stated = [dict(origin) for origin in origins if origin]
    names = sorted({name for origin in stated for name in origin})
    is_unknown = len(stated) < len(origins)
    return [name for name in names if is_unknown or len({origin.get(name) for origin in stated}) > 1]


def _runs(n: int) -> str:
    return "1 run was" if n == 1 else f"{n} runs were"


def _ordered(counts: Mapping[Origin, int]) -> list[tuple[Origin, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
