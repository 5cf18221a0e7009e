"""One catalogue as the contract suite asks it: the stand-in it speaks to, and what is known to be in there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from core.kit.children import Children
from core.licensing.types import Track
from core.providers.base import Call, Made
from tests.clouds.service import Fault


@dataclass(frozen=True)
class Known:
    """What the stand-in holds."""

    first: str
    """Id of a track that `text` finds, and that is as `facts` says."""
    text: str
    facts: Mapping[str, Any]
    """Fields of Track, and those of its Terms with "terms." before their name."""
    gone: str
    """An id as it writes them, of no track."""
    hostile: str
    """A track whose title is tests.clouds.catalogue.HOSTILE."""
    fields: Mapping[str, str]
    """Where a row of the stand-in has them: title, duration, licence ("": it has none of its own), image (a link)."""


@dataclass(frozen=True)
class Case:
    catalogue: Any
    """A core.licensing.catalogue.Catalogue; constructed with (base_url, timeout_s)."""
    cloud: Any
    """A tests.clouds.catalogue.CatalogueServer."""
    known: Known
    files: Any = None
    """Its core.licensing.catalogue.CatalogueFiles; None: it hands out none."""
    key: str = ""
    refusals: Mapping[str, tuple[Fault, type[Exception]]] = field(default_factory=dict)
    """Refusals of its own, beside the HTTP status: what each has to become."""
    silent_404: bool = False
    """A track it has not is no 404 but an answer without it."""

    endings: Mapping[str, str] = field(default_factory=lambda: {"preview": ".mp3", "full": ".mp3"})
    """What its files are, by form."""
    renews: bool = False
    """A 401 is asked again once, with a token that is new."""

    def call(self, key: str | None = None, folder: Path = Path(), children: Children | None = None) -> Call:
        return Call("attempt_1", folder, cast(Children, children), key=self.key if key is None else key)

    def ask(self, op: str, **request: Any) -> Any:
        return self.catalogue.query({"op": op, **request}, self.call()).value

    def search(self, page: int = 1, **search: Any) -> Any:
        return self.ask("search", search={"text": self.known.text} | search, page=page)

    def found(self, op: str = "search", **request: Any) -> list[Track]:
        answer = self.search(**request) if op == "search" else self.ask(op, **request)
        return [Track.of(row) for row in answer["tracks"]]

    def made(self, folder: Path, children: Children, form: str = "preview", track_id: str = "") -> Made:
        request = {"id": track_id or self.known.first, "form": form}
        made: Made = self.files.make(request, self.call(None, folder, children))
        return made

    def row(self, which: str = "first") -> dict[str, Any]:
        """As the service holds it: changed here, it is changed there."""
        found: dict[str, Any] = self.cloud.rows[getattr(self.known, which)]
        return found

    def again(self, base_url: str, timeout_s: float = 10.0) -> Case:
        """The same with another address or less patience."""
        return Case(type(self.catalogue)(base_url, timeout_s), self.cloud, self.known, None, self.key)
