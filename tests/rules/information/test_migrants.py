"""Migrants: whom accusations press, how stigma outlasts pressure, and whom it grieves."""

import numpy as np
import pytest

from sim.rules.information import migrants
from tests.rules.made_conflict import quiet
from tests.rules.made_world import index, only, register, run

RUS = index("states", "RUS")
RUSSIA, TURKEY = index("accusers", "RUS"), index("accusers", "TUR")
KTJ, TIP = (index("groups", name) for name in ("Katibat al-Tawhid wal-Jihad", "Turkestan Islamic Party"))
CENTRAL_ASIA, WESTERN_CHINA = (index("pools", name) for name in ("Central Asia", "Western China"))


def given(**values):
    return only(migrants=values)


def row(world, host="RUS"):
    """The row of migrants in a state, over the same memory."""
    rows = world["migrants"][0]
    return rows[int(np.flatnonzero(rows["host"] == index("states", host))[0])]


@pytest.fixture
def accused():
    """A quiet world in which Russia, which casts its net wide, accuses a group half of whose people are from there."""
    world = quiet()
    world["groups"]["pool"][0, KTJ, CENTRAL_ASIA] = 0.5
    world["accusers"]["accuses"][0, RUSSIA, KTJ] = 1.0
    world["accusers"]["breadth"][0, RUSSIA] = 0.6
    row(world)["presence"] = 0.8
    return world


def test_pressure_by_hand():
    # 0.2 + 0.5 · (0.5 · 0.6 + 0.3 · 0.4) · 0.8 · 0.8 − 0.1 · 0.2 = 0.2 + 0.1344 − 0.02.
    params = given(rate_pressure=0.5, weight_police=0.3, rate_relax=0.1)
    assert migrants.next_pressure(0.2, 0.5, 0.6, 0.4, 0.8, params) == pytest.approx(0.3144)
    for place in range(1, 5):
        values = [0.2, 0.5, 0.6, 0.4, 0.8]
        values[place] += 0.1
        assert migrants.next_pressure(*values, params) > 0.3144
    assert migrants.next_pressure(0.2, 0.5, 0.6, 0.4, 0.8, given(rate_relax=0.1)) == pytest.approx(0.18), "off"


def test_pressure_follows_accusations_of_groups_of_the_area_by_the_accuser(accused):
    run(migrants, accused, given(rate_pressure=0.5))
    assert row(accused)["pressure"] == pytest.approx(0.5 * 0.5 * 0.6 * 0.8)
    assert accused["migrants"]["pressure"].sum() == row(accused)["pressure"]


@pytest.mark.parametrize("what", ["another accuser", "another area", "a narrow net", "nobody there"])
def test_no_pressure_without_all_of_these(accused, what):
    if what == "another accuser":
        accused["accusers"]["accuses"] = 0.0
        accused["accusers"]["accuses"][0, TURKEY, KTJ] = 1.0
    elif what == "another area":
        accused["groups"]["pool"][0, KTJ] = 0.0
    elif what == "a narrow net":
        accused["accusers"]["breadth"] = 0.0
    else:
        row(accused)["presence"] = 0.0
    run(migrants, accused, given(rate_pressure=0.5))
    assert not accused["migrants"]["pressure"].any()


def test_accusations_of_several_groups_add_up(accused):
    accused["groups"]["pool"][0, TIP, CENTRAL_ASIA] = 0.25
    accused["accusers"]["accuses"][0, RUSSIA, TIP] = 1.0
    run(migrants, accused, given(rate_pressure=0.5))
    assert row(accused)["pressure"] == pytest.approx(0.5 * 0.75 * 0.6 * 0.8)


def test_fear_presses_migrants_whom_nobody_accuses(accused):
    accused["accusers"]["accuses"] = 0.0
    accused["states"]["insecurity"][0, RUS] = 0.5
    run(migrants, accused, given(rate_pressure=0.5, weight_police=0.3))
    assert row(accused)["pressure"] == pytest.approx(0.5 * 0.3 * 0.5 * 0.8)


def test_stigma_outlasts_pressure(accused):
    params = register().record()[0]
    found = []
    for quarter in range(40):
        accused["accusers"]["accuses"][0, RUSSIA, KTJ] = 1.0 if quarter < 4 else 0.0
        run(migrants, accused, params)
        found.append((row(accused)["pressure"], row(accused)["stigma"]))
    pressure, stigma = np.array(found).T
    assert stigma.argmax() > pressure.argmax()
    assert stigma[-1] / stigma.max() > 3.0 * pressure[-1] / pressure.max()
    assert pressure[-1] < 0.05 * pressure.max()


def test_stigma_and_the_wrongly_suspected_by_hand(accused):
    accused["accusers"]["accuses"] = 0.0
    row(accused)["pressure"], row(accused)["stigma"] = 0.5, 0.2
    accused["states"]["detection"][0, RUS] = 0.25
    run(migrants, accused, given(rate_stigma=0.2, rate_fade=0.1))
    assert row(accused)["stigma"] == pytest.approx(0.2 + 0.2 * 0.5 * 0.8 - 0.1 * 0.2)
    assert row(accused)["wrong"] == pytest.approx(0.6 * 0.75 * 0.5)


def test_the_grievance_of_the_area_rises_with_stigma_and_is_forgiven(accused):
    accused["accusers"]["accuses"] = 0.0
    row(accused)["stigma"] = 0.5
    accused["pools"]["grievance"] = 0.2
    run(migrants, accused, given(rate_grieve=0.1, rate_forgive=0.05))
    grievance = accused["pools"]["grievance"][0]
    assert grievance[CENTRAL_ASIA] == pytest.approx(0.2 + 0.1 * 0.5 * 0.8 - 0.05 * 0.2)
    assert grievance[WESTERN_CHINA] == pytest.approx(0.19), "only forgiven"


def test_accusations_raise_the_grievance_of_the_area_alone(accused):
    params = register().record()[0]
    for _ in range(8):
        run(migrants, accused, params)
    grievance = accused["pools"]["grievance"][0]
    assert grievance[CENTRAL_ASIA] == grievance.sum() > 0.02


def test_of_two_stigmas_on_one_area_the_larger_grieves(accused):
    accused["migrants"]["pool"] = CENTRAL_ASIA
    accused["migrants"]["stigma"] = [[0.2, 0.6]]
    run(migrants, accused, given(rate_grieve=0.1))
    assert accused["pools"]["grievance"][0, CENTRAL_ASIA] == pytest.approx(0.06)


@pytest.mark.parametrize("field", ["host", "pool", "accuser"])
def test_nobody_anywhere_is_no_fault(accused, field):
    accused["migrants"][field] = -1
    run(migrants, accused, register().record()[0])
    assert not accused["migrants"]["pressure"].any()
