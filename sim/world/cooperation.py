"""The record's tables of law-enforcement cooperation: origins, nodes and legs of routes, and channels of requests.

People are counted by the area that they left and by their legal status, and by nothing else.
"""

from __future__ import annotations

from sim.world.fields import FLOAT, INT, Field, identity, index, quarter, share

KINDS = ("extradition", "three_evils", "sentenced_persons", "intelligence")
"""Kinds of legal instruments, in the order of `channels.signed`: extradition treaties; agreements against terrorism,
separatism and extremism; transfer of sentenced persons; sharing of intelligence."""

EXTRADITION, THREE_EVILS, SENTENCED_PERSONS, INTELLIGENCE = range(4)

ANSWERS = ("extradite", "return", "refuse", "share", "third_country", "stall")
"""Answers to a request for persons, in the order of `channels.cum_answers`: extradite under law; return by an
administrative act; refuse; refuse, but share intelligence; send on to a third country; stall."""

EXTRADITE, RETURN, REFUSE, SHARE, THIRD_COUNTRY, STALL = range(6)

STATUSES = ("irregular", "papers", "held")
"""Legal status of persons abroad, in the order of `nodes.persons`."""

IRREGULAR, PAPERS, HELD = range(3)

EVENTS = (
    *("talks", "signature", "entry_into_force", "suspension", "resumption", "request"),
    *("swap_offer", "swap_consent", "hand_over", "accusation", "mission"),
)
"""What the ledger tells of a state and an origin's state, in the order of its codes."""

TALKS, SIGNATURE, ENTRY_INTO_FORCE, SUSPENSION, RESUMPTION, REQUEST = range(6)
SWAP_OFFER, SWAP_CONSENT, HAND_OVER, ACCUSATION, MISSION = range(6, 11)

ORIGIN = (
    identity("hash of the name"),
    index("state", "states", "the state that asks for the persons who left it"),
    index("home", "homes", "the same state as home of firms, or nobody"),
    index("node", "nodes", "the node where they start"),
    share("breadth", "how far its law merges terrorism with separatism and extremism"),
    share("priority_base", "how much it wants persons back, as it began"),
    share("priority", "how much it wants persons back"),
    Field("repression_shift", FLOAT, -1, 1, "0-1", "change of what policy at home aims at, set from outside"),
    share("repression", "severity of policy at home, mass internment being 1"),
    share("salience_declared", "attention abroad to policy at home, set from outside"),
    share("salience", "attention abroad to policy at home"),
    share("protest", "protest abroad over returns"),
    share("hunt", "effort of hunts abroad for other fugitives, set from outside"),
    share("contacts", "contacts that such hunts have built"),
    share("deploy_law", "how far law at home allows a mission abroad, set from outside"),
    share("threat", "threat from abroad"),
    share("cost", "cooperation lost through refusals"),
    share("risk", "risk to its projects abroad"),
    Field("leaving", FLOAT, 0, 1e7, "persons a quarter", "persons who left by each corridor", ("corridors",)),
    Field("cum_left", FLOAT, 0, 1e8, "persons", "running number of persons who left by each corridor", ("corridors",)),
    share("corridor_share", "share of each corridor in those who left this quarter", ("corridors",)),
    share("abroad", "share of its people who have left"),
    Field("returned", FLOAT, 0, 1e7, "persons", "persons returned and in custody at home"),
    Field("wrong", FLOAT, 0, 1e7, "persons", "of those returned, the expected number wrongly suspected"),
    Field("cum_requests", FLOAT, 0, 1e6, "requests", "running number of requests"),
    Field("cum_missions", FLOAT, 0, 1e6, "missions", "running number of missions sent abroad"),
)

NODE = (
    identity("hash of the name"),
    index("state", "states", "the state that it lies in"),
    index("issuer", "states", "the state whose mission there may issue papers, or nobody"),
    share("governed", "how far the state that it lies in governs there"),
    share("haven", "how well those who come can stay"),
    share("pull_declared", "pull of a war there, set from outside"),
    share("held", "share of it that armed groups hold"),
    Field("persons", FLOAT, 0, 1e7, "persons", "persons there by origin and legal status", ("origins", "statuses")),
    Field("stock", FLOAT, 0, 1e7, "persons", "persons there by origin, whatever their status", ("origins",)),
    Field("onward", FLOAT, 0, 1e6, "cost", "cost of the best plan from there, as last found", ("origins", "statuses")),
)

LEG = (
    identity("hash of both nodes"),
    index("start", "nodes", "the node where it starts"),
    index("end", "nodes", "the node where it ends"),
    index("corridor", "corridors", "the corridor out of an origin that begins with it, or nobody"),
    index("owner", "states", "the state that guards it"),
    Field("is_border", INT, 0, 1, "flag", "1: its ends are neighbours; 0: it passes over other land or sea"),
    Field("cost", FLOAT, 0, 100, "cost", "cost of the way itself"),
    share("control_declared", "least control of the border, set from outside"),
    share("control_base", "control of the border, as it began"),
    share("control", "control of the border"),
    share("hazard", "control × detection: the chance of being seen, as last computed"),
    Field("flow", FLOAT, 0, 1e7, "persons a quarter", "persons who went this way"),
    Field("seen", FLOAT, 0, 1e7, "persons a quarter", "persons who were seen going this way"),
    Field("cum_flow", FLOAT, 0, 1e8, "persons", "running number of persons who went this way"),
)

CHANNEL = (
    identity("mixed hash of the state asked and the origin"),
    index("state", "states", "the state that is asked"),
    index("origin", "origins", "the origin whose state asks"),
    index("dyad", "dyads", "the dyad of the state asked towards the one that asks"),
    index("third", "nodes", "the third country that persons may be sent on to, or nobody"),
    share("acceptance_base", "how far the state accepts the terms of the one that asks, as it began"),
    share("acceptance", "how far the state accepts the terms of the one that asks"),
    share("solidarity", "sympathy of its public with those who left"),
    share("sharing", "intelligence shared between the two"),
    share("trust_base", "trust of the state that asks in the good faith of the one asked, as it began"),
    share("trust", "trust of the state that asks in the good faith of the one asked"),
    share("pressure", "leverage and fear of retaliation, as last computed"),
    share("backlash", "criticism after the last return"),
    share("goodwill", "goodwill after a hand-over that was not owed"),
    share("denied", "refusals of late"),
    share("fugitives", "how many whom the state wants the other side holds"),
    share("mission", "mission of the state that asks, on the ground"),
    quarter("talks", "quarter in which negotiations began", ("kinds",)),
    quarter("signed", "quarter of signature", ("kinds",)),
    quarter("in_force", "quarter of entry into force", ("kinds",)),
    quarter("signed_on_record", "quarter of signature in the documents", ("kinds",)),
    quarter("in_force_on_record", "quarter of entry into force in the documents", ("kinds",)),
    share("standing", "1 where an instrument is in force and not suspended, else 0", ("kinds",)),
    share("suspension_declared", "cooperation suspended from outside: 1, else 0"),
    Field("is_suspended", INT, 0, 1, "flag", "1: cooperation under its instruments is suspended"),
    share("request_order", "request set from outside this quarter: 1, else 0"),
    share("swap_order", "offer of a swap set from outside this quarter: 1, else 0"),
    share("papers_declared", "share without papers to whom missions give some, set from outside"),
    index("answer_order", "answers", "answer set from outside this quarter, or nobody"),
    Field("answer_size", FLOAT, 0, 1e6, "persons", "most persons that the answer set from outside concerns"),
    share("accusation_order", "accusation set from outside this quarter: 1, else 0"),
    index("answer", "answers", "answer given this quarter, or nobody"),
    Field("returned", FLOAT, 0, 1e7, "persons", "persons returned this quarter"),
    Field("cum_answers", FLOAT, 0, 1e6, "answers", "running number of answers by kind", ("answers",)),
    Field("cum_exposed", FLOAT, 0, 1e8, "person-quarters", "persons present, summed over quarters", ("statuses",)),
    Field("cum_returned", FLOAT, 0, 1e7, "persons", "running number of persons returned", ("statuses",)),
    Field("cum_swaps", FLOAT, 0, 1e6, "swaps", "running number of swaps offered"),
    Field("cum_accused", FLOAT, 0, 1e6, "accusations", "running number of accusations of aiding those who left"),
)
