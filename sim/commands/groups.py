"""What can be listed and shown of armed groups: who they are, where they fight, who holds, lists, accuses or believes.

What is told is what stands in the tables: where a run begins, and what is on record. Members are true and reported
alike at first; a run moves both, and keeps them apart in its outcomes.
"""

from __future__ import annotations

from sim.commands.tables import Detail, Kind, Line, of_table, outcomes_of, rows, table


def _told(name: str, **wanted: str) -> list[dict[str, str]]:
    """Return the rows of a table whose cells are these, without those cells."""
    return [{key: text for key, text in row.items() if key not in wanted} for row in rows(name, **wanted)]


def _patrons_of(group: Line) -> str:
    """Return by whom a group is held at first, in words."""
    ties = (("under", "protector"), ("sponsored by", "sponsor"), ("pledged to", "patron"))
    return ", ".join(f"{words} {group[column]}" for words, column in ties if group[column]) or "nobody's client"


def _line_of_group(group: Line) -> str:
    return f"{group['theatre'] or 'in ' + group['state']}; {_patrons_of(group)}"


def _former(name: str) -> str:
    """Return the present name of a group that once had another; every other name as it is."""
    present = {row["former"].casefold(): row["successor"] for row in rows("lineage")}
    return present.get(name.casefold(), name)


def _more_of_group(name: str) -> Detail:
    """Return what is not in the group's own row: what becomes of its ties, who lists it, and the rules it acts in."""
    from sim.rules.participants import rules_of_group

    group = table("groups", "name")[name]
    aims = {row["state"]: row["weight"] for row in rows("aims", group=name)}
    return {
        "members": f"{group['size']} at first, true and as reported; both move in a run",
        "aims (aims.csv, or its target)": aims or ({group["target"]: "1"} if group["target"] else {}),
        "once called (lineage.csv)": [row["former"] for row in rows("lineage", successor=name)],
        "changes of ties (pledges.csv)": [{**row, "to": row["to"] or "nobody"} for row in _told("pledges", group=name)],
        "leaderships (group_leaders.csv)": _told("group_leaders", group=name),
        "clients": _clients(name),
        "designations (designations.csv)": _told("designations", group=name),
        "custody (custodies.csv)": [*rows("custodies", of=name), *rows("custodies", custodian=name)],
        "acts in": list(rules_of_group(name)),
        "outcomes": outcomes_of("groups|patrons", name),
    }


def _line_of_theatre(theatre: Line) -> str:
    return f"in {theatre['state']}; {len(rows('groups', theatre=theatre['name']))} groups at first"


def _more_of_theatre(name: str) -> Detail:
    return {
        "groups at first (groups.csv)": [row["name"] for row in rows("groups", theatre=name)],
        "groups that move there (pledges.csv)": _told("pledges", link="theatre", to=name),
        "outcomes": outcomes_of("theatres", name),
    }


def _clients(patron: str) -> list[str]:
    """Return all groups that a group, or a state, ever holds: how and since when."""
    words = {"protector": "protected", "patron": "pledged", "sponsor": "sponsored"}
    found = []
    for group in rows("groups"):
        found += [f"{group['name']} ({how}, at first)" for link, how in words.items() if group[link] == patron]
    for row in rows("pledges", to=patron):
        if row["link"] in words:
            found.append(f"{row['group']} ({words[row['link']]}, from {row['from']})")
    return found


def _patrons() -> dict[str, str]:
    """Return the groups that others ever answer to, then the states that sponsor one, with the number of clients."""
    groups = list(table("groups", "name"))
    named = {row["sponsor"] for row in rows("groups")}
    sponsors = [iso for iso in table("states", "iso") if iso in named]
    clients = {name: {client.partition(" (")[0] for client in _clients(name)} for name in [*groups, *sponsors]}
    what = dict.fromkeys(groups, "group") | dict.fromkeys(sponsors, "sponsoring state")
    return {name: f"{what[name]}; {_number(len(found))}" for name, found in clients.items() if found}


def _number(clients: int) -> str:
    return "one client" if clients == 1 else f"{clients} clients"


def _patron(name: str) -> Detail:
    """Return whom a patron holds, who lists it, and what is kept of its effort."""
    return {
        "clients": _clients(name),
        "designations (designations.csv)": _told("designations", group=name),
        "outcomes": outcomes_of("patrons", name),
    }


def _line_of_designation(row: Line) -> str:
    until = f" until {row['lifted']}" if row["lifted"] else ""
    return f"from {row['from']}{until}{'; blocks lifting' if row['veto'] == 'yes' else ''}"


def _line_of_accuser(row: Line) -> str:
    return f"{table('states', 'iso')[row['iso']]['name']}; breadth {row['breadth']}, publicity {row['publicity']}"


def _more_of_accuser(iso: str) -> Detail:
    accused = [f"{row['target']} ({row['start']})" for row in rows("history", kind="accuse", actor=iso)]
    return {"accusations on record, none a finding": accused, "outcomes": outcomes_of("accusers", iso)}


def _line_of_audience(row: Line) -> str:
    return f"in {row['state']}; independence {row['independence']}, weight {row['weight']}"


def more_of_state(iso: str) -> Detail:
    """Return the part that a state has among armed groups: whom it sponsors and lists, and how it accuses."""
    return {
        "sponsors (groups.csv)": [row["name"] for row in rows("groups", sponsor=iso)],
        "designates (designations.csv)": [row["group"] for row in rows("designations", power=iso)],
        "accuses (accusers.csv)": rows("accusers", iso=iso),
    }


GROUP_KINDS = {
    "groups": of_table(
        "groups", "name", _line_of_group, "armed groups: whose clients, where, with what aims", _more_of_group, _former
    ),
    "theatres": of_table("theatres", "name", _line_of_theatre, "areas that are fought over", _more_of_theatre),
    "patrons": Kind("groups and states that others answer to", _patrons, _patron, respelt=_former, is_part=True),
    "designations": of_table(
        "designations", "group>power", _line_of_designation, "which power lists which group, from when on"
    ),
    "accusers": of_table(
        "accusers", "iso", _line_of_accuser, "governments that accuse groups", _more_of_accuser, is_part=True
    ),
    "audiences": of_table(
        "audiences",
        "name",
        _line_of_audience,
        "those who believe accusations or do not",
        lambda name: {"outcomes": outcomes_of("audiences", name)},
    ),
}
"""Every kind of these tables, by the name that `steppe list` takes."""
