"""Files of catalogues that hand them out for nothing: the address asked for anew, brought, and looked into before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from core.audio.endings import ending
from core.kit.children import Progress
from core.kit.clock import today
from core.kit.errors import Cancelled, NotFound, StudioError, Unavailable, UserError
from core.licensing.catalogue import FILES
from core.licensing.types import Track
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.providers.refusals import NoSound
from core.providers.rest import NotHad, Service

TRIES = 2
"""The second by a new address: the first may have expired between two looks."""
FORMS = ("preview", "full")
MOST_BYTES = 256 << 20
_TIMEOUT_S = 300.0


class Held(Protocol):
    """The catalogue whose files they are."""

    @property
    def info(self) -> ProviderInfo: ...

    @property
    def service(self) -> Service: ...

    def tracks(self, ids: Any, call: Call) -> dict[str, Any]: ...

    def usable_id(self, given: Any) -> str: ...

    def address(self, track: Track, form: str) -> str:
        """Where the file is. UserError says why it cannot be had, and what a person can do instead."""
        ...


def listen(path: Path, progress: Progress) -> dict[str, Any]:
    """The child's side: what it sounds like in figures. UserError where nothing in it can be played."""
    from core.audio.files import decode

    progress("Listening", 0.0)
    audio = decode(path)
    if audio.samples.shape[1] == 0:
        raise UserError("It holds no sample.")
    facts = {"duration_s": audio.seconds, "sample_rate": audio.sample_rate, "channels": audio.channels}
    return {"facts": facts, "warnings": list(audio.warnings)}


def info_of(catalogue: Held) -> ProviderInfo:
    """The info of its files: they share its name, its key and its limits."""
    info = catalogue.info
    return ProviderInfo(
        name=info.name, title=info.title, kind=FILES, form="make", resource="net", settings_key=info.settings_key,
        key_optional=info.key_optional, licence="unknown", concurrency=info.concurrency, per_minute=info.per_minute,
        capabilities=info.capabilities & {"preview", "download"},
    )  # fmt: skip


class FreeFiles:
    def __init__(self, catalogue: Held) -> None:
        self.info = info_of(catalogue)
        self._catalogue = catalogue

    def maximum(self, request: Any) -> Units:
        return {}

    def make(self, request: Mapping[str, Any], call: Call) -> Made:
        track_id, form = self._catalogue.usable_id(request.get("id")), str(request.get("form", "preview"))
        if form not in FORMS:
            raise UserError(f"There is no form {form!r} of a track.", f"Choose one of: {', '.join(FORMS)}.")
        track, path, found = self._brought(track_id, form, call)
        facts = {
            "catalogue": {"provider": track.provider, "track_id": track.id, "title": track.title, "artist": track.artist},
            "form": form, "terms": track.as_dict()["terms"], "page_url": track.page_url, "fetched_on": today().isoformat(),
        }  # fmt: skip
        if found["warnings"]:
            facts["warnings"] = found["warnings"]
        return Made((Output("primary", path, "music", found["facts"]),), facts=facts)

    def _brought(self, track_id: str, form: str, call: Call) -> tuple[Track, Path, dict[str, Any]]:
        raw = call.folder / "track.part"
        why = ""
        for number in range(TRIES):
            if number:
                call.another()
            track = self._track(track_id, call)
            try:
                self._catalogue.service.bring(self._catalogue.address(track, form), raw, most_bytes=MOST_BYTES)
                found = _heard(raw, call)
            except (NotHad, NoSound) as error:
                raw.unlink(missing_ok=True)
                why = str(error).rstrip(".")
                continue
            with raw.open("rb") as file:
                path = (call.folder / "track").with_suffix(ending(file.read(12)))
            return track, raw.replace(path), found
        raise Unavailable(
            f"{self.info.title} names the file of {track.title!r}, but it could not be fetched: {why}.",
            f"Try again later, or look at its page: {track.page_url}" if track.page_url else "Try again later.",
        )

    def _track(self, track_id: str, call: Call) -> Track:
        answer = self._catalogue.tracks([track_id], call)
        if not answer["tracks"]:
            told = " ".join(answer.get("notes", ()))
            raise NotFound(f"{self.info.title} has no track {track_id!r} (any more).", told or "Look for another.")
        return Track.of(answer["tracks"][0])


def _heard(path: Path, call: Call) -> dict[str, Any]:
    """NoSound where nothing can be played. Where this machine could not look, that is a warning and no verdict."""
    try:
        found: dict[str, Any] = call.children.run(listen, path, timeout_s=_TIMEOUT_S, cancelled=call.cancelled)
    except UserError as error:
        raise NoSound(f"the sound in it cannot be decoded: {error.message.rstrip('.')}") from error
    except Cancelled:
        raise
    except StudioError:
        return {"facts": {}, "warnings": ["It could not be looked into here."]}
    return found
