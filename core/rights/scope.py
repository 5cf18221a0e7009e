"""Whether a licence that somebody holds covers a use. Pure: rows in, sentences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from core.kit.clock import now, today
from core.store.track_licences import CHANNEL, REVOKED, UNKNOWN, TrackLicence
from core.store.track_uses import TrackUse

Standing = Literal["valid", "upcoming", "expiring", "expired", "revoked", "unknown"]
SOON_DAYS = 30


@dataclass(frozen=True)
class Planned:
    """A use, with what the piece is: what the gate asks a licence about."""

    platform: str
    public: bool
    commercial: bool
    territory: str
    on: date
    output_id: str
    """The piece that is taken out."""
    project: str = ""
    channel: str = ""
    medium: str = ""
    audience: int | None = None
    changed: bool = False
    """The track was mixed, cut or put to picture, not handed on as it is."""


def day_in(zone: str, on: date, moment: datetime | None = None) -> date:
    """The day it is where the licence was given. Today is known to the minute; of another day only its name is known, and
    that is taken as it stands."""
    if on == today():
        return (moment or now()).astimezone(ZoneInfo(zone)).date()
    return on


def standing(licence: TrackLicence, on: date | None = None, *, soon_days: int = SOON_DAYS) -> Standing:
    on = on or today()
    if licence.state in (REVOKED, UNKNOWN):
        return "revoked" if licence.state == REVOKED else "unknown"
    day = day_in(licence.zone, on)
    if day < date.fromisoformat(licence.starts_on):
        return "upcoming"
    if licence.ends_on is None:
        return "valid"
    ends = date.fromisoformat(licence.ends_on)
    if day > ends:
        return "expired"
    return "expiring" if day + timedelta(days=soon_days) > ends else "valid"


def lacks(
    licence: TrackLicence, use: Planned, uses: Sequence[TrackUse] = (), *, earlier: Sequence[TrackUse] = ()
) -> tuple[str, ...]:
    """Why it does not cover the use; nothing when it does. `uses`: everything that rests on this licence; `earlier`: this very
    track in this very piece on this platform."""
    found: list[str] = []
    stands = standing(licence, use.on)
    if stands == "revoked":
        found.append(f"it was revoked{': ' + licence.state_why if licence.state_why else ''}")
    elif stands == "unknown":
        found.append(f"it is not confirmed{': ' + licence.state_why if licence.state_why else ''}")
    elif stands == "upcoming":
        found.append(f"it begins on {licence.starts_on}")
    elif stands == "expired" and not _kept(licence, earlier):
        found.append(f"it ended on {licence.ends_on}")
    if use.commercial and not licence.commercial:
        found.append("it allows no commercial use")
    if use.changed and not licence.derivatives:
        found.append("it allows the track only as it is, not mixed or put to picture")
    if licence.projects and use.project not in licence.projects:
        found.append("it is for another project" if use.project else "it is for one project, and none is named")
    if use.public:
        found += _published(licence, use)
    if licence.single_use:
        elsewhere = [each for each in uses if each.output_asset_id != use.output_id]
        if elsewhere:
            found.append(f"it is for one piece, and {elsewhere[0].output_name!r} has used it")
    return tuple(found)


def _published(licence: TrackLicence, use: Planned) -> list[str]:
    found = []
    if licence.platforms and use.platform not in licence.platforms:
        found.append(f"it is for {_any(licence.platforms)}, not {use.platform}")
    if licence.territories and use.territory not in licence.territories:
        found.append(f"it is for {_any(licence.territories)}, not {use.territory}")
    if licence.media and use.medium and use.medium not in licence.media:
        found.append(f"it is for {_any(licence.media)}, not {use.medium}")
    channels = licence.channels or ([licence.licensee] if licence.licensee_kind == CHANNEL else [])
    if channels and use.channel not in channels:
        named = f", not {use.channel!r}" if use.channel else ", and no channel is named"
        found.append(f"it is for the channel {_any(channels)}{named}")
    if licence.audience_max is not None and use.audience is not None and use.audience > licence.audience_max:
        found.append(f"it ends at an audience of {licence.audience_max:,}")
    return found


def _kept(licence: TrackLicence, earlier: Sequence[TrackUse]) -> bool:
    """What was published while it ran, and rested on it, stays covered."""
    if not licence.keeps_published or licence.ends_on is None:
        return False
    return any(
        each.licence_id == licence.id and licence.starts_on <= each.used_on <= licence.ends_on for each in earlier
    )


def _any(names: Sequence[str]) -> str:
    return " or ".join(names[:4]) + (" …" if len(names) > 4 else "")
