"""Injects and orders of strategies in words: what is done, to whom, when and how strongly. The one way to word them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.scenario.injects import keys_of, kind_of
from sim.scenario.timing import read_timing, texts_of
from sim.world.injects import Kind


def entry_in_words(entry: Mapping[str, Any], place: str, label: Callable[[str], str] = str) -> str:
    """Return an inject, or the order of a strategy, in words: kind, who, when, strength, and what that means.

    `label` gives the words for a name. InputError naming `place` where there is no such kind or its time is wrong.
    """
    is_order = "act" in entry
    kind = kind_of(entry.get("act", entry.get("kind")), f"{place}: {'act' if is_order else 'kind'}")
    read_timing(kind, entry, place, is_order)
    named = [f"{key} {label(name)}" for key, name in named_in(entry, kind).items()]
    how = [f"{key} {entry[key]:g}" for key in ("strength", "cost") if key in entry]
    how += [f"set by the lever {entry['lever']}"] if "lever" in entry else []
    return f"{', '.join([kind.name, *named, time_in_words(entry, kind.once, place), *how])} ({kind.meaning})"


def named_in(entry: Mapping[str, Any], kind: Kind) -> dict[str, str]:
    """Return whom an entry of a kind names, by key, in the order of the kind's keys."""
    return {key: str(entry[key]) for key, _ in keys_of(kind) if key and key in entry}


def time_in_words(entry: Mapping[str, Any], once: bool, place: str) -> str:
    """Return when an entry holds, in words; `once` for an act of one quarter. InputError naming `place`."""
    words = []
    if "when" in entry:
        words.append(f"when {' and '.join(texts_of(entry, 'when', place))}")
    if "start" in entry:
        lasts = "end" in entry or "for" in entry or once
        words.append(f"{'in' if once else 'from'} {entry['start']}{'' if lasts else ' on'}")
    if "from" in entry or "by" in entry:
        ends = [f"{word} {entry[key]}" for word, key in (("from", "from"), ("up to", "by")) if key in entry]
        words.append(f"counted {' '.join(ends)}")
    if "for" in entry:
        words.append(f"for {entry['for']}{' quarters' if isinstance(entry['for'], int) else ''}")
    if "end" in entry:
        words.append(f"until {entry['end']}")
    if "until" in entry:
        words.append(f"until {' and '.join(texts_of(entry, 'until', place))}")
    if "times" in entry:
        words.append("at most once" if entry["times"] == 1 else f"at most {entry['times']} times")
    return ", ".join(words)
