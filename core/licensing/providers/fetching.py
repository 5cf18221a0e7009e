"""A catalogue's file, brought and looked into before anybody says that it is there, and what a failure means for money.

An address expires, so `link()` asks for it anew at each try, unless that is what counts. Nothing is billed until the contract counts a download: with
some that is the question for the address (`asking_counts`), with the others the file itself. Once it may have counted,
failure is OutcomeUnknown: a person looks, and nothing is bought again before."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.audio.endings import ending
from core.calls.heard import MOST_BYTES, Heard, figures, heard
from core.kit.clock import now
from core.kit.errors import NotFound, OutcomeUnknown, ProviderError, Unavailable, UserError
from core.licensing.providers.asking import NotThere
from core.licensing.types import Track
from core.providers import rest
from core.providers.base import Call, Made, Output, Units
from core.providers.refusals import NoSound

UNIT = "downloads"
PREVIEW, FULL = "preview", "full"
TRIES = 3
_PAUSE_S = 0.2
_SHORTER_S, _SHORTER = 2.0, 0.05


class Wrong(Exception):
    """A file came, and it is not the one that was asked for."""


@dataclass(frozen=True)
class Link:
    url: str
    track: Track
    seconds: float | None = None
    """Of this file, where the catalogue states it: what is shorter is refused."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Which of the track's files, for the proof."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """For the first address alone."""


def form_of(request: Mapping[str, Any], allowed: tuple[str, ...] = (PREVIEW, FULL)) -> str:
    form = str(request.get("form") or PREVIEW)
    if form not in allowed:
        raise UserError(f"There is no {form[:20]!r} of it here.", f"Allowed: {', '.join(allowed)}.")
    return form


def billed(request: Mapping[str, Any]) -> Units:
    """What bills downloads bills none for a preview."""
    return {UNIT: Decimal(1 if request.get("form") == FULL else 0)}


@contextmanager
def there(title: str) -> Iterator[None]:
    """NotFound where the catalogue has no such track (any more)."""
    try:
        yield
    except NotThere:
        raise NotFound(f"{title} has no such track (any more).", "Search again: it may have been withdrawn.") from None


def brought(
    at: rest.Service, link: Callable[[], Link], call: Call, *, form: str, units: Units, asking_counts: bool = False
) -> Made:
    """NotFound, Rejected or Unavailable while nothing can have been counted, OutcomeUnknown afterwards."""
    with there(at.title):
        return _brought(at, link, call, form, units, asking_counts)


def _brought(
    at: rest.Service, link: Callable[[], Link], call: Call, form: str, units: Units, asking_counts: bool
) -> Made:
    counts = any(units.values())
    counted, why, raw = False, "", call.folder / "track.part"
    found: Link | None = None
    for number in range(TRIES):
        if found is None or not (counts and asking_counts):  # what counts is asked once; its link may be tried again
            try:
                if number and not asking_counts:
                    call.another()
                found = link()
            except NotThere:
                if counted:
                    break
                raise
            except ProviderError as error:
                if not counted and not isinstance(error, OutcomeUnknown):
                    raise
                counted, why = counts, why or error.message.rstrip(".")
                break
        counted = counted or (counts and asking_counts)
        begun = False
        try:
            headers = at.bring(found.url, raw, most_bytes=MOST_BYTES, headers=found.headers)
            begun = True
            sound = _checked(raw, headers, found.seconds, call)
            return _made(raw, sound, found, form, units)
        except (rest.NotHad, Wrong, NoSound) as error:
            begun = begun or (isinstance(error, rest.NotHad) and error.begun)
            why = str(error).rstrip(".")
        finally:
            raw.unlink(missing_ok=True)
        counted = counted or (counts and begun)
        if begun and number < TRIES - 1:
            time.sleep(_PAUSE_S * (number + 1))
    if counted:
        raise OutcomeUnknown(
            f"{at.title} may have counted this download, but its file could not be fetched: {why}."
            " Where your account there still shows it, download it and import it"
        )
    raise Unavailable(f"{at.title}: its file could not be fetched: {why}.", "Try again later.")


def _checked(path: Path, headers: Mapping[str, str], seconds: float | None, call: Call) -> Heard | None:
    """A short answer breaks off by itself (Content-Length); what else the server says of the bytes is compared."""
    data = {name.lower(): value for name, value in headers.items()}
    for name, wanted in _digests(data):
        if hashlib.new(name, path.read_bytes()).digest() != wanted:
            raise Wrong(f"the file is damaged: its {name} is not the one that came with it")
    sound = heard(path, call)
    if sound is not None and seconds and sound.seconds < seconds - max(_SHORTER_S, _SHORTER * seconds):
        raise Wrong(f"the file is {sound.seconds:.1f} s long, and the catalogue says {seconds:g} s")
    return sound


def _digests(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """What storage services send along. An ETag is not among them: it is a hash only sometimes."""
    told = [("md5", headers.get("content-md5", "")), ("sha256", headers.get("x-amz-checksum-sha256", ""))]
    told += [
        ("md5", part[4:]) for part in headers.get("x-goog-hash", "").replace(" ", "").split(",") if part[:4] == "md5="
    ]
    found = []
    for name, text in told:
        try:
            value = base64.b64decode(text, validate=True)
        except ValueError:
            continue
        if len(value) == hashlib.new(name).digest_size:
            found.append((name, value))
    return found


def _made(raw: Path, sound: Heard | None, link: Link, form: str, units: Units) -> Made:
    with raw.open("rb") as file:
        head = file.read(12)
    path = raw.with_suffix(ending(head))
    raw.replace(path)
    track = link.track
    facts = {name: value for name, value in (("bpm", track.bpm), ("key", track.key or None)) if value is not None}
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    file_facts = {"form": form, "sha256": sha256, "bytes": path.stat().st_size, "downloaded_at": now().isoformat()}
    file_facts |= dict(link.facts)
    if sound is None:
        file_facts["warnings"] = ["It could not be looked into here."]
    elif sound.warnings:
        file_facts["warnings"] = list(sound.warnings)
    catalogue = {"provider": track.provider, "track_id": track.id, "title": track.title, "artist": track.artist}
    output = Output("primary", path, "music", facts | figures(sound))
    return Made((output,), units, facts={"catalogue": catalogue, "file": file_facts})
