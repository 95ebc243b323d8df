"""How a government decides, under three rival theories: shared by the rules that buy and by answers to requests.

A parameter `theory` of the rule says which one holds: below 0.5 random utility, below 1.5 satisficing, else imitation.

    random utility   the largest sum of utility and Gumbel term wins (McFadden 1974): the choice is the rule's own
    satisficing      the first option whose utility reaches an aspiration is taken, options being looked at in an order
                     of chance; where none reaches it, none is taken (Simon 1955)
    imitation        utility = weight · share of the option in what peers took, in place of one's own (DiMaggio and
                     Powell 1983; Simmons and Elkins 2004); with a Gumbel term the largest wins. Where peers took
                     nothing, chance alone decides

Sources: Simon, "A Behavioral Model of Rational Choice", Quarterly Journal of Economics 69; DiMaggio and Powell, "The
Iron Cage Revisited", American Sociological Review 48; Simmons and Elkins, "The Globalization of Liberalization",
American Political Science Review 98. Assumed: that the theories exclude one another, aspirations and weights.
"""

import math

from sim.numerics.compiled import compiled
from sim.world.fields import NOBODY


@compiled
def is_satisficing(theory):
    """Return whether this code of a theory stands for satisficing."""
    return 0.5 <= theory < 1.5


@compiled
def is_imitating(theory):
    """Return whether this code of a theory stands for imitation."""
    return theory >= 1.5


@compiled
def first_good(utility, turn, n, aspiration):
    """Return which of the first n options is good enough and looked at first, or nobody, and by how much it is so.

    `utility`, `turn` (n,): what has the larger turn is looked at sooner. Where no option reaches the aspiration, the
    second number is what the best one lacks: inf where there is no option at all.
    """
    best = NOBODY
    top = -math.inf
    for j in range(n):
        top = max(top, utility[j])
        if utility[j] >= aspiration and (best == NOBODY or turn[j] > turn[best]):
            best = j
    return best, (aspiration - top if best == NOBODY else utility[best] - aspiration)


@compiled
def follow(taken, n, weight, utility):
    """Replace the utility (n,) of each of the first n options by what its share in what peers took, `taken`, is worth.

    Options that there are not, of utility -inf, stay so.
    """
    total = 0.0
    for j in range(n):
        total += taken[j]
    for j in range(n):
        if utility[j] > -math.inf:
            utility[j] = weight * taken[j] / total if total > 0.0 else 0.0
