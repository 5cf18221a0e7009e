"""Licence records: what a source may be used for. They live on sources; what is made from several is the narrowest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.kit.errors import UserError
from core.kit.paths import reference
from core.rights.held import tracks_of


def known() -> dict[str, dict[str, Any]]:
    """Licence id to its record, from data/reference/licences.yaml."""
    return dict(reference("licences"))


def record(licence_id: str, *, credit: str = "", note: str = "", ends: str = "") -> dict[str, Any]:
    """The record stored with an asset. `credit` is the line to print where attribution is due; `ends` an ISO date."""
    try:
        facts = dict(known()[licence_id])
    except KeyError:
        raise UserError(f"There is no licence {licence_id!r}.", f"Choose one of: {', '.join(known())}.") from None
    if facts["attribution"] and not credit.strip():
        raise UserError(
            f"{facts['title']} asks for a credit.", "Give the author and title to be credited.", "no_credit"
        )
    return (
        {"id": licence_id, "publish": True, "credit": credit.strip(), "ends": ends}
        | facts
        | ({"note": note} if note else {})
    )


def combined(licences: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The facts of something made from several sources: each permission only if all give it, each duty if any asks."""
    parts = list(licences)
    if not parts:
        return record("own-work")
    titles = sorted({str(part["title"]) for part in parts})
    ends = sorted(str(part["ends"]) for part in parts if part.get("ends"))
    credits = list(dict.fromkeys(str(part["credit"]) for part in parts if part.get("credit")))
    tracks = {(one["provider"], one["track_id"]): one for part in parts for one in tracks_of(part)}
    narrower: dict[str, Any] = {"tracks": list(tracks.values())} if tracks else {}
    if any(part.get("derivatives") is False for part in parts):
        narrower["derivatives"] = False
    return narrower | {
        "id": str(parts[0]["id"]) if len({part["id"] for part in parts}) == 1 else "combined",
        "title": " + ".join(titles),
        "royalty_free": all(part["royalty_free"] for part in parts),
        "commercial": all(part["commercial"] for part in parts),
        "publish": all(part.get("publish", True) for part in parts),
        "attribution": any(part["attribution"] for part in parts),
        "share_alike": any(part["share_alike"] for part in parts),
        "credit": "; ".join(credits),
        "ends": ends[0] if ends else "",
        "note": "As narrow as the narrowest of what it was made from.",
        "url": "",
    }
