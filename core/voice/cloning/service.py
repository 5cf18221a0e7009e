"""Cloning: a voice from recordings of somebody who consented. Everything but the learning itself, which is a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.calls.direct import DirectCalls
from core.jobs.registry import JobKind
from core.jobs.service import Jobs
from core.kit.actor import SYSTEM, Actor
from core.kit.children import Children
from core.kit.errors import AccessError, NotFound, SetupError, UserError
from core.kit.settings import Settings
from core.kit.words import one_line
from core.providers.registry import Readiness, Registry
from core.rights import consent as consents
from core.store import audit, jobs, voices
from core.store.jobs import Job
from core.store.store import BLOBS, Store, drop
from core.store.voices import VoiceFile, VoiceRow
from core.voice import gallery
from core.voice.cloning.engine import KIND
from core.voice.cloning.left import let_go
from core.voice.cloning.recordings import Checked, Recording, check, scratch
from core.voice.cloning.removing import Gone, remove
from core.voice.cloning.renaming import rename
from core.voice.cloning.training import JOB, Training, already
from core.voice.languages import language_facts
from core.voice.references.samples import MOST, told

EDITABLE = ("name", "description", "language", "active", "sample_text", "engine")
_MOST_VOICES = 500
_MOST_DEMO_VOICES = 3


@dataclass(frozen=True)
class Consenting:
    """What was filled in: checked by core.rights.consent."""

    speaker: str
    statement: str
    commercial: bool = True
    recording: Recording | None = None
    """The statement read aloud."""


@dataclass(frozen=True)
class Learner:
    name: str
    title: str
    ready: bool
    local: bool
    """The recordings stay on this machine."""
    why: str
    """Why it is not ready."""


class Cloning:
    def __init__(
        self, settings: Settings, store: Store, jobs: Jobs, registry: Registry, children: Children, direct: DirectCalls
    ) -> None:
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._registry = registry
        self._children = children
        self._direct = direct
        self._training = Training(store, registry, direct)

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (self._training.kind,)

    def engines(self) -> list[Learner]:
        """Every engine that can learn a voice, ready or not."""
        return [
            Learner(
                item.info.name, item.info.title, item.ready, item.info.resource == "cpu", "" if item.ready else item.why
            )
            for item in self._teachers()
        ]

    def _teachers(self) -> list[Readiness]:
        """In a public demo no service learns voices: it would fill the slots of whoever runs it with visitors' voices."""
        why, remedy = "services learn no voices in the public demo", "Run the studio yourself."
        return [
            Readiness(item.info, False, why, remedy) if self._settings.demo and item.info.resource == "net" else item
            for item in self._registry.readiness(KIND)
        ]

    def create(
        self, actor: Actor, *, name: str, recordings: Sequence[Recording], consent: Consenting, description: str = "",
        language: str = "",
    ) -> tuple[VoiceRow, list[str]]:  # fmt: skip
        """The record with its checked recordings, and advice. RightsError without consent; nothing is kept then."""
        title = self._name(actor, name)
        language = _language(language)
        self.may_send(actor)
        with scratch(self._settings) as folder:
            # Whatever can be refused is, before any bytes are kept.
            spoken = self._spoken(consent, Path(folder))
            agreed = consents.given(
                consent.speaker, consent.statement, commercial=consent.commercial, recorded_by=actor.user_id,
                recording_sha256=sha256(spoken.read_bytes()).hexdigest() if spoken else "",
            )  # fmt: skip
            checked = check(recordings, self._children, self._settings, Path(folder))
            kept = [(each, *self._store.blobs.keep(each.best)) for each in checked]
            said = self._store.blobs.keep(spoken) if spoken else None
            with self._store.db.shared(BLOBS) as connection:
                most = _MOST_DEMO_VOICES if self._settings.demo else _MOST_VOICES
                if len(voices.listing(connection, actor)) >= most:
                    raise UserError(f"You have {most} voices.", "Delete one that is no longer used.")
                voice_id = voices.add(
                    connection, actor, name=title, description=one_line(description, 2000), language=language,
                    consent=agreed.as_dict(), licence=agreed.licence(), sample_text=_sample(title, language),
                )  # fmt: skip
                self._put(connection, voice_id, kept)
                if spoken and said and consent.recording is not None:
                    voices.put(connection, voice_id, "consent", consent.recording.shown, *said, {})
                    if not self._store.blobs.has(said[0]):
                        self._store.blobs.keep(spoken)
                audit.add(connection, actor, "voice.created", "voice", voice_id, name=title, consent=agreed.sha256)
                return voices.get(connection, actor, voice_id), _advice(checked)

    def may_send(self, actor: Actor) -> None:
        """In the public demo only who can be told from others: nobody may find somebody else's recordings."""
        if self._settings.demo and actor.user_id == "demo-new":
            raise AccessError(
                "This browser did not keep the cookie that tells visitors apart.", "Allow cookies, then reload."
            )

    def _spoken(self, consent: Consenting, folder: Path) -> Path | None:
        """A recorded statement, as it was recorded, has to be a recording of speech."""
        if consent.recording is None:
            return None
        aside = folder / "consent"
        aside.mkdir()
        (checked,) = check([consent.recording], self._children, self._settings, aside)
        if checked.sample.report.speech_s < 2:
            raise UserError(
                f"In {consent.recording.shown!r} nobody is heard to consent.", "Record the statement read aloud.", "bad_consent"
            )  # fmt: skip
        return Path(checked.sample.path)

    def add_recordings(
        self, actor: Actor, voice_id: str, recordings: Sequence[Recording]
    ) -> tuple[VoiceRow, list[str]]:
        with self._store.db.read() as connection:
            voices.get(connection, actor, voice_id, own=True)
        with scratch(self._settings) as folder:
            checked = check(recordings, self._children, self._settings, Path(folder))
            kept = [(each, *self._store.blobs.keep(each.best)) for each in checked]
            with self._store.db.shared(BLOBS) as connection:
                row = voices.get(connection, actor, voice_id, own=True, hold=True)
                have = len(voices.files_of(connection, voice_id, "reference"))
                if have + len(kept) > MOST:
                    raise UserError(
                        f"{row.name!r} has {have} recordings; {MOST} is the most.", "Remove the worst first."
                    )
                self._put(connection, voice_id, kept)
                voices.change(connection, voice_id)
                return voices.get(connection, actor, voice_id), _advice(checked)

    def _put(self, connection: Any, voice_id: str, kept: Sequence[tuple[Checked, str, int]]) -> None:
        for each, digest, size in kept:
            voices.put(connection, voice_id, "reference", each.recording.shown, digest, size, each.facts())
            if not self._store.blobs.has(digest):  # the last other holder of these bytes let go just now
                self._store.blobs.keep(each.best)

    def remove_recording(self, actor: Actor, voice_id: str, file_id: str) -> None:
        with self._store.db.write() as connection:
            voices.get(connection, actor, voice_id, own=True)
            mine = {file.id for file in voices.files_of(connection, voice_id, "reference")}
            if file_id not in mine:
                raise NotFound("There is no such recording.", "List them with the voice.")
            gone = voices.take_out(connection, [file_id])
        drop(self._store, gone)

    def train(
        self, actor: Actor, voice_id: str, engines: Sequence[str] = (), *, idempotency_key: str | None = None
    ) -> Job:
        """`engines`: which are to learn it; none named: those that are ready and cost nothing. A service is asked only
        by name, since the recordings leave the machine."""
        ready = {item.info.name: item for item in self._teachers()}
        for name in engines:
            if name not in ready:
                raise UserError(f"No engine {name[:40]!r} learns voices.", f"Choose from: {', '.join(ready)}.")
            if not ready[name].ready:
                raise SetupError(f"{ready[name].info.title} is not ready: {ready[name].why}.", ready[name].remedy)
        names = list(dict.fromkeys(engines)) or [
            name for name, item in ready.items() if item.ready and item.info.resource == "cpu"
        ]
        if not names:
            raise SetupError("No engine that learns voices is ready.", "Run: studio doctor", "no_provider_ready")
        with self._store.db.read() as connection:
            row = voices.get(connection, actor, voice_id, own=True)
            files = voices.files_of(connection, voice_id, "reference")
            known = jobs.status_of(connection, row.training_job_id or "")
        if known in jobs.LIVE:
            return self._learning(actor, row, row.training_job_id)
        if not any(file.facts.get("usable") for file in files):
            raise UserError(
                f"None of the recordings of {row.name!r} can be used.",
                "The check of each says why; add one of 6 to 30 s of one speaker in a quiet room.", "no_recordings",
            )  # fmt: skip
        job = self._jobs.submit(
            actor,
            JOB,
            {"voice_id": voice_id, "engines": names, "after": row.training_job_id},
            title=f"Voice {row.name}",
            idempotency_key=idempotency_key,
        )
        if job.ended:  # a repeated key found what it made long ago
            return job
        with self._store.db.write() as connection:
            holder = voices.get(connection, actor, voice_id, own=True, hold=True).training_job_id
            first = holder in (row.training_job_id, job.id)  # by itself where a worker was quick
            if first:
                voices.change(connection, voice_id, training_job_id=job.id)
        if first:
            return job
        self._jobs.cancel(actor, job.id)  # somebody pressed at the same moment, and was first
        return self._learning(actor, row, holder)

    def _learning(self, actor: Actor, row: VoiceRow, job_id: str | None) -> Job:
        """The job that teaches this voice now; UserError where it is not the actor's to see."""
        try:
            return self._jobs.show(actor, job_id or "")
        except NotFound:
            raise already(row) from None

    def listing(
        self, actor: Actor, *, status: str = "", search: str = "", active: bool | None = None
    ) -> list[VoiceRow]:
        if status and status not in voices.STATUSES:
            raise UserError(f"There is no status {status[:40]!r}.", f"Choose from: {', '.join(voices.STATUSES)}.")
        let_go(self._store)
        with self._store.db.read() as connection:
            return voices.listing(connection, actor, status=status, words=search, active=active)

    def get(self, actor: Actor, voice_id: str) -> tuple[VoiceRow, list[VoiceFile]]:
        """Its recordings and consent are for its owner; a team that may use the voice sees the record alone."""
        let_go(self._store)
        with self._store.db.read() as connection:
            row = voices.get(connection, actor, voice_id)
            mine = row.user_id == actor.user_id or actor.is_admin
            return row, voices.files_of(connection, voice_id) if mine else []

    def recording(self, actor: Actor, voice_id: str, file_id: str) -> tuple[VoiceFile, Path]:
        row, files = self.get(actor, voice_id)
        file = next((each for each in files if each.id == file_id and not each.role.startswith("profile:")), None)
        if file is None:
            raise NotFound(f"{row.name!r} has no such recording.", "List them with the voice.")
        return file, self._store.blobs.path(file.sha256)

    def edit(self, actor: Actor, voice_id: str, **changes: Any) -> VoiceRow:
        """Name, description, language, active, sample_text, engine. A new sample text makes a new sample. A service's copy
        is renamed too; where that failed, the row's error says so."""
        unknown = set(changes) - set(EDITABLE)
        if unknown:
            raise UserError(f"{sorted(unknown)[0]!r} cannot be changed.", f"Choose from: {', '.join(EDITABLE)}.")
        with self._store.db.write() as connection:
            row = self._own(connection, actor, voice_id)
            if "name" in changes:
                same = one_line(changes["name"]).lower() == row.name.lower()
                changes["name"] = one_line(changes["name"]) if same else self._name(actor, changes["name"], connection)
            if "description" in changes:
                changes["description"] = one_line(changes["description"], 2000)
            if "language" in changes:
                changes["language"] = _language(changes["language"])
            if "sample_text" in changes:
                changes["sample_text"] = one_line(changes["sample_text"], 500) or _sample(row.name, row.language)
            if changes.get("engine") and changes["engine"] not in row.engines:
                raise UserError(
                    f"{changes['engine'][:40]!r} has not learned {row.name!r}.",
                    f"Choose from: {', '.join(row.engines) or 'none yet; train it first'}.",
                )
            if changes.keys() & {"sample_text", "engine"}:
                changes["sample_version"] = row.sample_version + 1
            if changes:
                voices.change(connection, voice_id, **changes)
                audit.add(connection, actor, "voice.edited", "voice", voice_id, changed=sorted(changes))
            edited = voices.get(connection, actor, voice_id)
        if not changes.keys() & {"name", "description"}:
            return edited
        return rename(self._store, self._registry, self._direct, actor, edited)

    def new_sample(self, actor: Actor, voice_id: str) -> VoiceRow:
        """The sample is spoken anew at the next listening."""
        with self._store.db.write() as connection:
            row = self._own(connection, actor, voice_id)
            voices.change(connection, voice_id, sample_version=row.sample_version + 1)
            return voices.get(connection, actor, voice_id)

    def delete(self, actor: Actor, voice_id: str, *, withdraw: bool = False) -> Gone:
        """Recordings, consent recording, what engines learned and drafts spoken with it go at once, and so do services'
        copies; finished pieces stay. `withdraw`: the speaker took the consent back, and those pieces may no longer be
        published or sold. Deleting once more tries again what a service refused."""
        gone = remove(self._store, self._registry, self._direct, actor, voice_id, withdraw=withdraw)
        for sample in (self._settings.cache / "voices").glob(f"clone_{voice_id}*"):
            sample.unlink(missing_ok=True)
        return gone

    def forget(self, voice_ids: Sequence[str]) -> None:
        """For the public demo, whose visitors' voices have had their time."""
        for voice_id in voice_ids:
            self.delete(SYSTEM, voice_id)
            with self._store.db.write() as connection:
                voices.change(connection, voice_id, name="(removed)", description="", consent={})

    def _own(self, connection: Any, actor: Actor, voice_id: str) -> VoiceRow:
        row = voices.get(connection, actor, voice_id, hold=True)
        if row.user_id != actor.user_id and not actor.is_admin:
            raise AccessError(f"Only its owner may change the voice {row.name!r}.", "Ask the owner.")
        return row

    def _name(self, actor: Actor, name: str, connection: Any = None) -> str:
        title = one_line(name, 81)
        if not title or len(title) > 80:
            raise UserError("A voice needs a name of 1 to 80 characters.", "Give it one.", "bad_name")
        if any(title.casefold() == voice.name.casefold() for voice in gallery.curated()):
            raise UserError(f"The gallery has a voice named {title!r}.", "Choose another name.", "bad_name")
        if connection is not None:
            taken = voices.named(connection, actor, title)
        else:
            with self._store.db.read() as reading:
                taken = voices.named(reading, actor, title)
        if taken is not None:
            raise UserError(f"You have a voice named {title!r} already.", "Choose another name.", "bad_name")
        return title


def _language(language: str) -> str:
    code = language.strip().lower()
    if code and not language_facts(code):
        raise UserError(
            f"The language {language[:40]!r} is not known.", "Give a code such as en, fr or hi.", "language"
        )
    return code


def _sample(name: str, language: str) -> str:
    known = str(language_facts(language or "en").get("sample", ""))
    return known or f"This is how the voice {name} sounds."


def _advice(checked: Sequence[Checked]) -> list[str]:
    return list(told([each.sample for each in checked]))
