"""What `steppe show couplings` and `steppe show loops` tell."""

from __future__ import annotations

from typing import Any

from sim.commands.tables import wrapped
from sim.rules.couplings import load_couplings
from sim.rules.loops import load_loops


def coupling_rows() -> list[dict[str, Any]]:
    """Return every coupling: name, between, meaning, fields, the rules that write these, receivers, loops it cuts."""
    from sim.rules.schedule import SCHEDULE

    return [
        {
            "name": coupling.name,
            "between": coupling.between,
            "meaning": coupling.meaning,
            "fields": list(coupling.fields),
            "written by": [rule.NAME for rule in SCHEDULE if set(rule.WRITES) & set(coupling.fields)],
            "receivers": list(coupling.receivers),
            "cuts": [loop["name"] for loop in loop_rows() if coupling.name in loop["cut by"]],
        }
        for coupling in load_couplings().values()
    ]


def coupling_lines(row: dict[str, Any]) -> list[str]:
    """Return a coupling as lines."""
    lines = [f"{row['name']}  ({row['between']})", *wrapped(row["meaning"], "    ")]
    for key in ("fields", "written by", "receivers", "cuts"):
        lines += wrapped(", ".join(row[key]), f"    {key:<11} ")
    return [*lines, ""]


def loop_rows() -> list[dict[str, Any]]:
    """Return every loop: name, sign, title, mechanisms, note, the couplings that cut it, and its chains by link."""
    return [
        {
            "name": loop.name,
            "sign": loop.sign,
            "title": loop.title,
            "mechanisms": list(loop.mechanisms),
            "note": loop.note,
            "cut by": list(dict.fromkeys(name for chain in loop.chains for link in chain for name in link.cut_by)),
            "chains": [
                [{"writer": k.writer, "field": k.field, "reader": k.reader, "cut by": list(k.cut_by)} for k in chain]
                for chain in loop.chains
            ],
        }
        for loop in load_loops().values()
    ]


def loop_lines(row: dict[str, Any]) -> list[str]:
    """Return a loop as lines, one for each link."""
    numbers = ", ".join(map(str, row["mechanisms"]))
    lines = [f"{row['name']}  {row['title']}  ({row['sign']}; mechanisms {numbers})", *wrapped(row["note"], "    ")]
    for chain in row["chains"]:
        lines.append(f"    {chain[0]['writer']}")
        for link in chain:
            cut = f"   cut by {', '.join(link['cut by'])}" if link["cut by"] else ""
            lines.append(f"      > {link['field']:<26} > {link['reader']}{cut}")
    return [*lines, ""]
