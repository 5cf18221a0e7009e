"""The vendor's own SDK, set up so that no request is ever sent twice behind the metered call's back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from core.kit.errors import SetupError
from core.providers.elevenlabs_errors import KEY_SETTING, TITLE

if TYPE_CHECKING:
    from elevenlabs.client import ElevenLabs

ONCE: Any = {"max_retries": 0}
"""Request options: the SDK would repeat 408, 409, 429 and 5xx, each of which may be billed again."""


@contextmanager
def opened(key: str, base_url: str, timeout_s: float) -> Iterator[ElevenLabs]:
    """`timeout_s`: of silence. One client a call: it is opened in milliseconds, and threads share nothing."""
    if not key:
        raise SetupError(
            f"{TITLE} has no key.",
            f"Put {KEY_SETTING}=… into .env and restart, or: studio secrets set elevenlabs_api_key",
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise SetupError(f"{KEY_SETTING} cannot be a key: it holds blanks or signs no key has.", "Paste the key alone.")
    from elevenlabs.client import ElevenLabs

    # A redirect would send a paid request a second time, somewhere else.
    client = ElevenLabs(api_key=key, base_url=base_url or None, timeout=timeout_s, follow_redirects=False)
    try:
        yield client
    finally:
        # The SDK has no close of its own, and without one the connection stays open until it is collected.
        client._client_wrapper.httpx_client.httpx_client.close()
