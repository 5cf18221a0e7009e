"""What a service's refusal means for money: whether it is known that nothing was billed. Shared by all cloud services.

A provider maps what is peculiar to it (codes in the body) first, and leaves the rest to this.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from core.kit.clock import now
from core.kit.errors import OutcomeUnknown, ProviderError, RateLimited, Rejected, Unavailable

LONGEST_SAID = 300


class NoSound(Exception):
    """The service has answered, and there is nothing to hear in it. For whoever asked to turn into what that means."""


def refused(title: str, status: int, said: str, *, key: str = "", wait_s: float | None = None) -> ProviderError:
    """The error for an HTTP status outside 2xx. `said`: the service's own words. `key`: name of the setting that holds
    its key. `wait_s`: what Retry-After asks for."""
    words = " ".join(said.split())[:LONGEST_SAID].rstrip(".")
    told = f": {words}" if words else ""
    if status in (401, 403):
        return Rejected(f"{title} does not accept the key{told}.", f"Check {key} and what that key may do.")
    if status == 402:
        return Rejected(f"{title} wants to be paid first{told}.", "Look at your plan there, or choose another engine.")
    if status == 404:
        return Rejected(f"{title} does not have what was asked for{told}.", "Choose another voice or model.")
    if status == 429:
        return RateLimited(f"{title} is asked too often{told}.", wait_s=1.0 if wait_s is None else wait_s)
    if status in (502, 504) or 520 <= status <= 527:
        # A gateway (520 to 527 are Cloudflare's) gave up waiting: what stands behind it may have gone on.
        return OutcomeUnknown(f"{title} did not answer in time (HTTP {status}).")
    if status == 408 or status >= 500:
        return Unavailable(f"{title} has a fault of its own (HTTP {status}){told}.", "Try again later.")
    return Rejected(f"{title} refused the request (HTTP {status}){told}.", "Change the text or the settings.")


def lost(title: str, why: str) -> OutcomeUnknown:
    """The request was sent, and no whole answer came back: it may have been billed."""
    return OutcomeUnknown(f"{title} did not answer in full ({why}).")


def unreachable(title: str, why: str) -> Unavailable:
    """Nothing was sent."""
    return Unavailable(f"{title} cannot be reached ({why}).", "Check the network, then try again.")


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """From `retry-after-ms` or `Retry-After`, which is seconds or a date; None where neither can be read. A date is read
    by the service's own clock, where it tells its time: ours may go differently."""
    given = {name.lower(): value for name, value in headers.items()}
    for name, seconds in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait = float(given[name]) * seconds
        except (KeyError, ValueError):
            continue
        if math.isfinite(wait):
            return max(0.0, wait)
    until, here = _dated(given.get("retry-after")), _dated(given.get("date")) or now()
    return None if until is None else max(0.0, (until - here).total_seconds())


def _dated(said: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(said or "")
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
