"""Does a licence cover a use? Held against the same question asked plainly, over random licences, uses and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.kit.clock import today
from core.rights.scope import Planned, day_in, lacks, standing
from core.store.track_licences import TrackLicence
from core.store.track_uses import TrackUse

DAY = today()
NOW = datetime.now(UTC).replace(tzinfo=None)
days = st.integers(-40, 40).map(lambda n: DAY + timedelta(days=n))
some = lambda *names: st.lists(st.sampled_from(names), max_size=2, unique=True)  # noqa: E731


@st.composite
def licence(draw: st.DrawFn) -> TrackLicence:
    starts = draw(days)
    ends = draw(st.none() | st.integers(0, 50).map(lambda n: starts + timedelta(days=n)))
    kind = draw(st.sampled_from(("user", "channel", "customer")))
    return TrackLicence(
        id="L", provider="p", track_id="1", title="", artist="", kind="per-track", licensee_kind=kind,
        licensee=draw(st.sampled_from(("mine", "theirs"))) if kind == "channel" else "somebody",
        projects=draw(some("A", "B")), platforms=draw(some("youtube", "web")), territories=draw(some("FR", "worldwide")),
        media=draw(some("online", "film")), channels=draw(some("mine", "theirs")),
        audience_max=draw(st.none() | st.sampled_from((100, 10_000))), commercial=draw(st.booleans()),
        derivatives=draw(st.booleans()), single_use=draw(st.booleans()), keeps_published=draw(st.booleans()), code="",
        attribution="", conditions=[], starts_on=starts.isoformat(), ends_on=ends.isoformat() if ends else None,
        zone="UTC", price_usd=Decimal(0), certificate="", proof_asset_id=None, proof_sha256=None, proof_name="",
        job_id=None, state=draw(st.sampled_from(("active", "active", "active", "revoked", "unknown"))), state_why="",
        changed_by_event="", event_at=None, user_id="u", organisation_id="", visibility="private", created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip


@st.composite
def planned(draw: st.DrawFn) -> Planned:
    platform = draw(st.sampled_from(("private", "youtube", "web")))
    return Planned(
        platform=platform, public=platform != "private", commercial=draw(st.booleans()),
        territory=draw(st.sampled_from(("worldwide", "FR"))), on=draw(days), output_id=draw(st.sampled_from(("x", "y"))),
        project=draw(st.sampled_from(("", "A", "B"))), channel=draw(st.sampled_from(("", "mine", "theirs"))),
        medium=draw(st.sampled_from(("", "online", "film"))), audience=draw(st.none() | st.sampled_from((50, 5_000))),
        changed=draw(st.booleans()),
    )  # fmt: skip


@st.composite
def used(draw: st.DrawFn) -> TrackUse:
    return TrackUse(
        id="", provider="p", track_id="1", title="", artist="", genre=None, mood=None, asset_id="t",
        output_asset_id=draw(st.sampled_from(("x", "y"))), output_name="earlier", project_id="", licence_id="L",
        platform=draw(st.sampled_from(("youtube", "web"))), channel="", territory="worldwide", commercial=False,
        used_on=draw(days).isoformat(), reference="", user_id="u", organisation_id="", created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def covered(held: TrackLicence, use: Planned, uses: list[TrackUse]) -> bool:
    """The same, asked plainly."""
    iso = use.on.isoformat()
    before = [u for u in uses if u.output_asset_id == use.output_id and u.platform == use.platform]
    running = held.starts_on <= iso and (held.ends_on is None or iso <= held.ends_on)
    kept = held.keeps_published and any(held.starts_on <= u.used_on <= (held.ends_on or "9999") for u in before)
    in_time = running or (held.starts_on <= iso and kept)
    where = not use.public or all((
        not held.platforms or use.platform in held.platforms,
        not held.territories or use.territory in held.territories,
        not held.media or not use.medium or use.medium in held.media,
        not held.channels or use.channel in held.channels,
        held.channels or held.licensee_kind != "channel" or use.channel == held.licensee,
        held.audience_max is None or use.audience is None or use.audience <= held.audience_max,
    ))  # fmt: skip
    return bool(
        held.state == "active"
        and in_time
        and where
        and (held.commercial or not use.commercial)
        and (held.derivatives or not use.changed)
        and (not held.projects or use.project in held.projects)
        and (not held.single_use or all(u.output_asset_id == use.output_id for u in uses))
    )


@settings(max_examples=400, deadline=None)
@given(licence(), planned(), st.lists(used(), max_size=3))
def test_covered_exactly_when_it_should_be(held: TrackLicence, use: Planned, uses: list[TrackUse]) -> None:
    earlier = [u for u in uses if u.output_asset_id == use.output_id and u.platform == use.platform]
    why = lacks(held, use, uses, earlier=earlier)
    assert (not why) is covered(held, use, uses), why


def test_the_last_day_is_that_of_its_own_zone() -> None:
    """At 23:30 UTC it is tomorrow in Tokyo and still today in New York."""
    late = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(hours=23, minutes=30)
    assert day_in("Asia/Tokyo", DAY, late) == DAY + timedelta(days=1)
    assert day_in("America/New_York", DAY, late) == DAY
    early = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(minutes=30)
    assert day_in("America/New_York", DAY, early) == DAY - timedelta(days=1)
    assert day_in("Asia/Tokyo", date(2031, 1, 1), late) == date(2031, 1, 1), "of another day only its name is known"


def test_standing() -> None:
    def on(first: int, last: int | None, state: str = "active") -> str:
        row = _plain(DAY + timedelta(days=first), None if last is None else DAY + timedelta(days=last), state)
        return standing(row)

    assert on(1, None) == "upcoming"
    assert on(0, 0) == "expiring"
    assert on(-9, -1) == "expired"
    assert on(-9, 29) == "expiring"
    assert on(-9, 30) == "valid"
    assert on(-9, None) == "valid"
    assert on(-9, None, "revoked") == "revoked"
    assert on(-9, -1, "unknown") == "unknown"


def _plain(starts: date, ends: date | None, state: str) -> TrackLicence:
    return TrackLicence(
        id="L", provider="p", track_id="1", title="", artist="", kind="per-track", licensee_kind="user", licensee="",
        projects=[], platforms=[], territories=[], media=[], channels=[], audience_max=None, commercial=True,
        derivatives=True, single_use=False, keeps_published=False, code="", attribution="", conditions=[],
        starts_on=starts.isoformat(), ends_on=ends.isoformat() if ends else None, zone="UTC", price_usd=Decimal(0),
        certificate="", proof_asset_id=None, proof_sha256=None, proof_name="", job_id=None, state=state, state_why="",
        changed_by_event="", event_at=None, user_id="u", organisation_id="", visibility="private", created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
