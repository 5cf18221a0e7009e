"""Test data: two months in the life of a small invented studio, written through the store's own modules.

The same seed gives the same rows; only their dates move along with today. Nothing in it is real use.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, update

from core.kit.clock import new_id, now, today
from core.rights import licences
from core.store import assets, attempts, charges, clips, jobs, suggestions, voices
from core.store.store import Store

USERS = ("asha", "tom", "local")
OWN = licences.record("own-work")
NC = licences.record("cc-by-nc-4.0", credit="A. Author, Street noise")
SYNC = licences.record("licensed", ends=(today() + timedelta(days=20)).isoformat())
UNCLEAR = licences.record("unknown")

_VOICES = ("en-gb+f3", "en-us+m2", "hi+f1", "fr-fr+m1")
_MOODS = ("calm", "happy", "inspiring", "dark", "epic")
_GENRES = ("ambient", "lo-fi", "corporate", "cinematic", "house")
_TITLES = {
    "speech": (
        "Intro, episode 12",
        "Product tour, part 2",
        "Rainy evening, narration",
        "Weekly recap",
        "Recipe, step 4",
    ),
    "music": ("Calm bed", "Upbeat opener", "Slow light", "Night drive", "Closing theme"),
    "mix": ("Episode 12, mixed", "Reel, voice over bed", "Recap, mixed"),
    "import": ("Street noise.wav", "Interview.mp3"),
}


@dataclass
class Written:
    """What was written, by the same hand, so that tests compare the mart with it and not with itself."""

    settled_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)
    charges: int = 0
    jobs: int = 0
    assets: int = 0
    seconds: float = 0.0
    settled_by_provider: dict[str, Decimal] = field(default_factory=dict)
    job_ids: list[str] = field(default_factory=list)
    asset_ids: list[str] = field(default_factory=list)
    part_ids: list[str] = field(default_factory=list)


def fill(store: Store, *, days: int = 60, per_day: int = 9, seed: int = 7, stamp: bool = False) -> Written:
    """With `stamp` every row says it changed just now, as rows that really come later do."""
    chance = random.Random(seed)
    written = Written()
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    with store.db.write() as connection:
        for back in range(days - 1, -1, -1):
            day = midnight - timedelta(days=back)
            for number in range(chance.randint(per_day // 2, per_day)):
                # Rows of today lie in its first minutes, so that a test at any hour has none in the future.
                spread = 20 * 3600 if back else 60
                moment = min(day + timedelta(seconds=chance.uniform(0, spread)), now())
                _job(connection, chance, written, moment, number)
        if stamp:
            for table, ids in ((jobs.table, written.job_ids), (assets.table, written.asset_ids + written.part_ids)):
                connection.execute(update(table).where(table.c.id.in_(ids)).values(updated_at=now()))
    return written


def _job(connection: Any, chance: random.Random, written: Written, moment: datetime, number: int) -> None:
    kind = chance.choices(("speech", "music", "mix", "import"), (5, 4, 2, 1))[0]
    paid = kind == "speech" and chance.random() < 0.35
    provider = {"speech": "elevenlabs" if paid else "espeak", "music": "composer"}.get(kind, "mixer")
    user = chance.choice(USERS)
    failed = chance.random() < (0.12 if paid else 0.02)
    wait, run = chance.expovariate(1.5), chance.gammavariate(2, {"speech": 2.0, "music": 6.0}.get(kind, 3.0))
    job_id = new_id("job")
    add_job(
        connection, job_id, kind=kind, title=chance.choice(_TITLES[kind]), user=user, provider=provider, at=moment,
        wait_s=wait, run_s=run, status="failed" if failed else "done",
        error={"kind": "RateLimited", "message": f"{provider} asks to wait.", "hint": "", "code": "rate_limited"}
        if failed else None,
    )  # fmt: skip
    written.jobs += 1
    written.job_ids.append(job_id)
    amount = Decimal(chance.randint(4_000_001, 390_000_007)).scaleb(-9) if paid else Decimal(0)
    units = {"characters": str(chance.randint(200, 4000))} if paid else {}
    add_charge(
        connection, job_id, provider=provider, kind=kind, user=user, at=moment, units=units, settled=amount,
        reserved=amount * 2, status="released" if failed else "settled", failed=failed, seconds=run,
    )  # fmt: skip
    written.charges += 1
    if failed:
        return
    written.settled_usd += amount
    written.settled_by_provider[provider] = written.settled_by_provider.get(provider, Decimal(0)) + amount
    seconds = round(chance.uniform(8, 150), 3)
    source = {"speech": "ai_voice" if paid else "tts", "music": "ai_music", "mix": "mixed"}.get(kind, "uploaded")
    licence = OWN
    if kind == "import":
        licence = chance.choice((NC, UNCLEAR, SYNC))
    # Mostly pieces of the last days, so that a mix and its bed are near each other.
    sources = [(chance.choice(written.asset_ids[-12:]), "bed")] if kind == "mix" and written.asset_ids else []
    asset_kind = {"speech": "voiceover", "music": "music", "mix": "mix"}.get(kind, "sound_effect")
    facts: dict[str, Any] = {"cost_usd": amount, "licence": licence, "provider": provider}
    if kind == "speech":
        facts["voice"] = chance.choice(_VOICES)
    if kind == "music":
        facts |= {"mood": chance.choice(_MOODS), "genre": chance.choice(_GENRES), "bpm": float(chance.randint(70, 140))}
    asset_id = add_asset(
        connection, job_id, kind=asset_kind, source=source, name=f"{chance.choice(_TITLES[kind])} {number}",
        user=user, at=moment, seconds=seconds, rating=chance.choice((None, None, 3, 4, 5)), sources=sources, **facts,
    )  # fmt: skip
    written.asset_ids.append(asset_id)
    written.assets += 1
    written.seconds += seconds
    if kind == "music":
        for stem in ("drums", "bass"):
            written.part_ids.append(
                add_asset(connection, job_id, kind="stem", source=source, name=f"{stem} {number}", user=user, at=moment,
                          seconds=seconds, role=f"stem:{stem}", licence=OWN, provider=provider)
            )  # fmt: skip


def add_job(
    connection: Any, job_id: str, *, kind: str = "speech", title: str = "A job", user: str = "local",
    provider: str | None = "espeak", at: datetime | None = None, wait_s: float | None = 0.2, run_s: float | None = 1.0,
    status: str = "done", error: dict[str, Any] | None = None, **facts: Any,
) -> None:  # fmt: skip
    at = at or now()
    started = at + timedelta(seconds=wait_s) if wait_s is not None else None
    finished = started + timedelta(seconds=run_s) if started and run_s is not None else None
    jobs.add(connection, {
        "id": job_id, "kind": kind, "title": title, "status": status, "priority": 10, "position": 1.0,
        "resource": "cpu", "request": {"text": "The script itself, which the mart must not hold."}, "result": None,
        "error": error, "parent_id": None, "root_id": job_id, "idempotency_key": None, "user_id": user,
        "organisation_id": "", "visibility": "private", "actor": {"user_id": user}, "cap_usd": None, "paused": False,
        "cancel_requested": False, "stage": "", "fraction": 1.0, "eta_s": None, "attempt": 1, "epoch": 1,
        "worker_id": None, "provider": provider, "created_at": at, "started_at": started, "finished_at": finished,
        "updated_at": finished or started or at,
    } | facts)  # fmt: skip


def add_charge(
    connection: Any, job_id: str, *, provider: str = "espeak", kind: str = "speech", user: str = "local",
    at: datetime | None = None, units: dict[str, str] | None = None, settled: Decimal = Decimal(0),
    reserved: Decimal = Decimal(0), status: str = "settled", failed: bool = False, seconds: float = 1.0,
    reason: str = "rate_limited", **facts: Any,
) -> str:  # fmt: skip
    at = at or now()
    attempt_id, charge_id = new_id("attempt"), new_id("charge")
    attempts.add(connection, {
        "id": attempt_id, "job_id": job_id, "step": "make", "number": 1, "provider": provider, "kind": kind,
        "model": "default", "form": "make", "status": "failed" if failed else "succeeded", "epoch": 1,
        "error": {"kind": "RateLimited", "message": f"{provider} asks to wait.", "code": reason} if failed else None,
        "created_at": at, "finished_at": at + timedelta(seconds=seconds),
    })  # fmt: skip
    charges.add(connection, {
        "id": charge_id, "attempt_id": attempt_id, "job_id": job_id, "root_job_id": job_id, "user_id": user,
        "organisation_id": "", "provider": provider, "kind": kind, "model": "default", "units": units or {},
        "status": status, "reserved_usd": reserved, "settled_usd": settled, "price": {}, "day": at.date(),
        "created_at": at,
    } | facts)  # fmt: skip
    return charge_id


def add_asset(
    connection: Any, job_id: str | None, *, kind: str = "voiceover", source: str = "tts", name: str = "A take",
    user: str = "local", at: datetime | None = None, seconds: float = 10.0, role: str = "primary",
    rating: int | None = None, licence: dict[str, Any] = OWN, cost_usd: Decimal = Decimal(0), draft: bool = False,
    sources: list[tuple[str, str]] | None = None, provider: str = "espeak", voice: str | None = None, **facts: Any,
) -> str:  # fmt: skip
    at = at or now()
    asset_id = new_id("asset")
    config = facts.pop("config", {})
    row: dict[str, Any] = {
        "id": asset_id, "kind": kind, "source": source, "name": name, "folder": "", "tags": [], "rating": rating,
        "favourite": False, "duration_s": seconds, "format": "wav", "sample_rate": 44100, "channels": 2,
        "bytes": int(seconds * 176_400), "sha256": hashlib.sha256(asset_id.encode()).hexdigest(), "lufs": -14.0,
        "true_peak_dbtp": -1.0, "bpm": None, "key": None, "genre": None, "mood": None, "intensity": None,
        "instruments": [], "peaks": [], "cost_usd": cost_usd, "licence": licence, "job_id": job_id, "role": role,
        "generation_config": {"provider": provider, "voice": voice, "text": "The script itself."} | config, "user_id": user,
        "organisation_id": "", "visibility": "private", "draft": draft, "expires_at": None, "deleted_at": None,
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    assets.add(connection, row | facts, sources or ())
    return asset_id


def add_music(
    connection: Any, job_id: str, *, provider: str = "mubert", user: str = "local", usd: str = "0", at: datetime | None = None,
    status: str = "done", draft: bool = False, binned: bool = False, piece: bool = True, run_s: float = 5.0,
    score: float | None = None, below: bool = False, tries: int = 1, model: str = "default", asked_s: float = 30,
    template: tuple[str, str] | None = None, saved_usd: str | None = None, parent: str | None = None, **facts: Any,
) -> None:  # fmt: skip
    """A music job with its charge and, if it was done, its piece. `template`: id and name; `saved_usd`: it was reused."""
    request: dict[str, Any] = {"prompt": "Nobody's business", "seconds": asked_s, "draft": draft}
    if template is not None:
        request["template"] = {"id": template[0], "version": 1, "name": template[1], "plain": True}
    reused = {"asset_id": "asset_before", "name": "Before", "saved_usd": saved_usd}
    add_job(
        connection, job_id, kind="music", title="A piece", user=user, provider=provider, at=at, wait_s=1.0, run_s=run_s,
        status=status, request=request, result=None if saved_usd is None else {"reused": reused}, parent_id=parent, root_id=parent or job_id,
    )  # fmt: skip
    add_charge(connection, job_id, provider=provider, kind="music", user=user, at=at, settled=Decimal(usd), model=model)
    if status != "done" or not piece:
        return
    quality = {} if score is None else {"quality": {"score": score, "below": below, "tries": [score] * tries}}
    add_asset(
        connection, job_id, kind="music", source="ai_music", name="A piece", user=user, at=at, seconds=asked_s,
        provider=provider, draft=draft, cost_usd=Decimal(usd), deleted_at=now() if binned else None,
        config={"model": model} | quality, **facts,
    )  # fmt: skip


def add_voice(connection: Any, voice_id: str, name: str, *, user: str = "local", learned_in_s: float | None = 60.0, score: float | None = None, **facts: Any) -> None:  # fmt: skip
    """A cloned voice as its training left it."""
    done = {} if learned_in_s is None else {
        "status": "trained", "training_started_at": now() - timedelta(seconds=learned_in_s), "training_completed_at": now(),
    }  # fmt: skip
    row: dict[str, Any] = {
        "id": voice_id, "name": name, "description": "", "language": "en", "status": "pending", "active": True, "consent": {},
        "licence": OWN, "characteristics": {}, "quality_score": score, "engines": {}, "services": [], "engine": "", "sample_text": "",
        "sample_version": 1, "usage_count": 0, "user_id": user, "organisation_id": "", "visibility": "private",
        "created_at": now(), "updated_at": now(),
    }  # fmt: skip
    connection.execute(insert(voices.table).values(row | done | facts))


def add_clip(connection: Any, scenes: list[tuple[str, float]], *, name: str = "A film.mp4", user: str = "local", at: datetime | None = None, **features: float) -> str:  # fmt: skip
    """A film that was taken apart: its scenes as (type, seconds). `features`: of all of them."""
    found, start = [], 0.0
    for number, (type_, seconds) in enumerate(scenes, 1):
        facts = {
            "opened": "cut",
            "confidence": 0.5,
            "why": "Seen so",
            "features": {"speech": 0.0, "motion": 0.5} | features,
        }
        row = {"number": number, "start_s": start, "end_s": start + seconds, "type": type_, "facts": facts}
        found.append((row, b"a picture"))
        start += seconds
    clip_id, _ = clips.add(
        connection, {"asset_id": new_id("asset"), "name": name, "job_id": new_id("job"), "seconds": start, "facts": {}, "user_id": user, "organisation_id": ""}, found,
    )  # fmt: skip
    if at is not None:
        connection.execute(update(clips.table).where(clips.table.c.id == clip_id).values(created_at=at))
    return clip_id


def add_scored(
    connection: Any, job_id: str, *, seconds: float = 60.0, usd: tuple[str, ...] = ("0", "0"), provider: str = "composer", user: str = "local",
    at: datetime | None = None, status: str = "done", run_s: float = 20.0, voice_usd: str | None = None,
) -> None:  # fmt: skip
    """A film that was scored: a piece of music for each of `usd`, a voice if it cost something, a mix, the film."""
    request = {
        "clip_id": "clip_a",
        "cues": [{"mood": "calm"} for _ in usd],
        "clip": {"seconds": seconds},
        "text": "The script itself",
    }
    add_job(
        connection, job_id, kind="score", title="A film, scored", user=user, provider=None, at=at, run_s=run_s, status=status, request=request,
    )  # fmt: skip
    for number, amount in enumerate(usd, 1):
        add_music(connection, f"{job_id}_{number}", provider=provider, user=user, usd=amount, at=at, parent=job_id)
    if voice_usd is not None:
        add_job(connection, f"{job_id}_voice", user=user, provider="openai", at=at, parent_id=job_id, root_id=job_id)
        add_charge(connection, f"{job_id}_voice", provider="openai", user=user, at=at, settled=Decimal(voice_usd))
    add_job(
        connection, f"{job_id}_mix", kind="mix", user=user, provider="mixer", at=at, parent_id=job_id, root_id=job_id
    )
    if status == "done":
        add_asset(
            connection, job_id, kind="video", source="mixed", name="A film, scored", user=user, at=at, seconds=seconds,
            provider="embedded",
        )  # fmt: skip


def add_suggested(
    connection: Any, job_id: str, *, scene_type: str = "action", genre: str = "house", mood: str = "epic", changed: tuple[str, ...] = (),
    user: str = "local", at: datetime | None = None, **piece: Any,
) -> None:  # fmt: skip
    """A music job made from a suggestion. `piece`: as of add_music."""
    add_music(connection, job_id, user=user, at=at, genre=genre, mood=mood, **piece)
    suggested = {"mood": "calm" if "mood" in changed else mood, "genre": genre, "intensity": "medium", "bpm": 120.0}
    connection.execute(insert(suggestions.table).values(
        job_id=job_id, scene_id=f"scene_{job_id}", clip_id="clip_a", scene_type=scene_type, genre=genre, suggested=suggested,
        made=suggested | {"mood": mood}, changed=list(changed), user_id=user, created_at=at or now(),
    ))  # fmt: skip
