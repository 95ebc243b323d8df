"""Vendors' offers.

Summary of rule: what a firm offers follows its home: subsidy lowers its price, sanctions and isolation raise it, and an
industry without sales, or whose own country buys abroad, falls behind.

    price   = list price · (1 − w_subsidy · subsidy) · (1 + shift)
              · (1 + w_sanction · sanction) · (1 + w_isolation · isolation)
    quality = quality · (1 − w_industry · (1 − industry))
    credit  = credit · readiness of the home to lend · (1 − w_retreat · isolation)
    Δindustry = rate_growth · sales · (1 − industry)
                − (rate_ageing + rate_isolation · isolation + rate_displaced · foreign supply at home) · industry

Success in the reported states is shown to others: showcase follows the mean dependence there. Suppliers read no
trait of a buyer's regime: they are indifferent to it.

Mechanisms 1, 17, 18, 31, 34, 36. Evidence: E0098, E0107, E0212, E0216, E0218, E0222, E0224, E0236. Assumed: all
weights.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved, towards

NAME = "technology/vendors"
READS = (
    "homes.state",
    "homes.subsidy",
    "homes.price_shift",
    "homes.credit",
    "homes.isolation",
    "homes.industry",
    "homes.showcase",
    "states.supply",
    "firms.home",
    "firms.price",
    "firms.quality",
    "firms.credit",
    "firms.sanction",
    "measures.market",
    "measures.dependence_focus",
)
WRITES = ("homes.industry", "homes.showcase", "firms.offer_price", "firms.offer_quality", "firms.offer_credit")
DRAWS = ()


@compiled
def offered_price(price, subsidy, shift, sanction, isolation, params):
    """Return the price offered, as a ratio to the mean vendor's list price."""
    at_home = price * (1.0 - params.vendors.weight_subsidy * subsidy) * (1.0 + shift)
    burden = (1.0 + params.vendors.weight_sanction * sanction) * (1.0 + params.vendors.weight_isolation * isolation)
    return max(0.0, at_home * burden)


@compiled
def next_industry(industry, sales, isolation, displaced, params):
    """Return the health of an industry (0-1) after a quarter; sales and displaced are shares 0-1."""
    loss = params.vendors.rate_ageing + params.vendors.rate_isolation * isolation
    loss += params.vendors.rate_displaced * displaced
    return moved(industry, params.vendors.rate_growth * sales, loss)


@compiled
def foreign_at_home(world, h):
    """Return what foreign homes supply of the home's own state, 0-1."""
    supply = world.states[world.homes[h].state].supply
    total = 0.0
    for other in range(supply.shape[0]):
        if other != h:
            total += supply[other]
    return total


@compiled
def apply(world, params, dice, ledger):
    """Move every home's industry on, then let every firm make its offer of the quarter."""
    for h in range(world.homes.shape[0]):
        home = world.homes[h]
        displaced = foreign_at_home(world, h)
        home.industry = next_industry(home.industry, world.measures.market[h], home.isolation, displaced, params)
        home.showcase = towards(home.showcase, world.measures.dependence_focus[h], params.vendors.rate_showcase)
    for firm in world.firms:
        home = world.homes[firm.home]
        firm.offer_price = offered_price(
            firm.price, home.subsidy, home.price_shift, firm.sanction, home.isolation, params
        )
        firm.offer_quality = firm.quality * (1.0 - params.vendors.weight_industry * (1.0 - home.industry))
        firm.offer_credit = firm.credit * home.credit * (1.0 - params.vendors.weight_retreat * home.isolation)
