"""A cloud service asked over plain HTTP: where it is, what it answered, and the files it hands out by link."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from core.kit.addresses import is_loopback
from core.kit.errors import OutcomeUnknown, SetupError, StudioError, Unavailable
from core.kit.http import ANSWER_MAX, Http, HttpAnswer, multipart
from core.providers.refusals import LONGEST_SAID, lost

MOST_REDIRECTS = 3
LONGEST_DOWNLOAD_S = 600.0
_MOVED = (301, 302, 303, 307, 308)
_WORDS = ("message", "error", "errors", "detail", "msg")


class NotHad(Exception):
    """A file that is there, or was, could not be fetched. Says why; whoever asked knows what that means for money.
    `begun`: some of it came."""

    def __init__(self, why: str, *, begun: bool = False) -> None:
        super().__init__(why)
        self.begun = begun


@dataclass(frozen=True)
class Service:
    title: str
    vendor: str
    """Its own address, without a slash at the end."""
    setting: str
    """Of its key, as it stands in Settings."""
    base_url: str = ""
    """Another address, for tests and gateways. Only on this machine may it be plain http, and name others that are."""
    timeout_s: float = 60.0
    """Of silence."""

    @property
    def variable(self) -> str:
        return f"STUDIO_{self.setting.upper()}"

    def ask(
        self,
        path: str,
        headers: Mapping[str, str],
        *,
        data: Any = None,
        body: bytes = b"",
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        answer_max: int = ANSWER_MAX,
    ) -> HttpAnswer:
        """POST that may be billed. Unavailable: nothing was sent; OutcomeUnknown: no whole answer came. `body`: as it is,
        its kind among the headers."""
        if form is not None:
            body, kind = multipart(form, files or {})
        else:
            body, kind = body or _packed(data), "application/json"
        try:
            answer = self._http().exchange(
                "POST", self.at(path), {"Content-Type": kind, **headers}, body, answer_max=answer_max
            )
        except OutcomeUnknown as error:
            raise lost(self.title, error.message.rstrip(".")) from error
        except Unavailable as error:
            raise Unavailable(f"{self.title}: {error.message}", error.hint) from error
        if not answer.whole and 200 <= answer.status < 300:
            raise lost(self.title, f"its answer is larger than {answer_max >> 20} MB")
        return answer

    def look(self, path: str, headers: Mapping[str, str], *, answer_max: int = ANSWER_MAX) -> HttpAnswer:
        """GET that is free, whatever comes of it: Unavailable where no whole answer came."""
        try:
            return self._http().exchange("GET", self.at(path), headers, answer_max=answer_max)
        except OutcomeUnknown as error:
            raise Unavailable(f"{self.title}: {error.message}", "Try again later.") from error

    def status(self, path: str, headers: Mapping[str, str]) -> HttpAnswer:
        """As look(), for an address that answers with the file itself once there is one: of a good answer, nothing is
        read."""
        with self._http().get(self.at(path), headers) as answer:
            if answer.status == 200:
                return HttpAnswer(200, b"", answer.headers, whole=False)
            body = bytearray()
            for chunk in answer.chunks:
                body += chunk
                if len(body) >= ANSWER_MAX:
                    break
            return HttpAnswer(answer.status, bytes(body), answer.headers)

    def bring(
        self, url: str, to: Path, *, most_bytes: int, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, str]:
        """The file behind a link; the headers it came with. `headers` go to the first address alone: a redirect may
        lead to somebody else. NotHad says why there is none; half a file is taken away."""
        until = time.monotonic() + LONGEST_DOWNLOAD_S
        try:
            for _ in range(MOST_REDIRECTS + 1):
                with self._http().get(url, headers) as answer:
                    if answer.status in _MOVED and answer.headers.get("location"):
                        url, headers = urljoin(url, answer.headers["location"]), None
                        continue
                    if answer.status != 200:
                        raise NotHad(_link_refused(answer.status))
                    kind = answer.headers.get("content-type", "")
                    if kind.lower().startswith(("text/", "application/json", "application/xml")):
                        raise NotHad(f"its link answers with {kind.partition(';')[0][:40]}, not sound")
                    size = 0
                    with to.open("wb") as file:
                        for chunk in answer.chunks:
                            size += len(chunk)
                            if size > most_bytes:
                                raise NotHad(f"the file behind its link is larger than {most_bytes >> 20} MB")
                            if time.monotonic() > until:
                                raise NotHad("the file behind its link came too slowly")
                            file.write(chunk)
                    if size == 0:
                        raise NotHad("the file behind its link is empty (0 bytes)")
                    return answer.headers
            raise NotHad("its link leads from one address to the next without end")
        except (NotHad, StudioError) as error:
            begun = to.exists() and to.stat().st_size > 0
            to.unlink(missing_ok=True)
            raise NotHad(str(error).rstrip("."), begun=begun) from error

    def at(self, path: str) -> str:
        return f"{self._base()}{path}"

    def _base(self) -> str:
        base = (self.base_url or self.vendor).rstrip("/")
        if not base.startswith("https://") and not self._here():
            raise SetupError(
                f"The address set for {self.title} does not begin with https://, so the key would travel in the open.",
                "Leave it empty for the service's own, or give an https:// address.",
            )
        return base

    def _here(self) -> bool:
        try:
            return is_loopback(urlsplit(self.base_url).hostname or "")
        except ValueError:
            return False

    def _http(self) -> Http:
        return Http(allow_private=self._here(), timeout_s=self.timeout_s)


def usable(key: str, service: Service) -> str:
    """The key, as a header can carry it. SetupError says which setting to mend, never the key."""
    if not key:
        raise SetupError(
            f"{service.title} has no key.",
            f"Put {service.variable}=… into .env and restart, or: studio secrets set {service.setting}",
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise SetupError(f"{service.variable} cannot be a key: it holds blanks or signs no key has.", "Paste the key alone.")  # fmt: skip
    return key


def fields(answer: HttpAnswer) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def words(answer: HttpAnswer) -> str:
    """What a refusal says, of whatever shape; nothing of a web page."""
    found: Any = fields(answer)
    if not found:
        text = answer.body[: 4 * LONGEST_SAID].decode("utf-8", "replace").strip()
        return "" if text.startswith(("<", "{", "[")) else " ".join(text.split())[:LONGEST_SAID]
    return "; ".join(_said(found))[:LONGEST_SAID].rstrip(". ")


def _said(found: Any) -> list[str]:
    if isinstance(found, str):
        return [" ".join(found.split())] if found.strip() else []
    if isinstance(found, list):
        return [each for one in found for each in _said(one)]
    if not isinstance(found, Mapping):
        return []
    named = [each for name in _WORDS for each in _said(found.get(name))]
    return named or [f"{name}: {each}" for name, value in found.items() if isinstance(value, list) for each in _said(value)]  # fmt: skip


def _link_refused(status: int) -> str:
    return (
        f"its link has expired (HTTP {status})" if status in (401, 403, 404, 410) else f"its link answers HTTP {status}"
    )


def _packed(data: Any) -> bytes:
    return b"" if data is None else json.dumps(data).encode()
