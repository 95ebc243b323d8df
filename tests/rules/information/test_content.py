"""Content: who fills the net, what a wave adds, and what removal takes away."""

import numpy as np
import pytest

from sim.rules.information import content
from sim.world.records import DOMAINS
from tests.rules.made_conflict import enter, quiet
from tests.rules.made_world import QUARTER, default_world, index, only, run

IS, KTJ = (index("groups", name) for name in ("Islamic State", "Katibat al-Tawhid wal-Jihad"))
FORUM, SCO = index("institutions", "EUIF"), index("institutions", "SCO")
DIGITAL = DOMAINS.index("digital")


def given(**values):
    return only(content=values, conduct={"half_strength": 1000.0, "weight_disarray": 0.5})


def of(world, g=IS):
    return world["groups"]["content"][0, g]


@pytest.fixture
def online():
    """A quiet world with a group of 3,000."""
    world = quiet()
    enter(world, "Islamic State", 2000.0, 1000.0)
    return world


def test_the_forum_is_the_institution_of_the_documents():
    assert default_world().record["institutions"]["id"][0, FORUM] == content.FORUM


def test_content_by_hand():
    # 0.4 + (0.1 · 0.5 + 0.3 · 0.2) · 0.6 − (0.1 + 0.4 · 0.25) · 0.4 = 0.4 + 0.066 − 0.08.
    params = given(rate_post=0.1, weight_event=0.3, rate_fade=0.1, rate_remove=0.4)
    assert content.next_content(0.4, 0.5, 0.2, 0.25, params) == pytest.approx(0.386)
    assert content.next_content(0.4, 0.6, 0.2, 0.25, params) > 0.386
    assert content.next_content(0.4, 0.5, 0.3, 0.25, params) > 0.386
    assert content.next_content(0.4, 0.5, 0.2, 0.35, params) < 0.386


def test_strong_groups_fill_the_net_and_disarray_keeps_them_from_it(online):
    run(content, online, given(rate_post=0.1))
    assert of(online) == pytest.approx(0.1 * 0.75)
    online["groups"]["content"], online["groups"]["disarray"] = 0.0, 1.0
    run(content, online, given(rate_post=0.1))
    assert of(online) == pytest.approx(0.1 * 0.75 * 0.5)
    assert online["groups"]["content"].sum() == of(online), "nobody else is there"


def test_a_wave_adds_to_the_content_of_all_who_are_there(online):
    enter(online, "Katibat al-Tawhid wal-Jihad", 10.0, 10.0)
    enter(online, "Hurras al-Din", since=QUARTER + 1)
    online["politics"]["content_declared"] = 0.8
    run(content, online, given(weight_event=0.5))
    assert of(online) == of(online, KTJ) == pytest.approx(0.4)
    assert online["groups"]["content"].sum() == pytest.approx(0.8)
    assert online["politics"]["content_wave"][0] == pytest.approx(0.8)


def test_removal_by_hand():
    assert content.removal_of(0.2, 0.5, given(weight_protocol=0.6)) == pytest.approx(0.26)
    assert content.removal_of(0.2, 0.5, given()) == pytest.approx(0.2), "no protocol"
    assert content.removal_of(0.9, 1.0, given(weight_protocol=1.0)) == 1.0


@pytest.mark.parametrize(("rate_remove", "left"), [(0.5, 0.32), (0.0, 0.4)])
def test_what_the_forum_has_put_into_practice_removes_content(online, rate_remove, left):
    online["groups"]["content"][0, IS] = 0.4
    online["institutions"]["effect"][0, FORUM, DIGITAL] = 0.4
    run(content, online, given(rate_remove=rate_remove))
    assert of(online) == pytest.approx(left)


def test_no_other_institution_and_no_other_domain_removes_any(online):
    online["groups"]["content"][0, IS] = 0.4
    online["institutions"]["effect"] = 1.0
    online["institutions"]["effect"][0, FORUM, DIGITAL] = 0.0
    assert SCO != FORUM
    run(content, online, given(rate_remove=0.5))
    assert of(online) == pytest.approx(0.4)


def test_a_wave_of_late_strengthens_removal_until_it_is_forgotten(online):
    online["groups"]["content"][0, IS] = 0.4
    online["institutions"]["effect"][0, FORUM, DIGITAL] = 0.4
    online["politics"]["content_wave"] = 0.5
    run(content, online, given(rate_remove=0.5, weight_protocol=1.0, rate_forget=0.2))
    assert of(online) == pytest.approx(0.4 * (1.0 - 0.5 * 0.6))
    assert online["politics"]["content_wave"][0] == pytest.approx(0.4)


def test_content_fades_by_itself(online):
    online["groups"]["content"] = 0.5
    run(content, online, given(rate_fade=0.1))
    assert of(online) == pytest.approx(0.45)
    assert of(online, KTJ) == 0.5, "it has not entered"


def test_a_world_without_the_forum_removes_nothing(online):
    online["institutions"]["id"] = np.uint64(7)
    online["institutions"]["effect"] = 1.0
    online["groups"]["content"] = 0.5
    run(content, online, given(rate_remove=0.5))
    assert of(online) == 0.5
