"""Keys and passwords of this process, so that they can be kept out of whatever is written down or answered: providers
and drivers like to repeat them in their errors."""

from __future__ import annotations

from urllib.parse import quote

HIDDEN = "[hidden]"
SHORTEST = 8
"""Anything shorter would blank out ordinary words."""
_known: set[str] = set()


def keep_secret(value: str) -> str:
    """Remember it for `hide`; answers the value, so that it can be said where a secret comes in."""
    if len(value) >= SHORTEST:
        _known.update({value, quote(value, safe="")})
    return value


def hide(text: str) -> str:
    for secret in sorted(_known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return text
