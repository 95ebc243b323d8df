"""What readers of hand-overs and of ways out have to know of replay: what is on record, and what is the model's."""

from __future__ import annotations

from sim.report.study import LAST_OF_HISTORY, Study

_COMPARE = f"so states are to be compared in free history, or after {LAST_OF_HISTORY}."


def of_answers(study: Study) -> str:
    """Return what replay means for answers and hand-overs; empty in free history."""
    if study.history != "replay":
        return ""
    return (
        f"In replay the years up to {LAST_OF_HISTORY} hold only the answers on record, on their dates and for as many "
        "persons as the record says, or for all whom the model has there where these are fewer. Other requests, swaps "
        f"and accusations of those years are not the model's to make, {_COMPARE}"
    )


def of_borders(study: Study) -> str:
    """Return what sets control of the borders, up to the horizon in replay and in free history."""
    if study.history != "replay":
        return "How fast borders harden was set with the documents' turn to the south in view."
    return (
        f"In replay control of the borders is on record up to {LAST_OF_HISTORY}, and the only hand-overs until then "
        f"are those on record, {_COMPARE}"
    )
