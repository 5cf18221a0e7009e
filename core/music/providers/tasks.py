"""A service that takes a request, names a task, and is asked with a bearer's key until it is done: Beatoven, Soundraw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.kit.errors import OutcomeUnknown, StudioError, Unavailable
from core.kit.http import HttpAnswer
from core.providers import rest
from core.providers.base import Call
from core.providers.refusals import lost, refused, retry_after_s

_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")
_WAIT_S = 5.0
"""When it says that it is asked too often, not for how long."""


@dataclass(frozen=True)
class Tasks:
    title: str
    at: rest.Service
    what: str
    """Its word for one: "task"."""
    id_field: str

    def begin(self, path: str, body: Mapping[str, Any], call: Call) -> str:
        """The task's id. OutcomeUnknown where the answer names none: it may have been counted."""
        answer = self.at.ask(path, self._headers(call), data=body)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer)
        found = str(rest.fields(answer).get(self.id_field) or "")
        if not _ID.fullmatch(found):
            raise lost(self.title, f"its answer names no {self.what}")
        return found

    def state(self, path: str, call: Call) -> dict[str, Any]:
        """A look costs nothing, so whatever is wrong with it leaves nothing in doubt: Unavailable, to be asked again."""
        answer = self.at.look(path, self._headers(call))
        if answer.status != 200:
            error = self._refusal(answer)
            raise Unavailable(error.message) if isinstance(error, OutcomeUnknown) else error
        found = rest.fields(answer)
        if not found:
            raise Unavailable(
                f"{self.title} answered something else than the state of a {self.what}.", "Try again later."
            )
        return found

    def _headers(self, call: Call) -> dict[str, str]:
        return {"Authorization": f"Bearer {rest.usable(call.key, self.at)}"}

    def _refusal(self, answer: HttpAnswer) -> StudioError:
        wait_s = retry_after_s(answer.headers)
        wait_s = _WAIT_S if wait_s is None else wait_s
        return refused(self.title, answer.status, rest.words(answer), key=self.at.variable, wait_s=wait_s)


def link(found: Any) -> str:
    """NotHad for what is no link."""
    if not isinstance(found, str) or not found:
        raise rest.NotHad("it names no link for it")
    return found
