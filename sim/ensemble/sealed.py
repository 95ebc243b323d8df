"""A folder that is sealed already: whether its manifest tells what is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sim
from sim.ensemble.asked import stated
from sim.ensemble.receipts import Survey
from sim.errors import InputError
from sim.results.files import canonical_json, sha256_of
from sim.results.schema import LEDGER, REPORT
from sim.results.store import open_result
from sim.settings import role_of

if TYPE_CHECKING:
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.sweep import Model


def sealed[M: Model](campaign: Campaign[M], found: Survey) -> dict[str, Any] | None:
    """Return the manifest of a folder that holds just the plan, every file as it was sealed; None for any other.

    `found` is what the folder holds: its data were looked at. None, too, where runs that failed are to be tried again.
    """
    try:
        manifest = open_result(campaign.folder).manifest
        is_other = manifest["plan_hash"] != campaign.plan.sha256
        if is_other or found.damage or (campaign.config.retry and found.has_failures):
            return None
        known = found.files
        same = (
            (known.get(n) or sha256_of(campaign.folder / n)) == checksum for n, checksum in manifest["files"].items()
        )
        return manifest if all(same) else None
    except (InputError, KeyError, OSError):
        return None


def is_told[M: Model](campaign: Campaign[M], manifest: Mapping[str, Any], is_exact: bool) -> bool:
    """Return whether a manifest of the campaign's plan, and the report beside it, are what is asked.

    `is_exact`: what `precision` asked for has to be the same too; it is not for who asks for less than there is.
    """
    has_report = campaign.config.report and not manifest["without_runs"]
    wanted = [name for name, on in ((REPORT, has_report), (LEDGER, campaign.config.trace)) if on]
    now = _telling(json.loads(canonical_json(stated(campaign.config, campaign.model.question))))
    words = json.loads(canonical_json([sim.__version__, campaign.model.told(), campaign.reached]))
    before = [manifest[key] for key in ("model_version", "scenarios", "precision")]
    same = len(words) if is_exact else -1
    return (
        set(wanted) <= set(manifest["files"]) and now == _telling(manifest["config"]) and words[:same] == before[:same]
    )


def _telling(config: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return the keys of a configuration, dotted, that manifest and report go by, the size of the plan apart."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            found |= _telling(value, f"{before}{key}.")
        elif role_of(before + key).in_page:
            found[before + key] = value
    return found
