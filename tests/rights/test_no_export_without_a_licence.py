"""No export passes the gate with an invalid licence: random licences, uses and lineages of real assets, each held against the
same question asked plainly of what was drawn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from core.access.access import open_access
from core.access.passwords import Passwords
from core.app import Studio, build_studio
from core.kit.actor import Actor
from core.kit.clock import new_id, now, today
from core.kit.errors import RightsError
from core.kit.settings import load_settings
from core.rights import gate, held, licences
from core.rights.gate import Use
from core.store import assets, track_licences, track_uses
from tests.access.conftest import actor

DAY = today()
ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris")
EXAMPLES = 80
_numbers = itertools.count()

days = st.integers(-3, 3).map(lambda n: DAY + timedelta(days=n))
some = lambda *names: st.lists(st.sampled_from(names), max_size=2, unique=True)  # noqa: E731
rarely = st.sampled_from((False, False, False, False, True))


@dataclass
class Held:
    by: Literal["me", "other", "my team", "their team"]
    row: dict[str, Any]
    state: str
    uses: list[tuple[str, str, date]]
    """(of which piece: this or that, platform, day) published on it before."""


@dataclass
class Leaf:
    kind: Literal["track", "preview", "own", "no commerce", "no rights", "over", "as it is"]
    licences: list[Held] = field(default_factory=list)


@dataclass
class Made:
    """A mix of several, which belongs to a project; or a stem, a loop, a master of one."""

    sources: list[int]
    project: str = ""


@dataclass
class World:
    parts: list[Leaf | Made]
    purged: set[int]
    use: dict[str, Any]


@st.composite
def licence(draw: st.DrawFn) -> Held:
    starts = draw(days)
    row = {
        "starts_on": starts, "ends_on": draw(st.none() | st.integers(0, 4).map(lambda n: starts + timedelta(days=n))),
        "zone": draw(st.sampled_from(ZONES)), "projects": draw(st.just([]) | some("A", "B")),
        "platforms": draw(st.just([]) | some("youtube", "web")), "territories": draw(st.just([]) | some("FR", "worldwide")),
        "channels": draw(st.just([]) | some("ours", "theirs")), "media": draw(st.just([]) | some("online", "film")),
        "audience_max": draw(st.none() | st.sampled_from((100, 10_000))), "commercial": not draw(rarely),
        "derivatives": not draw(rarely), "single_use": draw(rarely), "keeps_published": draw(st.booleans()),
    }  # fmt: skip
    used = st.tuples(st.sampled_from(("this", "that")), st.sampled_from(("youtube", "web")), days)
    return Held(
        draw(st.sampled_from(("me", "me", "me", "my team", "other", "their team"))), row,
        draw(st.sampled_from(("active", "active", "active", "revoked", "unknown"))), draw(st.lists(used, max_size=2)),
    )  # fmt: skip


@st.composite
def world(draw: st.DrawFn) -> World:
    parts: list[Leaf | Made] = [Leaf("track", draw(st.lists(licence(), max_size=3)))]
    others = ("track", "track", "own", "own", "preview", "no commerce", "no rights", "over", "as it is")
    for kind in draw(st.lists(st.sampled_from(others), max_size=2)):
        parts.append(Leaf(kind, draw(st.lists(licence(), max_size=2)) if kind == "track" else []))  # type: ignore[arg-type]
    for _ in range(draw(st.integers(0, 4))):
        of = draw(st.lists(st.integers(0, len(parts) - 1), min_size=1, max_size=3, unique=True))
        parts.append(Made(of, draw(st.sampled_from(("A", "B")))) if len(of) > 1 or draw(st.booleans()) else Made(of))
    purged = draw(st.sets(st.integers(0, len(parts) - 2), max_size=2)) if len(parts) > 1 else set()
    platform = draw(st.sampled_from(("private", "youtube", "youtube", "web")))
    use = {
        "platform": platform, "commercial": draw(st.booleans()), "territory": draw(st.sampled_from(("worldwide", "FR"))),
        "on": draw(st.just(DAY) | days), "project": draw(st.sampled_from(("", "", "A"))),
        "channel": draw(st.sampled_from(("ours", "", "theirs"))), "medium": draw(st.sampled_from(("", "online", "film"))),
        "audience": draw(st.none() | st.sampled_from((50, 5_000))),
    }  # fmt: skip
    return World(parts, purged, use)


# What should be: from what was drawn alone.


def allowed(drawn: World) -> bool:
    last, use = len(drawn.parts) - 1, drawn.use
    public, sold = use["platform"] != "private", use["commercial"]
    for number in leaves(drawn, last):
        leaf = drawn.parts[number]
        assert isinstance(leaf, Leaf)
        refused = {
            "own": False, "preview": public or sold, "no rights": public or sold, "no commerce": sold,
            "over": use["on"] >= DAY, "as it is": public and number != last,
            "track": not any(covers(drawn, each, number != last) for each in leaf.licences),
        }[leaf.kind]  # fmt: skip
        if refused:
            return False
    return True


def leaves(drawn: World, number: int) -> set[int]:
    part = drawn.parts[number]
    return {number} if isinstance(part, Leaf) else {each for of in part.sources for each in leaves(drawn, of)}


def project(drawn: World) -> str:
    """Of the piece itself, or of the one piece it was made from."""
    if drawn.use["project"]:
        return str(drawn.use["project"])
    number = len(drawn.parts) - 1
    while True:
        part = drawn.parts[number]
        if isinstance(part, Leaf) or part.project:
            return "" if isinstance(part, Leaf) else part.project
        above = there(drawn, part)
        if len(above) != 1 or above & drawn.purged:
            return ""
        (number,) = above


def there(drawn: World, part: Made) -> set[int]:
    """What it is known to be made from: in place of what was purged, what that was made from."""
    found: set[int] = set()
    for number in part.sources:
        source = drawn.parts[number]
        gone = number in drawn.purged and isinstance(source, Made)
        found |= there(drawn, source) if gone and isinstance(source, Made) else {number}
    return found


def covers(drawn: World, one: Held, changed: bool) -> bool:
    row, use = one.row, drawn.use
    here = datetime.now(ZoneInfo(row["zone"])).date() if use["on"] == DAY else use["on"]
    ends = row["ends_on"] or date.max
    before = [day for piece, platform, day in one.uses if piece == "this" and platform == use["platform"]]
    kept = row["keeps_published"] and any(row["starts_on"] <= day <= ends for day in before)
    limits = (
        (row["platforms"], use["platform"]), (row["territories"], use["territory"]), (row["channels"], use["channel"]),
        (row["media"] if use["medium"] else [], use["medium"]),
    )  # fmt: skip
    return (
        one.by in ("me", "my team")
        and one.state == "active"
        and row["starts_on"] <= here
        and (here <= ends or kept)
        and (row["commercial"] or not use["commercial"])
        and (row["derivatives"] or not changed)
        and (not row["projects"] or project(drawn) in row["projects"])
        and not (row["single_use"] and any(piece == "that" for piece, _, _ in one.uses))
        and (
            use["platform"] == "private"
            or (
                all(not among or named in among for among, named in limits)
                and (row["audience_max"] is None or use["audience"] is None or use["audience"] <= row["audience_max"])
            )
        )
    )


# The same for real.


@dataclass
class Desk:
    studio: Studio
    me: Actor
    other: Actor
    teams: dict[str, str]
    sha256: str
    folder: Path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("no-export")
    studio = build_studio(load_settings(home=folder / "home"))
    access = open_access(studio.store, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    me, other = (actor(access, name) for name in ("me", "somebody"))
    teams = {name: access.teams.create(one, name).id for name, one in (("my team", me), ("their team", other))}
    (folder / "sound.bin").write_bytes(b"a sound")
    sha256, _ = studio.store.blobs.keep(folder / "sound.bin")
    yield Desk(studio, me, replace(other, teams=tuple(teams.values())), teams, sha256, folder)
    studio.close()


def build(desk: Desk, drawn: World) -> str:
    """Answers the id of the last part."""
    ids: list[str] = []
    ids_of = {"this": "", "that": new_id("asset")}
    tracks: dict[int, str] = {}
    with desk.studio.store.db.write() as connection:
        for number, part in enumerate(drawn.parts):
            sources: list[tuple[str, str]] = []
            if isinstance(part, Made):
                sources = [(ids[each], "track") for each in part.sources]
                origins = []
                for each in part.sources:
                    source = assets.source(connection, ids[each])
                    assert source is not None
                    origins += [one.licence for one in gate.sources(connection, source)]
                record = licences.combined(origins)
            else:
                tracks[number] = f"t{next(_numbers)}"
                record = licence_of(part, tracks[number])
            moment = now()
            row = {
                "id": new_id("asset"), "kind": "music", "source": "mixed", "name": f"Part {number}", "folder": "",
                "tags": [], "favourite": False, "format": "bin", "bytes": 7, "sha256": desk.sha256, "instruments": [],
                "peaks": [], "cost_usd": 0, "licence": record, "job_id": None, "role": "primary", "user_id": desk.me.user_id,
                "generation_config": {"project": part.project} if isinstance(part, Made) and part.project else {},
                "organisation_id": "", "visibility": "private", "draft": False, "created_at": moment,
                "updated_at": moment,
            }  # fmt: skip
            assets.add(connection, row, sources)
            ids.append(row["id"])
        ids_of["this"] = ids[-1]
    for number, track in tracks.items():
        part = drawn.parts[number]
        assert isinstance(part, Leaf)
        for one in part.licences:
            entered(desk, track, one, ids_of)
    gone = [ids[each] for each in drawn.purged]
    if gone:
        desk.studio.library.bin(desk.me, gone)
        desk.studio.library.purge(desk.me, gone)
    return ids[-1]


def licence_of(part: Leaf, track: str) -> dict[str, Any]:
    match part.kind:
        case "track" | "preview":
            preview = part.kind == "preview"
            return held.record("stockroom", track, "A piece", licence_title="Stock", preview=preview)
        case "no rights":
            return licences.record("unknown")
        case "no commerce":
            return licences.record("cc-by-nc-4.0", credit="A. Composer")
        case "over":
            return licences.record("own-work", ends=(DAY - timedelta(days=1)).isoformat())
        case "as it is":
            return licences.record("own-work") | {"derivatives": False}
    return licences.record("own-work")


def entered(desk: Desk, track: str, one: Held, pieces: dict[str, str]) -> None:
    who = {"licensee_kind": "team", "licensee": desk.teams[one.by]} if one.by in desk.teams else {}
    enters = desk.me if one.by == "me" else desk.other
    found = desk.studio.licences.add(
        enters, {"provider": "stockroom", "track_id": track, "title": "A piece"} | who | one.row
    )
    with desk.studio.store.db.write() as connection:
        for piece, platform, day in one.uses:
            track_uses.add(
                connection, desk.me, {
                    "provider": "stockroom", "track_id": track, "title": "A piece", "artist": "", "genre": None,
                    "mood": None, "asset_id": "", "output_asset_id": pieces[piece], "output_name": piece,
                    "project_id": "", "licence_id": found.id, "platform": platform, "channel": found.id[-8:],
                    "territory": "worldwide", "commercial": False, "used_on": day.isoformat(),
                },
            )  # fmt: skip
        if one.state == "unknown":
            track_licences.change(connection, found.id, state="unknown")
    if one.state == "revoked":
        desk.studio.licences.revoke(enters, found.id, "over")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world())
def test_it_leaves_exactly_when_every_track_in_it_is_covered(desk: Desk, drawn: World) -> None:
    studio, me = desk.studio, desk.me
    piece = build(desk, drawn)
    out, use = desk.folder / piece, Use(**drawn.use)
    before = len(studio.licences.uses(me, output_asset_id=piece))
    if allowed(drawn):
        event("passes")
        assert studio.exporting.export(me, piece, out, use=use).path.exists()
        return
    event("refused")
    with pytest.raises(RightsError) as refused:
        studio.exporting.export(me, piece, out, use=use)
    assert refused.value.hint
    assert not out.exists()
    assert len(studio.licences.uses(me, output_asset_id=piece)) == before, "what was refused is no use"
