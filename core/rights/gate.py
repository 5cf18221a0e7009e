"""The gate at export: may this asset be used like that? It asks every source the asset was made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from core.kit.clock import today
from core.kit.errors import RightsError
from core.rights import held
from core.rights.platforms import Platform
from core.rights.scope import Planned
from core.store import assets, styles, voices
from core.store.assets import Asset, Link

_STEERING = (styles.SOURCE_ROLE, "melody", "soundfont")
"""Roles of what an engine of music was given to go by: its own terms count beside theirs."""
OWN = "own"
"""In the licence of such a piece: the engine's own record, without what the sources narrow it to today."""


@dataclass(frozen=True)
class Use:
    """What somebody wants to do with an asset."""

    platform: Platform = "private"
    commercial: bool = False
    territory: str = "worldwide"
    on: date = field(default_factory=today)
    project: str = ""
    """The project it is for; where none is named, the one the piece is a render of."""
    channel: str = ""
    medium: str = ""
    """Such as online, advertising, film: what a licence may be limited to."""
    audience: int | None = None
    """How many people it is to reach, where somebody knows."""

    @property
    def public(self) -> bool:
        return self.platform != "private"

    def __str__(self) -> str:
        how = "commercial" if self.commercial else "non-commercial"
        return f"{how} use, {'kept private' if not self.public else 'published on ' + self.platform}"


@dataclass(frozen=True)
class Source:
    id: str
    name: str
    role: str
    licence: dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    reasons: tuple[str, ...]
    """Why not, one sentence each; empty when allowed."""
    credits: tuple[str, ...]
    """Lines that have to appear wherever it is published."""
    sources: tuple[Source, ...]
    steps: tuple[str, ...] = ()
    """What would clear it, one sentence each."""
    rests_on: tuple[tuple[str, str], ...] = ()
    """(id of a licensed track in the library, id of the licence that covers it)"""
    codes: tuple[str, ...] = ()
    """What the platform has to be given with it."""


def sources(connection: Connection, asset: Asset) -> list[Source]:
    """Everything at the far end of the lineage. An asset made from nothing, from a voice alone, in a
    style or after a tune is its own source too: the terms of the engine that made it stand beside those of the others."""
    found: dict[str, Source] = {}

    def walk(source: Source, seen: frozenset[str]) -> Iterator[Source]:
        links = assets.sources_of(connection, source.id)
        for link in links:
            if link.role == voices.SOURCE_ROLE:
                yield _voice(connection, link)
        others = [link for link in links if link.role != voices.SOURCE_ROLE]
        for link in others:
            if link.source_id not in seen:
                # The live record counts, since a licence may have ended; a purged source speaks through its copy.
                live = assets.source(connection, link.source_id)
                licence = live.licence if live else link.licence
                below = Source(link.source_id, link.name, link.role, licence)
                yield from walk(below, seen | {link.source_id})
        if all(link.role in _STEERING for link in others):
            yield replace(source, licence=source.licence.get(OWN, source.licence)) if others else source

    for source in walk(Source(asset.id, asset.name, asset.role, asset.licence), frozenset({asset.id})):
        found[source.id] = source
    return list(found.values())


def _voice(connection: Connection, link: Link) -> Source:
    """A deleted voice keeps its row: consent may be withdrawn after it."""
    live = voices.find(connection, link.source_id)
    return Source(link.source_id, link.name, link.role, live.licence if live else link.licence)


def may(connection: Connection, asset: Asset, use: Use, *, mixed: bool = False) -> Verdict:
    """`mixed`: it is about to be mixed, cut or put to picture: nothing counts as handed on as it is, and what comes of it
    was published nowhere yet."""
    reasons: list[str] = []
    credits: list[str] = []
    steps: list[str] = []
    codes: list[str] = []
    rests_on: list[tuple[str, str]] = []
    origins = sources(connection, asset)
    asked = any(held.tracks_of(source.licence) for source in origins)
    project = use.project or (held.project_of(connection, asset) if asked else "")
    for source in origins:
        licence = source.licence
        title = f"{source.name!r} ({licence['title']})"
        known = len(reasons)
        if licence.get("withdrawn") and (use.public or use.commercial):
            reasons.append(f"The speaker of {source.name!r} withdrew the consent on {licence['withdrawn']}.")
        elif held.is_preview(licence) and (use.public or use.commercial):
            reasons.append(f"{source.name!r} is a preview, to try it: nothing made with it may be published or sold.")
        elif use.public and not licence.get("publish", True):
            reasons.append(f"{title} has no declared rights, so it may not be published.")
        elif use.commercial and not licence["commercial"]:
            reasons.append(f"{title} may not be used commercially.")
        if licence.get("ends") and use.on > date.fromisoformat(licence["ends"]):
            reasons.append(f"The licence of {title} ended on {licence['ends']}.")
        if licence.get("derivatives") is False and use.public and (mixed or source.id != asset.id):
            reasons.append(f"{title} may be published only as it is, not mixed, cut or put to picture.")
        if licence.get("attribution"):
            line = f"{licence['credit'] or source.name}, {licence['title']} {licence['url']}".strip()
            credits.append(licence.get("line") or line)
        if held.is_preview(licence) and len(reasons) > known:
            steps.append(held.step_for_preview(licence["catalogue"], source.name, _planned(asset, use, project, True)))
        for track in held.tracks_of(licence):
            found = _clear(connection, asset, source, track, use, project, mixed)
            reasons += found.reasons
            steps += found.steps
            credits += found.credits
            codes += found.codes
            rests_on += [(source.id, found.licence_id)] if found.licence_id else []
    return Verdict(
        not reasons, tuple(reasons), tuple(dict.fromkeys(credits)), tuple(origins), tuple(dict.fromkeys(steps)),
        tuple(rests_on), tuple(dict.fromkeys(codes)),
    )  # fmt: skip


def _clear(
    connection: Connection,
    asset: Asset,
    source: Source,
    track: Mapping[str, str],
    use: Use,
    project: str,
    mixed: bool,
) -> held.Clearance:
    """The piece's owner is who has to hold the licence, whoever takes it out."""
    planned = _planned(asset, use, project, mixed or source.id != asset.id)
    if mixed:
        planned = replace(planned, output_id="")
    return held.clear(
        connection, asset.user_id, track["provider"], track["track_id"], track["title"] or source.name, planned,
        attribution=source.licence.get("credit", ""),
    )  # fmt: skip


def _planned(asset: Asset, use: Use, project: str, changed: bool) -> Planned:
    return Planned(
        platform=use.platform, public=use.public, commercial=use.commercial, territory=use.territory, on=use.on,
        output_id=asset.id, project=project, channel=use.channel, medium=use.medium, audience=use.audience,
        changed=changed,
    )  # fmt: skip


def before_mixing(connection: Connection, owner: str, sounds: Iterable[Asset], use: Use) -> tuple[Verdict, ...]:
    """One for each sound, of a piece that `owner` is about to make of them: whose licences they are who owns the sounds is
    all the same to it."""
    return tuple(may(connection, replace(each, user_id=owner), use, mixed=True) for each in sounds)


def together(verdicts: Iterable[Verdict]) -> Verdict:
    found = tuple(verdicts)

    def once(name: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(each for one in found for each in getattr(one, name)))

    sources = {source.id: source for one in found for source in one.sources}
    return Verdict(
        all(one.allowed for one in found), once("reasons"), once("credits"), tuple(sources.values()), once("steps"),
        once("rests_on"), once("codes"),
    )  # fmt: skip


def planned_for(connection: Connection, asset: Asset) -> Use:
    """What it is taken out for where nobody says: what its project was planned for, else to keep it private."""
    plan = held.plan_of(connection, asset)
    if plan is None:
        return Use()
    given = {name: plan[name] for name in ("commercial", "territory", "channel", "medium", "audience") if name in plan}
    on = {"on": date.fromisoformat(plan["on"])} if plan.get("on") else {}
    return Use(platform=plan["platform"], **({"commercial": True} | given | on))


def check(connection: Connection, asset: Asset, use: Use) -> Verdict:
    """As may(), but raises RightsError when the answer is no."""
    verdict = may(connection, asset, use)
    if not verdict.allowed:
        raise refusal(asset.name, use, verdict)
    return verdict


def refusal(name: str, use: Use, verdict: Verdict) -> RightsError:
    return RightsError(
        f"{name!r} is not cleared for {use}: {' '.join(verdict.reasons)}",
        " ".join(verdict.steps) or "Declare or extend the rights of the named source in the Library, or replace it.",
    )
