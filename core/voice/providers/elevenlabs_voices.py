"""The voices of an ElevenLabs account, as the gallery knows voices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from core.kit.errors import UserError
from core.providers.base import Call, Found
from core.providers.elevenlabs_client import ONCE, opened
from core.providers.elevenlabs_errors import TITLE, looking
from core.voice.cloning.engine import MARK
from core.voice.languages import language_facts
from core.voice.providers.elevenlabs_reading import Free, flag, query_info, rows_of, text
from core.voice.types import Gender, Tier, Voice

if TYPE_CHECKING:
    from elevenlabs.client import ElevenLabs

PAGE = 100
MOST_PAGES = 20
_DAY_S = 86_400.0
_FILTERS = ("search", "category", "voice_type", "gender", "age", "language", "accent")
_GENDERS: Mapping[str, Gender] = {"male": "male", "female": "female"}
_OWN = ("cloned", "generated")


class ElevenLabsVoices(Free):
    """Every voice the account can speak with, as fields of Voice; the 2,000 first where there are more. Request: any of
    search, category, voice_type, gender, age, language, accent."""

    info = query_info("voices", _DAY_S)

    def query(self, request: Mapping[str, Any] | None, call: Call) -> Found:
        request = request or {}
        unknown = set(request) - set(_FILTERS)
        if unknown:
            raise UserError(
                f"{TITLE} voices cannot be asked for by {sorted(unknown)[0]!r}.", f"Allowed: {', '.join(_FILTERS)}."
            )
        wanted = {name: str(value) for name, value in request.items() if value}
        rows: dict[str, dict[str, Any]] = {}
        with opened(call.key, self._base_url, self._timeout_s) as client:
            for voice in listed(client, **wanted):
                row = _row(voice)
                if row is not None:
                    rows.setdefault(row["id"], row)
        return Found(list(rows.values()))

    def voice_of(self, row: Mapping[str, Any]) -> Voice:
        return voice_of(row)


def listed(client: ElevenLabs, **wanted: str) -> Iterator[Any]:
    """The account's voices, page after page; an error on one of them is an error of the whole."""
    token = ""
    for _ in range(MOST_PAGES):
        page: dict[str, Any] = {"next_page_token": token} if token else {}
        with looking():
            answer = client.voices.search(page_size=PAGE, request_options=ONCE, **page, **wanted)
        yield from rows_of(answer, "voices")
        following = text(answer, "next_page_token")
        if not following or following == token or getattr(answer, "has_more", None) is False:
            break
        token = following


def labels_of(voice: Any) -> dict[str, str]:
    """What the service holds of it: names in small letters, no empty values."""
    labels = getattr(voice, "labels", None)
    labels = labels if isinstance(labels, Mapping) else {}
    return {str(name).lower(): " ".join(str(value).split()) for name, value in labels.items() if value}


def voice_of(row: Mapping[str, Any]) -> Voice:
    """A row of ElevenLabsVoices as the gallery's noun. Rows come from a cache too: what is not a field is left out."""
    names = {field.name for field in fields(Voice)}
    return Voice(**{name: value for name, value in row.items() if name in names})


def _row(voice: Any) -> dict[str, Any] | None:
    voice_id = text(voice, "voice_id")
    if not voice_id:
        return None
    label = labels_of(voice)
    verified = rows_of(voice, "verified_languages", strict=False)
    language = (label.get("language") or next((text(each, "language") for each in verified), "")).lower()
    accent = label.get("accent") or next((text(each, "accent") for each in verified), "")
    style = label.get("descriptive") or label.get("description") or label.get("use_case") or ""
    written = language_facts(language) if language else {}
    return Voice(
        id=f"elevenlabs:{voice_id}",
        name=text(voice, "name") or voice_id,
        provider="elevenlabs",
        tier=_tier(voice),
        language=language,
        language_name=str(written.get("name", "")),
        accent=accent,
        gender=_GENDERS.get(label.get("gender", "").lower(), "neutral"),
        style=style.replace("_", " ").lower()[:40],
        age=label.get("age", "").replace("_", " "),
        sample_text=str(written.get("sample", "")),
        engine={
            "category": text(voice, "category"),
            "description": text(voice, "description")[:300],
            "models": [each for each in rows_of(voice, "high_quality_base_model_ids", strict=False) if each],
            "languages": sorted({text(each, "language") for each in verified} - {""}),
            **({MARK: label[MARK]} if MARK in label else {}),
        },
    ).as_dict()


def _tier(voice: Any) -> Tier:
    """The user's own are those made in this account; of professional ones the library has other people's too."""
    category, owner = text(voice, "category"), flag(voice, "is_owner")
    if category == "professional":
        return "custom" if owner else "premium"
    return "custom" if category in _OWN and owner is not False else "premium"
