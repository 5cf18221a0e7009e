"""Everything that can go wrong between us and ElevenLabs, as the error that says what it means for money.

The service writes errors in three shapes: `detail` is an object (code, status, message), a list (field by field) or a
sentence. The same code may come under another status in its older form, so codes are looked at first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.kit.errors import OutcomeUnknown, ProviderError, RateLimited, Rejected, SetupError, StudioError, Unavailable
from core.providers.refusals import LONGEST_SAID, lost, refused, retry_after_s, unreachable

TITLE = "ElevenLabs"
KEY_SETTING = "STUDIO_ELEVENLABS_API_KEY"
URL_SETTING = "STUDIO_ELEVENLABS_URL"

# The SDK lets httpx's errors through. They are told by name, since httpx itself is imported in core.kit.http alone.
_NOTHING_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}
_NO_ADDRESS = {"UnsupportedProtocol", "InvalidURL"}
_BAD_MUSIC = {"bad_prompt", "bad_composition_plan"}
"""Artists, brands or lyrics are named that somebody owns. The body suggests how to say it otherwise."""
_WAITS_S = {
    "rate_limit_exceeded": 5.0,
    "concurrent_limit_exceeded": 2.0,
    "too_many_concurrent_requests": 2.0,
    "system_busy": 5.0,
}
"""By code, where no Retry-After says better. A limit of calls at the same time is over when one of ours ends."""


@contextmanager
def asking() -> Iterator[None]:
    """Around one call of the SDK that may be billed: nothing but StudioErrors leaves it."""
    try:
        yield
    except StudioError:
        raise
    except Exception as error:
        raise meaning(error) from error


@contextmanager
def looking() -> Iterator[None]:
    """The same around one that is free: without an answer nothing is in doubt, it may simply be asked again."""
    try:
        with asking():
            yield
    except OutcomeUnknown as error:
        raise Unavailable(error.message, "Try again later.") from error


def meaning(error: Exception) -> StudioError:
    from elevenlabs.core import ApiError
    from elevenlabs.core.parse_error import ParsingError

    if isinstance(error, ApiError | ParsingError):
        status = error.status_code or 0
        if 200 <= status < 300:
            return in_doubt("what came back is not its whole JSON", error.headers or {})
        return refusal(status, error.body, error.headers or {})
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & _NO_ADDRESS:
        return SetupError(
            f"{URL_SETTING} is no address that can be asked.", "Leave it empty, or give https://host of ElevenLabs."
        )
    if names & _NOTHING_SENT:
        return unreachable(TITLE, type(error).__name__)
    return lost(TITLE, type(error).__name__)


def in_doubt(why: str, headers: Mapping[str, str]) -> OutcomeUnknown:
    """With what a person needs to find it in the account, where the answer came far enough to say it."""
    given = {name.lower(): value for name, value in headers.items()}
    if given.get("request-id"):
        why += f"; its request {given['request-id'][:60]}"
        why += f" was counted with {given['character-cost'][:20]} credits" if given.get("character-cost") else ""
    return lost(TITLE, why)


def refusal(status: int, body: Any, headers: Mapping[str, str]) -> ProviderError:
    codes, words = told(body)
    said = f": {words}" if words else ""
    if "quota_exceeded" in codes:
        return Rejected(
            f"The credits of your {TITLE} plan are used up{said}.",
            "Wait until the plan's month begins anew, get a larger plan there, or choose another engine.",
        )
    if codes & _BAD_MUSIC:
        return Rejected(f"{TITLE} does not make music of this{said}.", _suggested(body))
    if "missing_permissions" in codes:
        return Rejected(
            f"The {TITLE} key may not do this{said}.",
            f"Give the key this permission in the {TITLE} dashboard, or put another into {KEY_SETTING}.",
        )
    if "detected_unusual_activity" in codes:
        return Rejected(
            f"{TITLE} has shut this account out{said}.",
            "Look at your account there; the key is not the trouble, and a try from here will not help.",
        )
    if "voice_not_found" in codes:
        return Rejected(f"{TITLE} does not have this voice{said}.", "Choose another voice; it may have been removed.")
    if "max_character_limit_exceeded" in codes:
        return Rejected(f"The text is too long for this {TITLE} model{said}.", "Use shorter pieces or another model.")
    if "voice_limit_reached" in codes:
        return Rejected(f"All voice slots of your {TITLE} plan are taken{said}.", "Delete a voice there first.")
    for code, wait_s in _WAITS_S.items():
        if code in codes:
            return RateLimited(f"{TITLE} is asked too often{said}.", wait_s=_first(retry_after_s(headers), wait_s))
    return refused(TITLE, status, words, key=KEY_SETTING, wait_s=_first(retry_after_s(headers), 5.0))


def _suggested(body: Any) -> str:
    detail = body.get("detail", body) if isinstance(body, Mapping) else {}
    data = detail.get("data") if isinstance(detail, Mapping) else None
    data = data if isinstance(data, Mapping) else {}
    suggestion = data.get("prompt_suggestion") or data.get("composition_plan_suggestion")
    if isinstance(suggestion, Mapping):
        styles = suggestion.get("positive_global_styles")
        suggestion = ", ".join(map(str, styles)) if isinstance(styles, list) else ""
    words = " ".join(str(suggestion or "").split())[:LONGEST_SAID]
    return f"It suggests: {words}" if words else "Leave out the names of artists, bands and songs."


def told(body: Any) -> tuple[set[str], str]:
    """The codes in an error's body and its words, whichever of the three shapes it has; no words for a web page."""
    detail = body.get("detail", body) if isinstance(body, Mapping) else body
    if isinstance(detail, Mapping):
        codes = {str(detail[name]).lower() for name in ("code", "status") if detail.get(name)}
        words = str(detail.get("message") or detail.get("msg") or ", ".join(sorted(codes)))
    elif isinstance(detail, list):
        codes = set()
        words = "; ".join(_field(item) for item in detail)
    else:
        words = "" if detail is None else str(detail)
        codes = set(re.findall(r"[a-z]+(?:_[a-z]+)+", words.lower()))
    words = "" if words.lstrip().startswith("<") else " ".join(words.split())
    return codes, words[:LONGEST_SAID].rstrip(". ")


def _field(item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    where = item.get("loc")
    place = ".".join(str(part) for part in where if part != "body") if isinstance(where, list) else ""
    return ": ".join(part for part in (place, str(item.get("msg") or "")) if part)


def _first(wait: float | None, otherwise: float) -> float:
    return otherwise if wait is None else wait
