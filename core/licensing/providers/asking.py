"""A catalogue asked over plain HTTP: one question, its answer as JSON, and what a refusal means.

Every question is free, so whatever goes wrong may be asked again; only files are billed (fetching.py). Refusals come as an
HTTP status or, with some services, inside an answer of 200: both are read the same way."""

from __future__ import annotations

import json
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from core.kit.errors import OutcomeUnknown, ProviderError, RateLimited, Rejected, Unavailable
from core.kit.http import HttpAnswer
from core.licensing.providers.answering import ANSWER_MAX
from core.providers import rest
from core.providers.refusals import retry_after_s

LONGEST_WAIT_S = 3600.0
USUAL_WAIT_S = 2.0
"""Where a service says "too often" and not until when."""
_FIRST_EPOCH = 1_000_000_000.0
"""A "reset" above this is a moment, below it a number of seconds."""

Query = Mapping[str, Any]
"""Lists are repeated, empty values left out."""
StatusOf = Callable[[Any], int | None]


class NotThere(Rejected):
    """The catalogue has no such track (any more)."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} has no such track.", "It may have been withdrawn: search again.")


def got(
    at: rest.Service,
    path: str,
    headers: Mapping[str, str],
    query: Query | None = None,
    *,
    status_of: StatusOf = lambda value: None,
    absent: bool = False,
) -> Any:
    """The JSON that answers. `status_of` finds the refusal in an answer of 200. ProviderErrors cost nothing."""
    return understood(at, looked(at, path, headers, query), status_of, absent=absent)


def looked(
    at: rest.Service, path: str, headers: Mapping[str, str], query: Query | None = None, *, counts: bool = False
) -> HttpAnswer:
    """`counts`: the question itself is what the contract counts, so a lost answer is an unknown outcome."""
    try:
        return at.look(f"{path}{asked_for(query or {})}", headers, answer_max=ANSWER_MAX)
    except Unavailable as error:
        if counts and isinstance(error.__cause__, OutcomeUnknown):
            raise OutcomeUnknown(error.message) from error
        raise


def sent(at: rest.Service, path: str, headers: Mapping[str, str], data: Any) -> Any:
    """POST of something that bills nothing."""
    try:
        answer = at.ask(path, headers, data=data, answer_max=ANSWER_MAX)
    except OutcomeUnknown as error:
        raise Unavailable(error.message, "Try again later.") from error
    return understood(at, answer, empty=True)


def understood(
    at: rest.Service,
    answer: HttpAnswer,
    status_of: StatusOf = lambda value: None,
    *,
    empty: bool = False,
    counts: bool = False,
    absent: bool = False,
) -> Any:
    """`absent`: asked for one track, which may be there no more."""
    if absent and answer.status == 404:
        raise NotThere(at.title)
    if not 200 <= answer.status < 300:
        if counts and (answer.status in (502, 504) or answer.status >= 520):
            raise OutcomeUnknown(f"{at.title} did not answer in time (HTTP {answer.status}).")
        raise refusal(at, answer, answer.status)
    if empty and not answer.body.strip():
        return {}
    try:
        if not answer.whole:
            raise ValueError
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        what = "more than fits" if not answer.whole else "something else than JSON"
        told = f"{at.title} answered {what}."
        raise (OutcomeUnknown(told) if counts else Unavailable(told, "Try again later.")) from None
    inside = status_of(value)
    if absent and inside == 404:
        raise NotThere(at.title)
    if inside is not None:
        raise refusal(at, answer, inside)
    return value


def refusal(at: rest.Service, answer: HttpAnswer, status: int) -> ProviderError:
    """What a status means for a question that is free. `status` may be the one inside an answer of 200."""
    words = rest.words(answer)
    told = f": {words}" if words else ""
    if status == 404:
        return Rejected(f"{at.title} does not have what was asked for{told}.", "Look for another track.")
    if status == 401:
        return Rejected(f"{at.title} does not accept the key{told}.", f"Check {at.variable}.")
    if status == 403:
        return Rejected(
            f"{at.title} does not let this account do that{told}.", f"Look at your agreement with {at.title}, and at {at.variable}."
        )  # fmt: skip
    if status == 429:
        wait = wait_of(answer.headers)
        wait = USUAL_WAIT_S if wait is None else wait
        return RateLimited(f"{at.title} is asked too often{told}.", f"Again in {max(1, round(wait))} s.", wait_s=wait)
    if status == 408 or status >= 500:
        return Unavailable(f"{at.title} has a fault of its own (HTTP {status}){told}.", "Try again later.")
    return Rejected(f"{at.title} refused the question (HTTP {status}){told}.", "Change the search.")


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Seconds until it may be asked again, by Retry-After or X-RateLimit-Reset; a reset may be a moment, which is taken
    from the answer's own Date: this machine's clock may be wrong."""
    wait = retry_after_s(headers)
    if wait is None:
        wait = reset_s(headers)
    return None if wait is None else min(wait, LONGEST_WAIT_S)


def reset_s(headers: Mapping[str, str]) -> float | None:
    try:
        wait = float(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    if wait > _FIRST_EPOCH:
        wait -= _sent_at(headers)
    return max(0.0, wait) if math.isfinite(wait) else None


def _sent_at(headers: Mapping[str, str]) -> float:
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return time.time()


def asked_for(query: Query) -> str:
    pairs = [(name, each) for name, value in query.items() for each in (value if isinstance(value, list | tuple) else [value])]  # fmt: skip
    told = [
        (name, f"{each:g}" if isinstance(each, float) else str(each)) for name, each in pairs if each not in (None, "")
    ]
    return f"?{urlencode(told)}" if told else ""


class Pace:
    """At most so many requests within `seconds`, from this process. Waits for its turn."""

    def __init__(
        self,
        most: int,
        seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._times: deque[float] = deque(maxlen=most)
        self._seconds, self._clock, self._sleep = seconds, clock, sleep
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            if len(self._times) == self._times.maxlen:
                wait = self._times[0] + self._seconds - self._clock()
                if wait > 0:
                    self._sleep(wait)
            self._times.append(self._clock())


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
