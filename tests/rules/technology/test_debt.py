"""Debt and leverage: what is paid, what stays owed, and what owing makes of the lender."""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.feed import UNFED
from sim.rules.schedule import step
from sim.rules.technology import debt
from sim.world.fields import NOBODY
from tests.rules.made_world import dice, dyad, index, only, run

KGZ, KAZ = index("states", "KGZ"), index("states", "KAZ")


def given(**values):
    return only(debt=values, tenders={"purse_limit": 8.0})


@pytest.fixture
def owing(world):
    """Kyrgyzstan owes China ten quarters of its usual spending; every state has 5 in its purse."""
    world["dyads"]["debt"][0, dyad("KGZ", "CHN")], world["states"]["purse"] = 10.0, 5.0
    return world


def test_leverage_by_hand():
    # 0.5 + 0.03 · 1/(1 + 1) · 0.5 − 0.1 · 0.5 = 0.4575.
    params = given(rate_leverage=0.03, rate_ebb=0.1)
    assert debt.next_leverage(0.5, 1.0, params) == pytest.approx(0.4575)


@pytest.mark.parametrize("leverage", [0.0, 0.5, 1.0])
def test_leverage_stays_a_share_and_ebbs_without_debt(leverage):
    params = given(rate_leverage=0.08, rate_ebb=0.1)
    assert 0.0 <= debt.next_leverage(leverage, 60.0, params) <= 1.0
    assert debt.next_leverage(leverage, 0.0, params) == pytest.approx(0.9 * leverage)
    assert debt.next_leverage(0.3, 5.0, params) > debt.next_leverage(0.3, 1.0, params)


def test_debt_is_paid_from_the_purse_of_whoever_owes_it(owing):
    run(debt, owing, given(rate_amortise=0.03))
    assert owing["dyads"]["debt"][0, dyad("KGZ", "CHN")] == pytest.approx(9.7)
    assert owing["states"]["purse"][0, KGZ] == pytest.approx(4.7)
    assert (np.delete(owing["states"]["purse"][0], KGZ) == 5.0).all()
    assert owing["dyads"]["debt"].sum() == pytest.approx(9.7)


def test_who_cannot_pay_the_whole_service_still_owes_the_rest(owing):
    owing["states"]["purse"] = 0.2
    run(debt, owing, given(rate_amortise=0.03))
    assert owing["states"]["purse"][0, KGZ] == 0.0
    assert owing["dyads"]["debt"][0, dyad("KGZ", "CHN")] == pytest.approx(9.8)
    run(debt, owing, given(rate_amortise=0.03))
    assert owing["dyads"]["debt"][0, dyad("KGZ", "CHN")] == pytest.approx(9.8), "an empty purse pays nothing"


def test_what_leaves_the_purse_is_what_leaves_the_debt(owing):
    relations = owing[0]["dyads"]
    relations["debt"] = np.linspace(0.0, 20.0, len(relations))
    owing["states"]["purse"] = 0.7
    owed, held = owing["dyads"]["debt"].sum(), owing["states"]["purse"].sum()
    run(debt, owing, given(rate_amortise=0.1))
    paid = held - owing["states"]["purse"].sum()
    assert paid > 0.0
    assert owed - owing["dyads"]["debt"].sum() == pytest.approx(paid)
    assert (owing["states"]["purse"] >= 0.0).all()


def test_of_two_lenders_the_first_dyad_is_paid_first(owing):
    first, second = sorted((dyad("KGZ", "CHN"), dyad("KGZ", "USA")))
    owing["dyads"]["debt"][0, [first, second]], owing["states"]["purse"] = 10.0, 1.4
    run(debt, owing, given(rate_amortise=0.1))
    assert owing["dyads"]["debt"][0, [first, second]] == pytest.approx([9.0, 9.6])


def test_a_debt_weighs_before_its_service_is_paid(owing):
    # 0.1 · 10/11, not 0.1 · 5/6.
    run(debt, owing, given(rate_leverage=0.1, rate_amortise=0.5))
    assert owing["dyads"]["leverage"][0, dyad("KGZ", "CHN")] == pytest.approx(1.0 / 11.0)


def test_a_partner_that_is_no_home_still_has_its_debt_served(owing):
    relation = owing[0]["dyads"][dyad("KGZ", "CHN")]
    relation["home"], relation["debt"] = NOBODY, 1.0
    run(debt, owing, given(rate_leverage=0.1, rate_amortise=0.1))
    assert relation["leverage"] == pytest.approx(0.05)
    assert relation["debt"] == pytest.approx(0.9)


@pytest.mark.parametrize(("off", "owed"), [((), 9.0), ((debt.NAME,), 10.0)])
def test_switched_off_nothing_is_paid_and_nothing_weighs(owing, off, owed):
    relation = owing[0]["dyads"][dyad("KGZ", "CHN")]
    relation["leverage"] = 0.25
    step(owing[0], given(rate_amortise=0.1, rate_ebb=0.2), switches_for(off), dice(), NO_LEDGER, *UNFED)
    assert relation["debt"] == pytest.approx(owed)
    assert relation["leverage"] == pytest.approx(0.25 if off else 0.2)
    assert owing["states"]["purse"][0, KGZ] == pytest.approx(owing["states"]["purse"][0, KAZ] - (10.0 - owed))
