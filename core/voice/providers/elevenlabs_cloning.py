"""Instant voice cloning at ElevenLabs: copies of the studio's voices are made, renamed and deleted there. It bills none of
this; its plan counts the voices.

The service takes no idempotency key. Instead every copy carries a label that says of which voice it is and from what it
was learned: it is looked for before anything is made, and once more where an answer got lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.kit.errors import Cancelled, OutcomeUnknown, ProviderError, Rejected, UserError
from core.providers.base import Call, Found, Made, ProviderInfo, Units
from core.providers.elevenlabs_client import ONCE, opened
from core.providers.elevenlabs_errors import TITLE, asking, looking, told
from core.voice.cloning.engine import KIND, MARK, Lesson
from core.voice.cloning.removing import REMOVAL
from core.voice.cloning.renaming import RENAMING
from core.voice.providers import elevenlabs_facts as known
from core.voice.providers.elevenlabs import VOICE_ID
from core.voice.providers.elevenlabs_reading import Free, flag, query_info, text
from core.voice.providers.elevenlabs_voices import labels_of, listed

if TYPE_CHECKING:
    from elevenlabs.client import ElevenLabs

_TRAITS = {"gender": "gender", "age_range": "age", "age": "age", "accent": "accent"}
"""What the studio knows of a speaker, by the labels the service reads."""
_TYPES = {b"RIFF": "wav", b"fLaC": "flac", b"OggS": "ogg", b"\x1aE\xdf\xa3": "webm"}
_VERIFY = (
    f"{TITLE} wants the owner to prove whose voice this is before it speaks: open the voice there under Voices, and "
    "read the words it shows."
)
_NOT_THE_PLAN = {"missing_permissions", "detected_unusual_activity", "quota_exceeded", "invalid_api_key"}
_WORDED = {"voice_limit_reached", *_NOT_THE_PLAN}


@dataclass(frozen=True)
class _File:
    name: str
    data: bytes
    type: str


class ElevenLabsCloning:
    info = ProviderInfo(
        name="elevenlabs", title=TITLE, kind=KIND, resource="net", models=("instant",),
        settings_key="elevenlabs_api_key", licence="unknown", licence_on_plan="elevenlabs-paid", idempotent=True,
    )  # fmt: skip

    def __init__(self, base_url: str = "", timeout_s: float = 240.0) -> None:
        """`base_url`: empty for the vendor's own. `timeout_s`: how long it may be silent, learning."""
        self._base_url = base_url
        self._timeout_s = timeout_s

    def maximum(self, request: Lesson) -> Units:
        return {}

    def make(self, request: Lesson, call: Call) -> Made:
        """Facts: voice, older, notice, as Trainer says, and `found`: it was there already."""
        files = _files(request.recordings)
        mark = _mark(request, files)
        call.progress("Looking whether it is there", 0.05)
        with opened(call.key, self._base_url, self._timeout_s) as client:
            there = _copies(client, request.id)
            made = next((voice for voice in there if labels_of(voice)[MARK] == mark), None)
            found = made is not None
            if made is None:
                if call.cancelled():
                    raise Cancelled
                call.progress("Sending the recordings", 0.2)
                made = _created(client, request, files, mark)
        voice_id = text(made, "voice_id")
        older = [text(voice, "voice_id") for voice in there if text(voice, "voice_id") != voice_id]
        notice = {"notice": _VERIFY} if _unverified(made) else {}
        return Made((), facts={"voice": voice_id, "older": older, "found": found, **notice})


class ElevenLabsRemoval(Free):
    """Deletes a copy. Request: `voice`, the service's id of it, "" for none known; `of`, the studio's id of a voice: all
    copies of it go. What is gone already is no error."""

    info = query_info(REMOVAL, 0.0)

    def query(self, request: Mapping[str, str], call: Call) -> Found:
        voice, of = request.get("voice", ""), request.get("of", "")
        gone = []
        with opened(call.key, self._base_url, self._timeout_s) as client:
            if voice:
                _deleted(client, voice)
                gone.append(voice)
            for copy in _copies(client, of) if of else ():
                other = text(copy, "voice_id")
                if other not in gone:
                    _deleted(client, other)
                    gone.append(other)
        return Found({"deleted": gone})


class ElevenLabsRenaming(Free):
    """Gives a copy the name and description the voice has here. Request: voice, name, description."""

    info = query_info(RENAMING, 0.0)

    def query(self, request: Mapping[str, str], call: Call) -> Found:
        voice = _checked(request["voice"])
        with opened(call.key, self._base_url, self._timeout_s) as client:
            with looking():
                there = client.voices.get(voice, request_options=ONCE)
            # An edit replaces all labels, and by one of them the copy is known.
            labels = labels_of(there)
            with looking():
                client.voices.update(
                    voice, name=request["name"], description=_short(request["description"]), labels=labels,
                    request_options=ONCE,
                )  # fmt: skip
        return Found({"renamed": voice})


def _files(paths: tuple[str, ...]) -> list[_File]:
    """Refused here is what the service would refuse. Names say nothing: those the owner gave may name the speaker."""
    limits = known.facts()["cloning"]
    most, most_mb = int(limits["most_recordings"]), int(limits["most_mb"])
    if not 1 <= len(paths) <= most:
        raise UserError(f"{TITLE} cannot learn from {len(paths)} recordings.", f"Give it 1 to {most}.", "recordings")
    files = []
    for number, path in enumerate(map(Path, paths), 1):
        size = path.stat().st_size
        if size > most_mb * 1_000_000:
            raise UserError(
                f"Recording {number} has {size / 1e6:.1f} MB; {TITLE} takes {most_mb} MB each.",
                "Put a shorter or compressed one in its place; 10 to 30 s are enough.", "too_large",
            )  # fmt: skip
        data = path.read_bytes()
        kind = "mp4" if data[4:8] == b"ftyp" else _TYPES.get(data[:4], "mpeg")
        files.append(_File(f"recording-{number}.{'mp3' if kind == 'mpeg' else kind}", data, f"audio/{kind}"))
    return files


def _mark(lesson: Lesson, files: list[_File]) -> str:
    """Other recordings make another voice, also where nothing came of the lesson before."""
    content = hashlib.sha256(b"".join(sorted(hashlib.sha256(file.data).digest() for file in files)))
    return f"{lesson.id}:{lesson.version}:{content.hexdigest()[:12]}"


def _copies(client: ElevenLabs, of: str) -> list[Any]:
    """Those of one of the studio's voices, none for "". The service's own search is not asked for the mark: how it cuts words is not
    written down."""
    return [
        voice
        for voice in listed(client, category="cloned")
        if of and labels_of(voice).get(MARK, "").partition(":")[0] == of and VOICE_ID.fullmatch(text(voice, "voice_id"))
    ]


def _created(client: ElevenLabs, lesson: Lesson, files: list[_File], mark: str) -> Any:
    traits = {_TRAITS[name]: value for name, value in lesson.labels.items() if name in _TRAITS and value}
    labels = traits | ({"language": lesson.language} if lesson.language else {}) | {MARK: mark}
    try:
        with _teaching():
            answer = client.voices.ivc.create(
                name=lesson.name, files=[(file.name, file.data, file.type) for file in files], labels=labels,
                description=_short(lesson.description), remove_background_noise=False, request_options=ONCE,
            )  # fmt: skip
        if VOICE_ID.fullmatch(text(answer, "voice_id")):
            return answer
        why = "its answer names no voice"
    except OutcomeUnknown as error:
        why = error.message.rstrip(".")
    try:
        for voice in _copies(client, lesson.id):
            if labels_of(voice)[MARK] == mark:
                return voice
    except ProviderError as error:
        why = f"{why}; {error.message.rstrip('.')}"
    raise ProviderError(
        f"Whether {TITLE} made the voice is not known: {why}.",
        "Train it again after a while: what was made there is found and used, and none is made twice.", "voice_in_doubt",
    )  # fmt: skip


@contextmanager
def _teaching() -> Iterator[None]:
    """As asking(), in words that fit a lesson."""
    try:
        with asking():
            yield
    except Rejected as error:
        status = getattr(error.__cause__, "status_code", 0)
        codes, words = told(getattr(error.__cause__, "body", None))
        said = f": {words}" if words else ""
        plan = status in (402, 403) and not codes & _NOT_THE_PLAN
        if plan or any("instant_voice_cloning" in code for code in codes):
            raise Rejected(
                f"{TITLE} lets this account clone no voice{said}.",
                "Instant cloning needs the plan Starter or a larger one, paid; or let another engine learn the voice.",
            ) from error
        if status in (400, 422) and not codes & _WORDED:
            raise Rejected(
                f"{TITLE} refused the recordings or the name{said}.", "Change what it names, or use another engine."
            ) from error
        raise


def _deleted(client: ElevenLabs, voice: str) -> None:
    try:
        with looking():
            client.voices.delete(_checked(voice), request_options=ONCE)
    except Rejected as error:
        codes, _ = told(getattr(error.__cause__, "body", None))
        if getattr(error.__cause__, "status_code", 0) != 404 and "voice_not_found" not in codes:
            raise


def _checked(voice: str) -> str:
    """It becomes part of the address."""
    if not VOICE_ID.fullmatch(voice):
        raise UserError(f"{voice[:60]!r} is no {TITLE} voice.", "Nothing was asked of the service.")
    return voice


def _unverified(made: Any) -> bool:
    """Of the answer to a lesson, or of a voice as the list shows it."""
    proof = getattr(made, "voice_verification", None)
    wanted = flag(made, "requires_verification") or flag(proof, "requires_verification")
    return bool(wanted) and not flag(proof, "is_verified")


def _short(description: str) -> str:
    return description[: int(known.facts()["cloning"]["longest_description"])]
