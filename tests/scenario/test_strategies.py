"""Strategies: who may order what, what it may read, what it costs, and how it stands in the record."""

import re
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.scenario.injects import keys_of
from sim.scenario.reported import HIDDEN, SEEN
from sim.scenario.strategies import ACTS, Strategy
from sim.world.build import World, build_world
from sim.world.conditions import STRATEGY_ROWS, WITH_LAST
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES, KINDS
from sim.world.records import field
from tests.scenario.staged import ordered, rows_of, staged

HTS = "Hayat Tahrir al-Sham"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def test_orders_wait_in_rows_that_name_their_strategy_and_cost(world: World, tmp_path: Path) -> None:
    orders = (
        "act: ban, firm: ZTE, when: 'politics.tension > 0.5', for: 8, until: 'politics.tension < 0.2', strength: 0.5",
        "act: capacity_drive, start: 2025Q1, for: 1 year, strength: 1, cost: 2",
    )
    made = staged(world, tmp_path, ordered("KAZ", *orders, budget=2))
    (ban,), (drive,) = rows_of(made, "ban")[-1:], rows_of(made, "capacity_drive")[-1:]
    kaz = world.names.states.index("KAZ")
    assert (ban["actor"], ban["target"]) == (world.names.firms.index("ZTE"), kaz)
    assert (ban["start"], ban["opens"], ban["lasts"], ban["times"]) == (NEVER, 0, 8, 1)
    assert (ban["when"], ban["until"], ban["strategy"], ban["cost"]) == (0, 1, 0, 1)
    assert (drive["actor"], drive["when"], drive["opens"], drive["cost"]) == (kaz, NOBODY, 136, 2)
    assert made.record["strategies"]["budget"][0, :2].tolist() == [2, 0]


def test_an_order_for_all_firms_of_a_home_is_paid_once(world: World, tmp_path: Path) -> None:
    order = "act: ban, firm: 'all:CHN', when: 'politics.tension > 0.5', strength: 0.5, cost: 2"
    bans = rows_of(staged(world, tmp_path, ordered("KAZ", order, budget=2)), "ban")
    chinese = (world.record["firms"]["home"][0] == world.names.homes.index("CHN")).nonzero()[0]
    mine = bans[bans["strategy"] == 0]
    assert mine["actor"].tolist() == chinese.tolist()
    assert mine["cost"].tolist() == [2] + [WITH_LAST] * (len(chinese) - 1)


@pytest.mark.parametrize(
    ("actor", "order", "named"),
    [
        ("CHN", {"act": "gift", "firm": "Huawei", "state": "KGZ"}, {"firm": "Huawei", "state": "KGZ"}),
        ("Huawei", {"act": "gift", "state": "KGZ"}, {"firm": "Huawei", "state": "KGZ"}),
        ("KAZ", {"act": "ban", "firm": "ZTE"}, {"firm": "ZTE", "state": "KAZ"}),
        ("USA", {"act": "sanction", "firm": "ZTE"}, {"firm": "ZTE"}),
    ],
)
def test_as_an_entry_an_order_names_its_actor_where_it_leaves_the_key_to_it(
    actor: str, order: dict[str, str], named: dict[str, str]
) -> None:
    (entry,) = Strategy("mine.yaml: strategies[0]", actor, 1, (("", order),)).as_entries()
    assert entry == {"kind": order["act"], "act": order["act"], **named}


@pytest.mark.parametrize(
    ("actor", "order"),
    [
        ("CHN", "act: subsidy, start: 2025Q1, strength: 0.2"),
        ("CHN", "act: crackdown, firm: Ant, start: 2025Q1, strength: 0.2"),
        ("CHN", "act: gift, firm: Huawei, state: KGZ, sector: cloud, start: 2025Q1, strength: 0.2"),
        ("Huawei", "act: training, state: KGZ, start: 2025Q1, strength: 0.2"),
        ("USA", "act: sanction, firm: Huawei, start: 2025Q1, strength: 0.2"),
        ("CHN", "act: repression, origin: Western China, start: 2025Q1, strength: -0.2"),
        ("RUS", "act: ceasefire, theatre: Idlib, start: 2025Q1, strength: 1"),
        ("SYR", "act: offensive, theatre: Idlib, start: 2025Q1, strength: 0.1"),
        (HTS, "act: disavow, start: 2025Q1, strength: 0.5"),
        (HTS, "act: transfer, group: Katibat al-Tawhid wal-Jihad, start: 2025Q1, strength: 0.5"),
    ],
)
def test_actors_order_what_is_theirs(world: World, tmp_path: Path, actor: str, order: str) -> None:
    staged(world, tmp_path, ordered(actor, order))


@pytest.mark.parametrize(
    ("actor", "order", "words"),
    [
        ("KAS", "act: join, institution: SCO, start: 2025Q1", "actor: 'KAS' is no state, group or firm. Did you mean"),
        (
            "KAZ",
            "act: jion, institution: SCO, start: 2025Q1",
            "act: 'jion' is not for a state to order. Did you mean 'join'",
        ),
        ("KAZ", "act: outage, firm: ZTE, start: 2025Q1, strength: 1", "'outage' is not for a state to order."),
        (HTS, "act: ban, firm: ZTE, start: 2025Q1, strength: 1", "A group may order offensive, transfer, patron,"),
        ("Huawei", "act: ban, state: KGZ, start: 2025Q1, strength: 1", "A firm may order gift, tied_loan, training."),
        ("KAZ", "act: ban, firm: ZTE, state: KGZ, start: 2025Q1, strength: 1", "state: KAZ stands there already"),
        ("KAZ", "kind: ban, act: ban, firm: ZTE, start: 2025Q1, strength: 1", "an order names its 'act', not a 'kind'"),
        (
            "RUS",
            "act: crackdown, firm: Ant, start: 2025Q1, strength: 1",
            "firm: Ant is not RUS's; it is for CHN to order",
        ),
        (
            "RUS",
            "act: sanction, firm: Ant, start: 2025Q1, strength: 1",
            "RUS sends no sanctions in homes.csv; those that do are USA",
        ),
        ("RUS", "act: hunt, origin: Western China, start: 2025Q1, strength: 1", "it is for CHN to order"),
        (
            "FRA",
            "act: ceasefire, theatre: Idlib, start: 2025Q1, strength: 1",
            "it is for SYR or RUS or TUR or IRN to order",
        ),
        ("FRA", "act: subsidy, start: 2025Q1, strength: 0.5", "'FRA' is none of the homes"),
        ("KAZ", "act: ban, firm: ZTE, start: 2025Q1, strength: 1, cost: 2", "cost: 2 is more than its budget, 1"),
        ("KAZ", "act: ban, firm: ZTE, start: 2025Q1, strength: 1, cost: 0.5", "cost: 0.5 is no whole number from 0"),
        ("KAZ", "act: ban, firm: ZTE, start: 2040Q1, strength: 1", "can never happen: 2040Q1 lies after the end"),
        (
            "KAZ",
            "act: ban, firm: ZTE, when: 'groups[Islamic State].hard > 9', strength: 1",
            "nobody reports groups[Islamic State].hard",
        ),
        ("KAZ", "act: ban, firm: ZTE, when: 'measures.members > 9', strength: 1", "read measures.rep_members"),
        (
            "KAZ",
            "act: ban, firm: ZTE, start: 2025Q1, until: 'theatres[Idlib].control[SYR] > 0.9', strength: 1",
            "a strategy reads what is reported alone; read groups[...].rep_hold",
        ),
        (
            HTS,
            "act: disavow, when: 'politics.tension > 0.1', by: 2011Q4, strength: 1",
            "enters in 2012Q1, after by: 2011Q4",
        ),
    ],
)
def test_what_is_not_theirs_or_not_known_is_refused(
    world: World, tmp_path: Path, actor: str, order: str, words: str
) -> None:
    with pytest.raises(InputError) as error:
        staged(world, tmp_path, ordered(actor, order))
    place = "mine.yaml: strategies[0]: actor" if words.startswith("actor: ") else "mine.yaml: strategies[0].orders[0]"
    assert str(error.value).startswith(place)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{actor: KAZ, orders: [{act: join}]}", "a strategy needs the key 'budget'"),
        ("{actor: KAZ, bugdet: 1, orders: []}", "takes no key 'bugdet'. Did you mean 'budget'"),
        ("{actor: KAZ, budget: 0, orders: [{act: join}]}", "budget: 0 is no whole number from 1"),
        ("{actor: KAZ, budget: 1, orders: []}", "orders: write a list of orders"),
        ("{actor: KAZ, budget: 1, orders: [join]}", "orders: write a list of orders"),
    ],
)
def test_a_strategy_that_is_written_wrong_is_refused(world: World, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        staged(world, tmp_path, f"strategies:\n  - {text}\n")
    assert str(error.value).startswith("mine.yaml: strategies[0]: ")
    assert words in str(error.value)


def test_an_actor_has_one_strategy_and_a_world_room_for_so_many(world: World, tmp_path: Path) -> None:
    order = "act: leave, institution: SCO, start: 2025Q1"
    one = ordered("KAZ", order)
    with pytest.raises(InputError, match=r"strategies\[1\]: actor: KAZ has a strategy already"):
        staged(world, tmp_path, one + one.removeprefix("strategies:\n"))
    actors = world.names.states[: STRATEGY_ROWS + 1]
    many = "strategies:\n" + "".join(ordered(iso, order).removeprefix("strategies:\n") for iso in actors)
    with pytest.raises(InputError, match=rf"17 strategies; there is room for {STRATEGY_ROWS}"):
        staged(world, tmp_path, many)


@pytest.mark.parametrize("name", ACTS)
def test_every_act_is_a_kind_and_the_actor_fills_a_key_of_its_own_kind(name: str) -> None:
    tables = {key: table for key, table in keys_of(KINDS[CODES[name]]) if key}
    for act in ACTS[name]:
        assert act.key or act.of or name == "repatriation", "whose people they are is not in the tables"
        if act.key:
            assert tables[act.key] in {act.by, "homes", "holders", "accusers"}
        if act.of in ("firm", "origin", "theatre"):
            assert act.of in tables


def test_what_is_hidden_or_seen_exists() -> None:
    for table, names in (*SEEN.items(), *HIDDEN.items()):
        for name in names:
            assert re.fullmatch("f8", field(f"{table}.{name}").kind)
