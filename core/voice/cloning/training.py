"""The job that teaches a voice to engines: each its own metered call, so that a crash buys none twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.calls.direct import DirectCalls
from core.jobs.registry import JobKind, Product
from core.jobs.work import Work
from core.kit.clock import now
from core.kit.errors import Cancelled, NotFound, StudioError, UserError
from core.providers.base import Made
from core.providers.registry import Registry
from core.rights import licences
from core.store import jobs, voices
from core.store.store import BLOBS, Store, drop
from core.store.voices import VoiceFile, VoiceRow
from core.voice.cloning.engine import KIND, PROFILE, Lesson
from core.voice.cloning.left import before
from core.voice.cloning.removing import clear, refused, tidy

JOB = "voice_training"


def already(row: VoiceRow) -> UserError:
    return UserError(
        f"The voice {row.name!r} is being trained by another job, or just was.",
        "Wait for that one; train it again afterwards if it needs more.", "already_running",
    )  # fmt: skip


class Training:
    def __init__(self, store: Store, registry: Registry, direct: DirectCalls) -> None:
        self._store = store
        self._registry = registry
        self._direct = direct

    @property
    def kind(self) -> JobKind:
        return JobKind(JOB, "cpu", self._run, self._waits)

    def _waits(self, request: Mapping[str, Any]) -> bool:
        engines = request.get("engines", ())
        return any(info.name in engines and info.resource == "net" for info in self._registry.known(KIND))

    def _run(self, work: Work) -> Product:
        voice_id = str(work.job.request["voice_id"])
        names = list(work.job.request["engines"])
        try:
            row, files = self._begin(work, voice_id, names)
        except NotFound:
            # Deleted while this waited or was down: a copy may have been made that the deletion did not see.
            clear(self._store, self._registry, self._direct, work.actor, voice_id)
            raise
        learned: dict[str, Made] = {}
        failed: dict[str, dict[str, Any]] = {}
        # A retry learns anew: what a cancelled lesson had made was taken back. A crash keeps the number, and its copy.
        again = f":{work.job.attempt}" if work.job.attempt > 1 else ""
        try:
            lesson = Lesson(
                row.name, row.description, row.language, tuple(str(self._store.blobs.path(file.sha256)) for file in files),
                {name: str(fact["value"]) for name, fact in row.characteristics.items() if fact.get("value")},
                row.id, row.sample_version,
            )  # fmt: skip
            for index, name in enumerate(names):
                share = (0.95 * index / len(names), 0.95 * (index + 1) / len(names))
                try:
                    learned[name] = work.buy(KIND, lesson, provider=name, step=f"learn:{name}{again}", share=share).made
                except Cancelled:
                    raise
                except StudioError as error:
                    # The others may still learn it; what this one said stays with the voice.
                    failed[name] = error.as_dict()
                    last = error
            if not learned:
                raise last
        except StudioError as error:
            self._take_back(work, row, learned)
            self._give_up(work, row, error)
            raise
        try:
            self._finish(work, row, files, learned, failed)
        except NotFound:
            clear(self._store, self._registry, self._direct, work.actor, voice_id)
            raise
        except StudioError as error:
            self._give_up(work, row, error)
            raise
        tidy(self._store, self._registry, self._direct, work.actor, voice_id)
        notices = {name: made.facts["notice"] for name, made in learned.items() if made.facts.get("notice")}
        answer = {"voice_id": voice_id, "engines": sorted(learned), "failed": failed, "notices": notices}
        return Product((), row.name, "cloned", {"voice": voice_id}, licences.record("own-work"), answer=answer)

    def _begin(self, work: Work, voice_id: str, names: list[str]) -> tuple[VoiceRow, list[VoiceFile]]:
        with self._store.db.write() as connection:
            work.still_ours(connection)
            row = voices.get(connection, work.actor, voice_id, hold=True)
            self._alone(connection, work, row)
            files = voices.files_of(connection, voice_id, "reference")
            usable = [file for file in files if file.facts.get("usable")]
            if not usable:
                raise UserError(f"The voice {row.name!r} has no recording that can be used.", "Add one of 6 to 30 s.")
            started = {"training_started_at": now()} if row.status != voices.TRAINING else {}
            asked = sorted(
                {*row.services, *names}
            )  # noted before they are asked: whatever happens, they may hold a copy
            voices.change(
                connection, voice_id, status=voices.TRAINING, error=None, services=asked, training_job_id=work.job.id,
                **started,
            )  # fmt: skip
            return row, usable

    @staticmethod
    def _alone(connection: Any, work: Work, row: VoiceRow) -> None:
        """UserError where another job teaches this voice, or did since this one was asked for: two presses at the same
        moment, on two machines, are two jobs. A retry may follow another that has ended."""
        other = row.training_job_id
        if other in (None, work.job.id):
            return
        live = jobs.status_of(connection, other) in jobs.LIVE
        passed = work.job.attempt == 1 and work.job.request.get("after", other) != other
        if live or passed:
            raise already(row)

    def _give_up(self, work: Work, row: VoiceRow, error: StudioError) -> None:
        """What was learned before still holds: a failed lesson does not take a voice away."""
        with self._store.db.write() as connection:
            work.still_ours(connection)
            back = before(row, isinstance(error, Cancelled))
            voices.change(connection, row.id, status=back, error=error.as_dict())

    def _take_back(self, work: Work, row: VoiceRow, learned: Mapping[str, Made]) -> None:
        """Of a lesson that is not kept, no copy stays at a service. One that cannot be deleted now goes with the voice, or
        at the next try to delete that."""
        copies = {name: str(made.facts.get("voice", "")) for name, made in learned.items()}
        held = {name: kept.get("voice") for name, kept in row.engines.items()}
        left = {
            name: {"voice": copy} for name, copy in copies.items()
            if copy and copy != held.get(name) and refused(self._registry, self._direct, work.actor, name, {"voice": copy})
        }  # fmt: skip
        with self._store.db.write() as connection:
            work.still_ours(connection)
            current = voices.find(connection, row.id, hold=True)
            if left and current is not None and current.deleted_at is not None:
                voices.change(connection, row.id, engines=current.engines | left)

    def _finish(
        self, work: Work, row: VoiceRow, files: list[VoiceFile], learned: dict[str, Made], failed: dict[str, Any]
    ) -> None:
        kept = {name: self._store.blobs.keep(output.path) for name, made in learned.items() for output in made.outputs
                if output.role == PROFILE}  # fmt: skip
        gone: list[str] = []
        with self._store.db.shared(BLOBS) as connection:
            work.still_ours(connection)
            current = voices.find(connection, row.id, hold=True)
            if current is None or current.deleted_at is not None:
                raise NotFound(f"The voice {row.name!r} was deleted meanwhile.", "Nothing of it was kept.")
            engines = dict(current.engines)
            for name, made in learned.items():
                before, copy = engines.get(name, {}), made.facts.get("voice", "")
                known = [*before.get("older", ()), before.get("voice", ""), *made.facts.get("older", ())]
                older = [each for each in dict.fromkeys(known) if each and each != copy]
                engines[name] = {
                    "voice": copy, "likeness": made.facts.get("likeness"), "learned_at": now().isoformat(),
                    "recordings": len(files), **({"older": older} if older else {}),
                    **({"notice": made.facts["notice"]} if made.facts.get("notice") else {}),
                }  # fmt: skip
                if name in kept:
                    sha256, size = kept[name]
                    old = voices.files_of(connection, row.id, f"{PROFILE}:{name}")
                    voices.put(connection, row.id, f"{PROFILE}:{name}", f"{name} profile", sha256, size, {})
                    gone += voices.take_out(connection, [file.id for file in old])
                    engines[name]["profile"] = sha256
                    if not self._store.blobs.has(sha256):
                        self._store.blobs.keep(next(o.path for o in made.outputs if o.role == PROFILE))
            facts = [made.facts for made in learned.values()]
            characteristics = {
                name: value for one in reversed(facts) for name, value in one.get("characteristics", {}).items()
            }
            score = next((one["quality_score"] for one in facts if one.get("quality_score") is not None), None)
            voices.change(
                connection, row.id, status=voices.TRAINED, engines=engines, error={"engines": failed} if failed else None,
                characteristics=characteristics or current.characteristics,
                quality_score=current.quality_score if score is None else score,
                sample_version=current.sample_version + 1, training_completed_at=now(),
            )  # fmt: skip
        drop(self._store, gone)
