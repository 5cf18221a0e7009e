"""The only httpx: requests to addresses that somebody gave us. Public ones only, no redirects, bounded in time and size
(a download, which may be long and large, in silence alone)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.kit.addresses import check_public
from core.kit.errors import OutcomeUnknown, Unavailable

if TYPE_CHECKING:
    import ssl

    import httpx

ANSWER_MAX = 64 * 1024
# Both write whole addresses into the log, and some services are given their key in the address.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    body: bytes
    """At most what was asked for; the rest was not read."""
    headers: Mapping[str, str]
    """Names in lower case."""
    whole: bool = True
    """False: there was more."""


@dataclass(frozen=True)
class Download:
    """An answer whose body is still to be read."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    chunks: Iterator[bytes]
    """As they were sent. Unavailable when the rest does not come."""


class Http:
    """One a service. The address a name leads to is looked up and judged once, then connected to as it is (pinned), so
    that a second look-up cannot lead inside the network."""

    def __init__(self, *, allow_private: bool = False, timeout_s: float = 10.0) -> None:
        self._allow_private = allow_private
        self._timeout_s = timeout_s

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str] | None = None, *, answer_max: int = ANSWER_MAX
    ) -> HttpAnswer:
        """UserError when the address is not allowed, Unavailable when nobody answers in time."""
        import httpx

        target = check_public(url, allow_private=self._allow_private)
        deadline = time.monotonic() + self._timeout_s
        try:
            with self._client() as client, client.stream(
                "POST", target.pinned_url, content=body, headers={**(headers or {}), **target.headers},
                extensions=dict(target.extensions),
            ) as answer:  # fmt: skip
                return HttpAnswer(answer.status_code, _read(answer, answer_max, deadline), dict(answer.headers))
        except (httpx.TimeoutException, TimeoutError):
            raise Unavailable(f"{target.host} did not answer within {self._timeout_s:g} seconds.") from None
        except httpx.HTTPError as error:
            raise Unavailable(f"{target.host} could not be reached: {type(error).__name__}.") from None

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        answer_max: int = ANSWER_MAX,
        within_s: float = 600.0,
    ) -> HttpAnswer:
        """One request that may be billed. Unavailable where nothing was sent, OutcomeUnknown where something was and no
        whole answer came back: silence for `timeout_s`, or not the end of it `within_s`."""
        import httpx

        target = check_public(url, allow_private=self._allow_private)
        deadline = time.monotonic() + within_s
        try:
            with self._client() as client, client.stream(
                method, target.pinned_url, content=body,
                headers={"Accept-Encoding": "identity", **(headers or {}), **target.headers},
                extensions=dict(target.extensions),
            ) as answer:  # fmt: skip
                read = _read(answer, answer_max + 1, deadline)
                whole = len(read) <= answer_max
                return HttpAnswer(answer.status_code, read[:answer_max], dict(answer.headers), whole)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise Unavailable(f"{target.host} cannot be reached.", "Check the network, then try again.") from None
        except (httpx.TimeoutException, TimeoutError):
            raise OutcomeUnknown(f"{target.host} did not answer in time.") from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"{target.host} broke off: {type(error).__name__}.") from None

    @contextmanager
    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[Download]:
        """UserError when the address is not allowed, Unavailable when nobody answers. Redirects are the caller's to
        follow, so that each address is judged."""
        import httpx

        target = check_public(url, allow_private=self._allow_private)
        try:
            with self._client() as client, client.stream(
                "GET", target.pinned_url, headers={"Accept-Encoding": "identity", **(headers or {}), **target.headers},
                extensions=dict(target.extensions),
            ) as answer:  # fmt: skip
                yield Download(answer.status_code, dict(answer.headers), answer.iter_raw())
        except httpx.TimeoutException:
            raise Unavailable(f"{target.host} was silent for {self._timeout_s:g} seconds.") from None
        except httpx.HTTPError as error:
            raise Unavailable(f"{target.host} broke off or could not be reached: {type(error).__name__}.") from None

    def _client(self) -> httpx.Client:
        import httpx

        # trust_env off: a proxy from the environment would look the name up again.
        return httpx.Client(
            follow_redirects=False, trust_env=False, verify=_trusted(), timeout=httpx.Timeout(self._timeout_s)
        )


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are trusted. To read them takes a tenth of a second of processor time: once, not at every
    look at a job that somebody else makes."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _read(answer: httpx.Response, most: int, deadline: float) -> bytes:
    """The timeout of httpx is one of silence; a drip would last for ever, so the whole has a deadline too."""
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) >= most:
            break
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(body[:most])


def multipart(fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes, str]]) -> tuple[bytes, str]:
    """A form as bytes and their content type. `files`: file name, content and type by field."""
    import httpx

    parts: dict[str, tuple[str | None, str | bytes] | tuple[str | None, str | bytes, str]] = {
        **{name: (None, value) for name, value in fields.items()}, **files,
    }  # fmt: skip
    made = httpx.Request("POST", "http://form.invalid", files=parts)
    return made.read(), made.headers["content-type"]
