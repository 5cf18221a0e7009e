"""What every catalogue owes the studio, as checks of what came out."""

from __future__ import annotations

import json
from typing import Any

from core.kit.paths import reference
from core.licensing.catalogue import FILTERS, KIND, OPS
from core.licensing.types import Track
from core.rights import licences

FORMS = {"preview", "download", "manual"}
KINDS = {"cc", "subscription", "per-project", "per-track", "own", "unknown"}


def info_is_whole(catalogue: Any) -> None:
    info = catalogue.info
    assert (info.kind, info.form, info.resource) == (KIND, "query", "net")
    assert info.capabilities <= set(OPS) | set(FILTERS) | FORMS
    assert {"search", "tracks", "validate"} <= info.capabilities
    assert info.capabilities & FORMS, "it says how its files come"
    assert info.licence in licences.known()
    assert info.per_minute, "whoever asks a service of others keeps a limit"
    assert info.ttl_s > 0
    assert catalogue.about_terms.endswith(".")
    assert isinstance(catalogue.steps, tuple)
    assert catalogue.steps or "manual" not in info.capabilities
    written = reference("catalogues")[info.name]
    assert written["title"] == info.title
    assert written["source"]
    assert written["terms_of_use"]
    assert written["rate_limit"]["requestsPerMinute"] == info.per_minute


def page_is_whole(answer: Any) -> None:
    assert json.loads(json.dumps(answer))["tracks"] == json.loads(json.dumps(answer["tracks"]))
    assert answer["total"] is None or answer["total"] >= 0
    assert isinstance(answer["more"], bool)
    assert all(isinstance(note, str) and note.endswith(".") for note in answer["notes"])
    tracks = [Track.of(row) for row in answer["tracks"]]
    assert len({track.id for track in tracks}) == len(tracks)
    for track in tracks:
        track_is_whole(track)


def track_is_whole(track: Track) -> None:
    assert track.provider
    assert track.id
    assert track.title
    assert Track.of(json.loads(json.dumps(track.as_dict()))) == track
    assert track.duration_s is None or 0 <= track.duration_s < 86_400
    for address in (track.page_url, track.preview_url, track.image_url, track.terms.url):
        assert address.startswith(("http://", "https://")) or not address
    terms = track.terms
    assert terms.kind in KINDS
    assert (terms.kind == "cc") <= (terms.id != "unknown"), "the gate trusts what is called open"
    if terms.id == "unknown":
        assert (terms.commercial, terms.derivatives) == (False, False)
        assert terms.conditions, "what is not allowed says why"
    elif terms.kind == "cc":
        assert terms.url.startswith("https://creativecommons.org/")
        assert terms.commercial is ("nc" not in terms.id.split("-") and "sampling" not in terms.id)
        assert terms.derivatives is ("nd" not in terms.id.split("-") and "sampling" not in terms.id)
        assert bool(terms.attribution) is not terms.id.startswith(("cc0", "pdm"))


def is_as_known(track: Track, facts: Any) -> None:
    for name, value in facts.items():
        of: Any = track.terms if name.startswith("terms.") else track
        assert getattr(of, name.removeprefix("terms.")) == value, name


def told_in_words(error: Any, key: str) -> None:
    assert error.message.endswith(".")
    assert "<html" not in error.message, "a web page is not an explanation"
    assert not key or key not in f"{error.as_dict()}"
