"""Great-power tension over technology, alert after incidents, and attention to theatres of war.

Summary of rule: tension grows as one home comes to supply everybody, and with what happens outside; incidents put
powers on the alert, and draw their attention to a war, which turns to the next once an armed group has fallen in one.

    Δτ           = (rate_declared · declared + rate_contest · lead) · (1 − τ) − rate_decay · τ
    alert'       = moved(alert, rate_alert · shock / (shock + half_shock), rate_settle)
    attention_t' = moved(attention_t, war_t · (rate_attention · shock_t / (shock_t + half_shock)
                         + weight_shift · freed + weight_broaden · alert), rate_fade + weight_shift · fell_t)

where `lead` is the largest home's share of all installed bases, as reported for the last quarter; a shock sums the
weights of the last quarter's incidents, of all of them or of those that a group of the theatre is accused of; `freed`
sums attention · fell over the other theatres, fell being 1 where the largest armed group has just lost its last land.

Mechanisms 107 as far as vendors feel it (each side presses clients), 143 (a shock puts security first), 110 (attention
shifts) and 111 (a response broadens). Evidence: supply as a contest between great powers (E0015); E0323, E0342; E0673;
E0324 (contested). Assumed: all rates; that what is freed in one war is lost there at the rate at which it moves to
others. Known limits: one tension and one alert for all powers, save quarrels between two states; attention moves to
every other war alike.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved
from sim.rules.incidents import shock_at
from sim.rules.persons import saturating
from sim.world.fields import NOBODY

NAME = "world_politics/tension"
READS = (
    "clock.quarter",
    "politics.tension",
    "politics.tension_declared",
    "politics.alert",
    "groups.theatre",
    "theatres.war",
    "theatres.attention",
    "theatres.fell",
    "incidents.quarter",
    "incidents.severity",
    "incidents.accused",
    "incidents.is_foiled",
    "measures.market",
)
WRITES = ("politics.tension", "politics.alert", "theatres.attention")
DRAWS = ()


@compiled
def next_tension(tension, declared, lead, params):
    """Return tension (0-1) after a quarter."""
    gain = params.tension.rate_declared * declared + params.tension.rate_contest * lead
    return moved(tension, gain, params.tension.rate_decay)


@compiled
def next_alert(alert, shock, params):
    """Return the alert (0-1) of great powers after a quarter that began with this shock (weights of incidents)."""
    gain = params.tension.rate_alert * saturating(shock, params.tension.half_shock)
    return moved(alert, gain, params.tension.rate_settle)


@compiled
def next_attention(attention, war, shock, freed, fell, alert, params):
    """Return attention (0-1) to a theatre after a quarter.

    shock: weights of incidents that groups there are accused of; freed: attention freed in other theatres; fell: 1
    where an armed group has just fallen there.
    """
    p = params.tension
    gain = p.rate_attention * saturating(shock, p.half_shock) + p.weight_shift * freed + p.weight_broaden * alert
    return moved(attention, war * gain, p.rate_fade + p.weight_shift * fell)


@compiled
def shock_of(world, theatre):
    """Return the shock of the last quarter's incidents: those that groups of a theatre are accused of, or all."""
    quarter = world.clock.quarter
    return shock_at(world, quarter - 1, NOBODY, theatre) if quarter > 0 else 0.0


@compiled
def apply(world, params, dice, ledger):
    """Move tension, alert and attention on by one quarter, all by what they find."""
    lead = world.measures.market.max()
    politics = world.politics
    politics.tension = next_tension(politics.tension, politics.tension_declared, lead, params)
    freed = 0.0
    for theatre in world.theatres:
        freed += theatre.attention * theatre.fell
    for t in range(world.theatres.shape[0]):
        theatre = world.theatres[t]
        others = max(0.0, freed - theatre.attention * theatre.fell)
        shock = shock_of(world, t) if theatre.war > 0.0 else 0.0
        theatre.attention = next_attention(
            theatre.attention, theatre.war, shock, others, theatre.fell, politics.alert, params
        )
    politics.alert = next_alert(politics.alert, shock_of(world, NOBODY), params)
