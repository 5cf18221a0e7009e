"""Narrate: a long text becomes a book. Each chapter is a speech job of its own, then all are bound into one file.

A chapter that fails takes no other with it: what is made stays made, and retrying the book makes what is missing. The
price of the whole is held against the caps before the first chapter is bought.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.audio.chaptering import CEILING_DBTP, Book, Bound, Source, bind
from core.audio.voicing.presets import Target, preset
from core.flows.book_files import chapter_marks, whole_captions
from core.flows.narration_request import NarrationRequest, narration_request
from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import AccessError, MoneyError, StudioError, UserError
from core.library.pictures import plain_cover
from core.providers.base import Output
from core.rights import licences
from core.store import assets, jobs
from core.store.assets import Asset
from core.store.jobs import DONE, UNKNOWN, Job
from core.store.store import Store
from core.voice.chapters import Chapter, chapters
from core.voice.gallery import default_voice
from core.voice.languages import estimate_seconds, script_language
from core.voice.levelled import SPEECH_LUFS
from core.voice.pieces import KIND as SPEECH
from core.voice.service import Speech
from core.voice.types import Voice

KIND = "narration"
_SPOKEN = 0.5
"""Where the progress stands when every chapter is spoken; the rest is binding."""
_TOLD = 3
"""Failed chapters that the message names."""


@dataclass(frozen=True)
class ChapterPlan:
    title: str
    characters: int
    seconds: float
    usd: Decimal
    line: int


@dataclass(frozen=True)
class BookPlan:
    """What a book will take, before anything is spent."""

    chapters: tuple[ChapterPlan, ...]
    characters: int
    seconds: float
    usd: Decimal
    """The most it can cost."""
    sellers: tuple[str, ...]


class Narrations:
    def __init__(self, store: Store, jobs: Jobs, voice: Speech, children: Children) -> None:
        self._store = store
        self._jobs = jobs
        self._voice = voice
        self._children = children

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "flow", self._run),)

    def plan(self, actor: Actor, **values: Any) -> BookPlan:
        """Raises what submit() would raise for these values."""
        request, voice, found = self._chapters(actor, values)
        settings = request.of_chapters() | {"voice": voice.id}
        told, sellers, usd, seconds = [], dict[str, None](), Decimal(0), 0.0
        for chapter in found:
            said = self._voice.estimate(actor, text=chapter.text, stand_in="never", **settings)
            told.append(ChapterPlan(chapter.title, len(chapter.text), said.seconds, said.usd, chapter.line))
            sellers |= dict.fromkeys(said.sellers)
            usd, seconds = usd + said.usd, seconds + said.seconds
        pauses = request.chapter_pause_ms / 1000 * (len(told) - 1)
        return BookPlan(tuple(told), sum(each.characters for each in told), seconds + pauses, usd, tuple(sellers))

    def submit(
        self,
        actor: Actor,
        *,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
        **values: Any,
    ) -> Job:
        """Every chapter is checked now: its markup, its voices, its length."""
        known = self._jobs.before(actor, priority, idempotency_key)
        if known is not None:
            return known
        request, voice, found = self._chapters(actor, values)
        title = request.title or request.name or found[0].title
        settings = request.of_chapters() | {"voice": voice.id}
        items = []
        for number, chapter in enumerate(found, 1):
            name = f"{title[:100]}, {number:0{len(str(len(found)))}} {chapter.title}"[:200]
            # A book has one voice: whom a chapter were spoken by otherwise, the next would not be.
            prepared = self._voice.prepared(actor, text=chapter.text, name=name, stand_in="never", **settings)
            items.append({"kind": SPEECH, "request": prepared, "title": chapter.title})
        if request.cover:
            self._cover(actor, request.cover)
        told = request.model_dump(mode="json", include={"author", "format", "cover", "chapter_pause_ms", "volume_db"})
        whole = told | {"title": title, "language": voice.language, "items": items}
        return self._jobs.submit(
            actor, KIND, whole, title=title, priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd
        )

    def bind_again(
        self,
        actor: Actor,
        book: Asset,
        replaced: Mapping[str, Mapping[str, Any]],
        *,
        name: str = "",
        priority: str = "normal",
        idempotency_key: str | None = None,
    ) -> Job:
        """The book with other chapters. `replaced`: {kind, request} of the job that makes one, by the id of the asset it
        takes the place of; every other chapter is bound as it is, and nothing of it is bought."""
        with self._store.db.read() as connection:
            job = jobs.find(connection, book.job_id or "")
        if job is None or job.kind != KIND:
            raise UserError(f"“{book.name}” was not bound here.", "Make the book from its script.", "not_bound")
        marks = book.generation_config["chapters"]
        items = []
        for mark, item in zip(marks, job.request["items"], strict=True):
            kept = {
                "sound": item.get("sound", dict(item.get("request") or {}).get("sound", "")),
                "title": mark["title"],
            }
            new = replaced.get(mark["asset"])
            items.append(kept | (dict(new) if new else {"asset": mark["asset"]}))
        title = name or book.name
        whole = job.request | {"title": book.generation_config["title"], "items": items, "name": title}
        return self._jobs.submit(actor, KIND, whole, title=title, priority=priority, idempotency_key=idempotency_key)

    def _chapters(self, actor: Actor, values: dict[str, Any]) -> tuple[NarrationRequest, Voice, list[Chapter]]:
        values, _ = self._voice.presets.fill(actor, values)
        request = narration_request(**values)
        voice = (
            self._voice.book.find(actor, request.voice)
            if request.voice
            else default_voice(script_language(request.text))
        )

        def seconds(text: str) -> float:
            return estimate_seconds(
                text, voice.language, request.speed, request.sentence_pause_ms, request.paragraph_pause_ms
            )

        return request, voice, chapters(request.text, seconds)

    def _cover(self, actor: Actor, asset_id: str) -> Asset:
        with self._store.db.read() as connection:
            found = assets.get(connection, actor, asset_id)
        if found.kind != "image":
            raise UserError(f"{found.name!r} is no picture.", "Bring a JPEG or PNG in as the cover.", "no_picture")
        return found

    def _run(self, work: Work) -> Product:
        items: list[dict[str, Any]] = work.job.request["items"]
        ended = self._speak(work, items)
        spoken = [self._made(work, item, ended.get(number)) for number, item in enumerate(items, 1)]
        return self._bound(work, items, spoken)

    def _speak(self, work: Work, items: Sequence[Mapping[str, Any]]) -> dict[int, Job]:
        """Every chapter that is still to be made, by its number and done, or StudioError that names those that are not."""
        ids = {number: f"{work.job.id}/{number}" for number, item in enumerate(items, 1) if "kind" in item}
        asked = {number: items[number - 1] for number in ids}
        try:
            self._voice.foresee(work, {ids[n]: item["request"] for n, item in asked.items() if item["kind"] == SPEECH})
        except StudioError:
            # After a retry or a crash there are chapters in the queue already: they must not be bought one by one.
            for child in work.service.children(work.actor, work.job.id):
                work.service.cancel(work.actor, child.id)
            raise
        children: list[Job] = []
        refused: list[tuple[int, StudioError]] = []
        for number, item in asked.items():
            try:
                # Numbered: a restart that comes by here again finds them instead of making them twice.
                children.append(work.child(number, item["kind"], item["request"], item["title"]))
            except (AccessError, MoneyError) as error:
                refused.append((number, error))
        sizes = {ids[number]: len(item["request"].get("text", " ")) for number, item in asked.items()}
        ended = work.wait(children, 0.25, lambda rows: _progress(rows, sizes))
        numbers = {job_id: number for number, job_id in ids.items()}
        failed = [(numbers[child.id], _failure(child)) for child in ended if child.status != DONE]
        if failed or refused:
            raise _missing(sorted([*failed, *refused], key=lambda each: each[0]), items, ended)
        return {numbers[child.id]: child for child in ended}

    def _made(self, work: Work, item: Mapping[str, Any], child: Job | None) -> dict[str, Asset]:
        with self._store.db.read() as connection:
            there = None if child is not None else assets.source(connection, str(item["asset"]))
            job_id = child.id if child is not None else there.job_id if there is not None else None
            found = {asset.role: asset for asset in assets.of_job(connection, job_id or "")}
        if "primary" not in found:
            raise StudioError(
                f"The sound of “{item['title']}” was deleted before the book was bound.", "Make the book anew.", "gone"
            )
        return found

    def _bound(self, work: Work, items: Sequence[Mapping[str, Any]], spoken: Sequence[Mapping[str, Asset]]) -> Product:
        request = work.job.request
        primaries = [found["primary"] for found in spoken]
        cover, origins = self._picture(work)
        lufs, ceiling = SPEECH_LUFS + request["volume_db"], CEILING_DBTP
        if sound := items[0].get("sound") or dict(items[0].get("request") or {}).get(
            "sound"
        ):  # its level and peak are the book's, not the usual ones
            made = [one.lufs for one in primaries if one.lufs is not None]
            lufs = sum(made) / len(made) if made else lufs
            ceiling = min(ceiling, (preset(sound).dbtp or Target()).value or ceiling)
        book = Book(
            tuple(Source(self._store.blobs.path(one.sha256), item["title"])
                  for one, item in zip(primaries, items, strict=True)),
            work.folder / f"book.{request['format']}", request["format"], request["title"], request["author"], cover,
            lufs, request["chapter_pause_ms"] / 1000, ceiling,
        )  # fmt: skip
        length = sum(one.duration_s or 0.0 for one in primaries)
        bound: Bound = self._children.run(
            bind, book, cancelled=work.cancelled, timeout_s=600 + length,
            progress=lambda stage, fraction: work.progress(stage, _SPOKEN + (1 - _SPOKEN) * fraction),
        )  # fmt: skip
        facts = {
            "duration_s": round(bound.duration_s, 4), "sample_rate": bound.sample_rate, "channels": 1, "lufs": bound.lufs,
            "true_peak_dbtp": bound.dbtp, "peaks": list(bound.peaks),
        }  # fmt: skip
        outputs = [Output("primary", book.out, "voiceover", facts)]
        captions = [self._store.blobs.path(found["captions"].sha256) for found in spoken if "captions" in found]
        if len(captions) == len(spoken):
            outputs += whole_captions(work.folder, captions, bound, request["language"])
        outputs.append(chapter_marks(work.folder, request["title"], request["author"], bound))
        return Product(
            outputs=tuple(outputs), name=request.get("name") or request["title"], source="tts", config=_config(request, primaries, bound),
            licence=licences.combined([one.licence for one in (*primaries, *origins)]),
            sources=tuple(_sources(primaries, origins).items()),
            answer={"chapters": len(items)}, provider=primaries[0].generation_config.get("provider", ""),
        )  # fmt: skip

    def _picture(self, work: Work) -> tuple[Any, list[Asset]]:
        request = work.job.request
        if not request["cover"]:
            return plain_cover(request["title"], request["author"], work.folder / "cover.jpg"), []
        found = self._cover(work.actor, request["cover"])
        return self._store.blobs.path(found.sha256), [found]


def _sources(primaries: Sequence[Asset], pictures: Sequence[Asset]) -> dict[str, str]:
    """By asset, since two chapters may be one: none is a source twice."""
    named = {one.id: f"chapter:{number}" for number, one in enumerate(primaries, 1)}
    return named | {one.id: "cover" for one in pictures}


def _config(request: Mapping[str, Any], primaries: Sequence[Asset], bound: Bound) -> dict[str, Any]:
    first = primaries[0].generation_config
    told = {name: first.get(name) for name in ("provider", "model", "voice", "voice_name", "settings")}
    marks = [
        {
            "title": mark.title, "asset": one.id, "start_s": round(mark.start_s, 3), "end_s": round(mark.end_s, 3),
            "lufs": mark.lufs, "gain_db": round(mark.gain_db, 2),
        }
        for mark, one in zip(bound.marks, primaries, strict=True)
    ]  # fmt: skip
    return told | {
        "title": request["title"], "author": request["author"], "format": request["format"],
        "language": request["language"], "chapters": marks,
        "sections": [{"name": mark["title"], "start_s": mark["start_s"]} for mark in marks],
    }  # fmt: skip


def _progress(rows: Sequence[Job], sizes: Mapping[str, int]) -> tuple[str, float]:
    """By characters, so that a short chapter moves the bar less than a long one."""
    done = sum(sizes[row.id] * (1.0 if row.ended else row.fraction) for row in rows)
    now_at = next((number for number, row in enumerate(rows, 1) if not row.ended), len(rows))
    return f"Chapter {now_at} of {len(sizes)}", _SPOKEN * done / max(1, sum(sizes.values()))


def _failure(child: Job) -> StudioError:
    return Jobs.failure(child) or StudioError(f"It is {child.status}.", "Retry the book.")


def _missing(
    failed: Sequence[tuple[int, StudioError]], items: Sequence[Mapping[str, Any]], ended: Sequence[Job]
) -> StudioError:
    named = [f"{number} “{items[number - 1]['title'][:60]}”: {error.message}" for number, error in failed[:_TOLD]]
    more = f" And {len(failed) - _TOLD} more." if len(failed) > _TOLD else ""
    unknown = next((child for child in ended if child.status == UNKNOWN), None)
    hint = (
        f"First: studio jobs resolve {unknown.id} --billed or --not-billed. Then retry the book."
        if unknown is not None
        else f"{failed[0][1].hint} Then retry the book: only what is missing is made.".strip()
    )
    said = f"{len(failed)} of {len(items)} chapters could not be spoken; the others are kept. {' '.join(named)}{more}"
    return StudioError(said, hint, "chapters_failed")
