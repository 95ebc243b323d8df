"""Content online.

Summary of rule: strong groups and spectacular events fill the net with content, which fades and is removed as far as
governments and platforms act together, the more so for a time after a wave.

    removal  = effect of the forum on the digital domain · (1 + weight_protocol · content_wave), at most 1
    content' = moved(content, rate_post · strength + weight_event · declared, rate_fade + rate_remove · removal)
    wave'    = moved(content_wave, declared, rate_forget)

for every group that is there. The forum is the one institution whose work is content, the EU Internet Forum; what it
has agreed and put into practice moves in `institutions/summits`. Platforms are few and global, so that removal acts on
the content of all groups, and not in its members alone. Strength is that of `sim/rules/groups.py`.

Mechanisms 58 (authorities and firms come to act together), 59 (a shock brings a joint protocol) and 141 (amplification;
recruits feel it in `restraint/recruitment`). Evidence: E0762, E0763, E0764, E0769, E0772, E0337. Assumed: all rates.
Known limits: content has no language and no audience; that it lets observers see more is not computed.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import stable_id
from sim.numerics.stocks import clipped, moved
from sim.rules.groups import is_active, strength_of
from sim.world.records import DOMAINS

NAME = "information/content"
READS = (
    "clock.quarter",
    "politics.content_declared",
    "politics.content_wave",
    "institutions.id",
    "institutions.effect",
    "groups.enters",
    "groups.hard",
    "groups.other",
    "groups.disarray",
    "groups.content",
)
WRITES = ("politics.content_wave", "groups.content")
DRAWS = ()
FORUM = np.uint64(stable_id("institution:EUIF"))
_DIGITAL = DOMAINS.index("digital")


@compiled
def removal_of(effect, wave, params):
    """Return how far content is removed (0-1), given the effect of the forum and the wave of late (0-1)."""
    return clipped(effect * (1.0 + params.content.weight_protocol * wave))


@compiled
def next_content(content, strength, declared, removal, params):
    """Return a group's content (0-1) after a quarter; all arguments 0-1."""
    p = params.content
    return moved(content, p.rate_post * strength + p.weight_event * declared, p.rate_fade + p.rate_remove * removal)


@compiled
def forum_effect(world):
    """Return the effect (0-1) of the forum on the digital domain, 0 in a world without it."""
    for institution in world.institutions:
        if institution.id == FORUM:
            return institution.effect[_DIGITAL]
    return 0.0


@compiled
def apply(world, params, dice, ledger):
    """Move every group's content and the wave on by one quarter."""
    politics = world.politics
    quarter = world.clock.quarter
    removal = removal_of(forum_effect(world), politics.content_wave, params)
    declared = politics.content_declared
    for group in world.groups:
        if is_active(group, quarter):
            strength = strength_of(group, params.conduct.half_strength, params.conduct.weight_disarray)
            group.content = next_content(group.content, strength, declared, removal, params)
    politics.content_wave = moved(politics.content_wave, declared, params.content.rate_forget)
