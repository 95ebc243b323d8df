"""What cannot hold together in one scenario, and what may."""

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.world.build import World, build_world
from tests.scenario.staged import listed, ordered, staged

HTS, AHRAR, JABHA = "Hayat Tahrir al-Sham", "Ahrar al-Sham", "Hurras al-Din"
CHINA = "states[KAZ].dependence[CHN]"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kind: tension, start: 2025Q1, strength: 0.5", "kind: tension, start: 2026Q1, strength: 0.7"),
        (
            "kind: offer_gift, home: CHN, state: KGZ, sector: networks, start: 2025Q1",
            "kind: offer_loan, home: CHN, state: KGZ, sector: cloud, start: 2025Q1",
        ),
        (
            "kind: proposal, institution: SCO, state: CHN, domain: trade, start: 2025Q1",
            "kind: proposal, institution: SCO, state: RUS, domain: trade, start: 2025Q1",
        ),
        (
            "kind: ban, firm: 'all:CHN', state: KAZ, start: 2025Q1, strength: 0.5",
            "kind: ban, firm: Huawei, state: KAZ, start: 2025Q1, strength: 1",
        ),
        (
            "kind: gift, firm: Huawei, state: KGZ, sector: networks, start: 2025Q1, strength: 0.5",
            "kind: award, firm: ZTE, state: KGZ, sector: networks, start: 2025Q1, strength: 0.5",
        ),
        (
            "kind: join, institution: SCO, state: TKM, start: 2025Q1",
            "kind: leave, institution: SCO, state: TKM, start: 2025Q1",
        ),
        (
            f"kind: clash, group: {HTS}, other: {AHRAR}, start: 2020Q1, strength: 1",
            f"kind: truce, group: {AHRAR}, other: {HTS}, start: 2020Q1, strength: 1",
        ),
        (
            f"kind: designate, state: USA, group: {HTS}, start: 2024Q1, strength: 1",
            f"kind: designate, state: USA, group: {HTS}, start: 2024Q1, strength: 0",
        ),
        (
            f"kind: veto, state: RUS, group: {HTS}, start: 2024Q1, strength: 1",
            f"kind: veto, state: RUS, group: {HTS}, start: 2023Q1, end: 2024Q2, strength: 0",
        ),
        (
            "kind: ceasefire, theatre: Idlib, start: 2024Q1, strength: 1",
            "kind: offensive, holder: SYR, theatre: Idlib, start: 2024Q1, strength: 0.5",
        ),
        (
            "kind: guarantee, state: TUR, theatre: Idlib, start: 2024Q1, strength: 1",
            "kind: guarantee, state: RUS, theatre: Idlib, start: 2024Q1, strength: 0",
        ),
        (
            f"kind: patron, group: {AHRAR}, other: al-Qaeda, start: 2024Q1",
            f"kind: patron, group: {AHRAR}, start: 2024Q1",
        ),
        (
            f"kind: become_state, group: {HTS}, state: SYR, start: 2024Q1",
            f"kind: become_state, group: {AHRAR}, state: SYR, start: 2030Q1",
        ),
        (
            f"kind: ban, firm: ZTE, state: KAZ, when: '{CHINA} > 0.5', strength: 0.5",
            f"kind: ban, firm: ZTE, state: KAZ, when: '{CHINA} > 0.7', strength: 1",
        ),
        (
            "kind: answer, state: KAZ, origin: Western China, answer: refuse, start: 2024Q1, strength: 0.1",
            "kind: answer, state: KAZ, origin: Western China, answer: share, start: 2024Q1, strength: 0.1",
        ),
    ],
)
def test_two_that_set_the_same_otherwise_are_refused_with_both_places(
    world: World, tmp_path: Path, one: str, other: str
) -> None:
    for entries in ((one, other), (other, one)):
        with pytest.raises(InputError) as error:
            staged(world, tmp_path, listed(*entries))
        words = str(error.value)
        assert words.startswith("mine.yaml: injects[1]: ")
        assert "(mine.yaml: injects[0]) cannot hold together, and both may in 20" in words or "1991Q1" in words
    for entry in (one, other):
        staged(world, tmp_path, listed(entry))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kind: tension, start: 2025Q1, end: 2026Q1, strength: 0.5", "kind: tension, start: 2026Q1, strength: 0.7"),
        (
            "kind: offer_gift, home: CHN, state: KGZ, sector: networks, start: 2025Q1",
            "kind: offer_gift, home: RUS, state: KGZ, sector: interception, start: 2025Q1",
        ),
        ("kind: tension, start: 2025Q1, strength: 0.5", "kind: tension, start: 2026Q1, strength: 0.5"),
        (
            "kind: subsidy, home: CHN, start: 2025Q1, strength: 0.1",
            "kind: subsidy, home: CHN, start: 2025Q1, strength: 0.2",
        ),
        (
            "kind: offensive, holder: SYR, theatre: Idlib, start: 2024Q1, strength: 0.5",
            f"kind: offensive, holder: {HTS}, theatre: Idlib, start: 2024Q1, strength: 0.2",
        ),
        (
            f"kind: ban, firm: ZTE, state: KAZ, when: '{CHINA} < 0.5', strength: 0.5",
            f"kind: ban, firm: ZTE, state: KAZ, when: '{CHINA} > 0.7', strength: 1",
        ),
        (
            f"kind: ban, firm: ZTE, state: KAZ, when: '{CHINA} > 0.5', by: 2024Q4, for: 4, strength: 0.5",
            "kind: ban, firm: ZTE, state: KAZ, start: 2025Q4, strength: 1",
        ),
        (
            "kind: join, institution: SCO, state: TKM, start: 2025Q1",
            "kind: leave, institution: SCO, state: TKM, start: 2025Q2",
        ),
    ],
)
def test_what_may_hold_together_or_never_meets_is_let_through(
    world: World, tmp_path: Path, one: str, other: str
) -> None:
    staged(world, tmp_path, listed(one, other))


def test_a_strategy_may_not_contradict_itself_but_may_another(world: World, tmp_path: Path) -> None:
    join = "act: join, institution: SCO, when: 'politics.tension > 0.5'"
    leave = "act: leave, institution: SCO, when: 'politics.alert > 0.5'"
    with pytest.raises(InputError, match=r"strategies\[0\]\.orders\[1\]: leave \(SCO, TKM\) and join \(SCO, TKM\)"):
        staged(world, tmp_path, ordered("TKM", join, leave))
    two = ordered("TUR", "act: ceasefire, theatre: Idlib, start: 2024Q1, strength: 1") + ordered(
        HTS, "act: offensive, theatre: Idlib, start: 2024Q1, strength: 0.1"
    ).removeprefix("strategies:\n")
    staged(world, tmp_path, two)
