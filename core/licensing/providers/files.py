"""Files of catalogues that hand them out for nothing: the address asked for anew, brought, and looked into before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from core.calls.heard import MOST_BYTES, Heard, ending, figures, heard
from core.kit.clock import today
from core.kit.errors import NotFound, Unavailable, UserError
from core.licensing.catalogue import FILES
from core.licensing.types import Track
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.providers.refusals import NoSound
from core.providers.rest import NotHad, Service

TRIES = 2
"""The second by a new address: the first may have expired between two looks."""
FORMS = ("preview", "full")


class Held(Protocol):
    """The catalogue whose files they are."""

    @property
    def info(self) -> ProviderInfo: ...

    def tracks(self, ids: Any, call: Call) -> dict[str, Any]: ...

    def usable_id(self, given: Any) -> str: ...

    def address(self, track: Track, form: str) -> str:
        """Where the file is. UserError says why it cannot be had, and what a person can do instead."""
        ...


def info_of(catalogue: Held) -> ProviderInfo:
    """The info of its files: they share its name, its key and its limits."""
    info = catalogue.info
    return ProviderInfo(
        name=info.name, title=info.title, kind=FILES, form="make", resource="net", settings_key=info.settings_key,
        key_optional=info.key_optional, licence="unknown", concurrency=info.concurrency, per_minute=info.per_minute,
        capabilities=info.capabilities & {"preview", "download"},
    )  # fmt: skip


class FreeFiles:
    def __init__(self, catalogue: Held, at: Service) -> None:
        self.info = info_of(catalogue)
        self._catalogue = catalogue
        self._at = at

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
        if found is None or found.warnings:
            facts["warnings"] = list(found.warnings) if found else ["It could not be looked into here."]
        return Made((Output("primary", path, "music", figures(found)),), facts=facts)

    def _brought(self, track_id: str, form: str, call: Call) -> tuple[Track, Path, Heard | None]:
        raw = call.folder / "track.part"
        why = ""
        for _ in range(TRIES):
            track = self._track(track_id, call)
            try:
                self._at.bring(self._catalogue.address(track, form), raw, most_bytes=MOST_BYTES)
                found = heard(raw, call)
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
