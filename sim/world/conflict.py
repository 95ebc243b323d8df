"""The record's tables of armed groups: who shelters and restrains them, what they hold, who accuses them, who believes.

Groups are organisations; people are counted by the area that they come from and by nothing else. Incidents are counts
in three classes of severity. Who is truly behind an incident and whom somebody accuses of it are two fields.
"""

from __future__ import annotations

from sim.world.fields import FLOAT, INT, NEVER, Field, identity, index, quarter, share

SEVERITIES = ("minor", "serious", "mass")
"""Classes of incidents, in the order of `groups.cum_severity`."""

CAUSES = ("evidence", "diversion", "quota")
"""What moves a state to accuse: an incident; unrest at home; a wish for figures."""

EVIDENCE, DIVERSION, QUOTA = range(3)

EVENTS = (
    *("attempt", "attempt_of_cells", "replacement", "loss_of_leader", "clash", "truce", "offensive"),
    *("cease_fire", "breach", "escape", "transfer", "listing", "lifting", "statehood", "abandonment"),
    *("accusation_of_group", "exposure", "denial", "protest"),
    *("pledge", "protector", "rival", "accused"),
)
"""What the ledger tells of groups and theatres, in the order of its codes; the last four are choices."""

ATTEMPT, CELL, REPLACEMENT, LOSS, CLASH, TRUCE, OFFENSIVE = range(7)
CEASEFIRE, BREACH, ESCAPE, TRANSFER, LISTING, LIFTING, STATEHOOD, ABANDONMENT = range(7, 15)
ACCUSE, EXPOSURE, DENIAL, WAVE = range(15, 19)
PLEDGE, PROTECTOR, RIVAL, ACCUSED = range(19, 23)

UNKNOWN, OTHER_AUTHOR = -1, -2
"""Authors of an incident that are no group of the model: not known, or somebody else."""

GROUP = (
    identity("hash of the name"),
    index("theatre", "theatres", "theatre that it is in, or nobody"),
    index("state", "states", "state that it is in"),
    index("pledge", "groups", "group that it is pledged to, or nobody"),
    index("protector", "groups", "group that feeds and shelters it, or nobody"),
    index("sponsor", "states", "state that sponsors it, or nobody"),
    Field("is_hub", INT, 0, 1, "flag", "1: others may pledge themselves to it or seek its protection"),
    Field("is_state", INT, 0, 1, "flag", "1: it has taken a state's place"),
    quarter("enters", "quarter from which it is there"),
    share("aim", "share of its aims that lies in each state", ("states",)),
    share("pool", "share of its people that comes from each area", ("pools",)),
    Field("size_low", FLOAT, 0, 1e6, "persons", "lowest estimate of its size at its height"),
    Field("size_high", FLOAT, 0, 1e6, "persons", "highest estimate of its size at its height"),
    Field("ceiling", FLOAT, 0, 1e6, "persons", "size that it can reach, drawn once a run between the estimates"),
    Field("hard", FLOAT, 0, 1e6, "persons", "members who want attacks abroad"),
    Field("other", FLOAT, 0, 1e6, "persons", "all other members"),
    share("hardliners", "share of hardliners among those who join"),
    share("leaning_hard", "orientation of its hardliners: 0 local, 1 abroad"),
    share("leaning_other", "orientation of its other members: 0 local, 1 abroad"),
    share("orientation", "mean orientation of its members: 0 local, 1 abroad"),
    share("line", "its leadership's line: 0 local, 1 abroad"),
    Field("tenure", FLOAT, 0, 1000, "quarters", "time since its leadership last changed"),
    share("disarray", "disarray after the loss of its leadership"),
    Field("supply_base", FLOAT, 0, 1e6, "income of a member", "supply from its patron, as it began"),
    Field("supply", FLOAT, 0, 1e6, "income of a member", "supply from its patron"),
    Field("income_base", FLOAT, 0, 10, "income of a member", "own income a member, as it began"),
    Field("income", FLOAT, 0, 10, "income of a member", "own income a member"),
    share("dependence", "supply over supply and own income"),
    share("grievance", "grievance against the states that it aims at"),
    share("embedding", "how far it is settled where it is"),
    share("loyalty", "loyalty to its protector"),
    share("content", "its content online"),
    share("alarm", "alarm after failed attempts"),
    share("harm", "revulsion among its own at what it did"),
    share("purge_order", "share of its hardliners to be pushed out, set from outside this quarter"),
    share("state_order", "1 in the quarter in which it takes a state's place from outside"),
    Field("purged", FLOAT, 0, 1e6, "persons", "members pushed out this quarter"),
    Field("hazard", FLOAT, 0, 100, "per quarter", "rate of attempts abroad, cells of its own accord included"),
    Field("margin", FLOAT, -20, 20, "log-odds", "how far from an attempt the quarter was: below 0 none was made"),
    Field("attempts", FLOAT, 0, 10, "attempts", "attempts this quarter"),
    Field("cum_external", FLOAT, 0, 1e6, "attempts", "running number of attempts abroad"),
    Field("cum_severity", FLOAT, 0, 1e6, "incidents", "running number of incidents abroad by class", ("severities",)),
    Field(
        "cum_hazard",
        FLOAT,
        0,
        1e6,
        "attempts",
        "running sum of the rate of attempts abroad, where history leaves it open",
    ),
    Field("cum_failures", FLOAT, 0, 1e6, "attempts", "running number of attempts abroad while it had a patron"),
    Field(
        "spell",
        FLOAT,
        0,
        1e6,
        "quarters",
        "quarters with a patron before the first attempt abroad, where history leaves it open",
    ),
    Field("cum_defected", FLOAT, 0, 1e7, "persons", "running number who left for another group"),
    Field("cum_recruited", FLOAT, 0, 1e7, "persons", "running number who joined"),
    Field("cum_fallen", FLOAT, 0, 1e7, "persons", "running number of fallen"),
    Field("noise", FLOAT, 0.01, 100, "ratio", "factor by which reports misjudge its size, drawn once a run"),
    Field("rep_members", FLOAT, 0, 1e8, "persons", "its members as reported"),
    share("rep_hold", "land that it holds, as reported"),
    share("rep_blame", "how far audiences believe it guilty beyond what they always did, by their weight"),
)

PATRON = (
    identity("hash of the name"),
    index("group", "groups", "the patron as a group, or nobody"),
    index("state", "states", "the patron as a sponsoring state, or nobody"),
    share("effort", "effort at holding its clients back from attacks abroad"),
    share("hope", "hope that powers lift its designation"),
    share("stake", "legitimacy and land that it would lose"),
    share("blame", "blame that falls on it for its clients"),
    share("cover", "protection by a guarantor or sponsor"),
    share("faction", "weight of hardliners in its ranks and at its head, or use of its clients by a state"),
    share("legitimacy", "legitimacy as a power on its own land"),
    share("disavowed", "how far it has disowned aims abroad in public"),
    share("acknowledged", "how far powers acknowledge that it holds back"),
    share("crisis", "crisis between a sponsoring state and those whom its clients are accused of attacking"),
)

THEATRE = (
    identity("hash of the name"),
    index("state", "states", "state that it lies in"),
    index("node", "nodes", "node of the routes that it is part of, or nobody"),
    index("transit", "states", "state that those who leave have to cross, or nobody"),
    share("part", "share of its node that it makes up"),
    share("war", "how hard the war there is fought, set from outside"),
    share("attention", "attention of outside powers"),
    share("control", "share of the land that each group or state holds; the rest is nobody's", ("holders",)),
    share("support_declared", "support of each group or state by another state, set from outside", ("holders",)),
    share("kept", "share of that support that has not been withdrawn", ("holders",)),
    index("backer", "states", "state that supports each group or state, or nobody", ("holders",)),
    Field("is_guarantor", INT, 0, 1, "flag", "1: the state may guarantee a cease-fire there", ("states",)),
    share("guarantee", "how far a state guarantees a cease-fire there, set from outside"),
    share("ceasefire", "strength of the cease-fire"),
    share("truce", "truce between groups there"),
    share("clash", "clashes between groups there"),
    share("pressure_declared", "demand to remove foreign groups, set from outside"),
    share("pressure", "demand to remove foreign groups"),
    share("regained", "land that its state took since pressure was last reckoned"),
    share("fell", "1 in the quarter in which no armed group holds land there any more"),
    Field("cum_displaced", FLOAT, 0, 1e6, "land shares", "running sum of land that changed hands: an index of flight"),
)

CUSTODY = (
    identity("hash of custodian and group"),
    index("custodian", "holders", "the group or state that holds them"),
    index("of", "groups", "the group that they belong to, or nobody: taken from several"),
    index("theatre", "theatres", "where they are held, or nobody"),
    quarter("begins", "quarter in which relatives and others come into custody"),
    Field("relatives_base", FLOAT, 0, 1e6, "persons", "relatives and others who come into custody then"),
    Field("relatives", FLOAT, 0, 1e6, "persons", "relatives and others in custody"),
    Field("hard", FLOAT, 0, 1e6, "persons", "hardliners in custody"),
    Field("other", FLOAT, 0, 1e6, "persons", "other members in custody"),
    Field("capacity", FLOAT, 1, 1e6, "persons", "how many can be held safely"),
    share("abandoned", "how far the custodian's supporter has left it alone"),
    share("rights_cost", "cost to rights of moving people about"),
    Field("cum_escaped", FLOAT, 0, 1e7, "persons", "running number who got out"),
    Field("cum_transferred", FLOAT, 0, 1e7, "persons", "running number moved to another custody"),
)

DESIGNATION = (
    identity("hash of group and power"),
    index("group", "groups", "the group"),
    index("power", "states", "the power that designates it"),
    quarter("lists", "quarter from which it is designated"),
    share("listed", "1 while it is designated, else 0"),
    share("interest", "interest of the power in a settlement with it"),
    share("veto_base", "1 where the power blocks lifting, as it began"),
    share("veto", "1 where the power blocks lifting: base and injects"),
    share("weight", "weight of the power among those that designate the group"),
    Field("quiet", FLOAT, 0, 1e6, "quarters", "time since something was last laid to it or its clients"),
    share("chance", "chance that the power lifts it within the time that patrons look ahead, as reported"),
    Field("cum_lifted", FLOAT, 0, 1e6, "acts", "running number of liftings"),
)

POOL = (
    identity("hash of the name"),
    index("origin", "origins", "the origin whose people abroad these are, or nobody"),
    Field("left", FLOAT, 0, 1e7, "persons", "persons who may yet join a group"),
    Field("gone", FLOAT, 0, 1e7, "persons", "persons who left the groups for good"),
    Field("fallen", FLOAT, 0, 1e7, "persons", "persons fallen"),
    Field("returned", FLOAT, 0, 1e7, "persons", "persons who went home"),
    share("grievance", "grievance among those from there"),
)

INCIDENT = (
    quarter("quarter", "quarter in which it happened; -1 in an empty row"),
    index("target", "states", "state in which it happened"),
    Field("severity", INT, 0, 2, "code of SEVERITIES", "class of the incident"),
    Field("author", INT, -2, NEVER, "group, or -1 and -2", "who was behind it: -1 unknown, -2 no group of the model"),
    index("accused", "groups", "group accused of it, or nobody"),
    index("accuser", "accusers", "who accuses, or nobody"),
    Field("is_simulated", INT, 0, 1, "flag", "1: brought forth by the model; 0: on record"),
    Field("is_foiled", INT, 0, 1, "flag", "1: it was foiled"),
    Field("is_exposed", INT, 0, 1, "flag", "1: the accusation was found to be wrong"),
)

ACCUSER = (
    identity("hash of the ISO code"),
    index("state", "states", "the state that accuses"),
    share("breadth", "how widely it accuses"),
    share("publicity", "how much it gains by figures and cases"),
    share("control", "its government's control of what is reported"),
    share("lean", "habit of accusing each group", ("groups",)),
    share("declared", "accusation of each group set from outside this quarter", ("groups",)),
    share("denial_declared", "denial by each group set from outside this quarter", ("groups",)),
    share("exposure_declared", "exposure of an error set from outside this quarter"),
    share("accuses", "accusation of each group this quarter", ("groups",)),
    share("denied", "denial of it by each group this quarter", ("groups",)),
    share("exposed", "1 where an error of it was exposed this quarter"),
    Field("cum_accused", FLOAT, 0, 1e6, "accusations", "running number of accusations"),
    Field("cum_right", FLOAT, 0, 1e6, "accusations", "running number that were right, of simulated incidents"),
    Field("cum_wrong", FLOAT, 0, 1e6, "accusations", "running number that were wrong, of simulated incidents"),
    Field("cum_unsettled", FLOAT, 0, 1e6, "accusations", "running number on record, or with an unknown author"),
    Field("cum_bare", FLOAT, 0, 1e6, "accusations", "running number about no incident at all"),
    Field("cum_exposed", FLOAT, 0, 1e6, "accusations", "running number found to be wrong in public"),
)

AUDIENCE = (
    identity("hash of the name"),
    index("state", "states", "state that it lives in or speaks for"),
    share("independence", "how little it takes its own government's word"),
    share("prior", "belief in any group's guilt before anything is said"),
    share("weight", "weight among audiences in what a patron wants"),
    share("belief", "belief that each group is behind attacks abroad", ("groups",)),
    share("credibility", "credibility of each accuser", ("accusers",)),
    share("false_alarm", "chance of being accused though innocent, as the audience sees it", ("accusers",)),
)

MIGRANT = (
    identity("hash of host and area"),
    index("host", "states", "state that they live in"),
    index("pool", "pools", "area that they come from"),
    index("accuser", "accusers", "who accuses groups of that area"),
    share("presence", "how many live there, as a share of the largest such migration"),
    share("pressure", "pressure by police and employers"),
    share("stigma", "stigma, which outlasts pressure"),
    share("wrong", "index of those wrongly suspected among them"),
)
