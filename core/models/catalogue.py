"""The models whose weights the studio knows how to fetch and check, from data/reference/models.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.kit.errors import NotFound
from core.kit.paths import reference


@dataclass(frozen=True)
class Weights:
    name: str
    title: str
    what: str
    repo: str
    """owner/name on the hub."""
    size_mb: int
    """All files together, about."""
    licence: str
    licence_url: str
    terms: str
    files: tuple[str, ...]
    """Needed, as paths in the repository and in the model's folder."""
    voices: tuple[str, ...]
    """Paths of which at least one is needed; of some models none."""
    published: Mapping[str, str]
    """Path to the SHA-256 that its author published, where that is known."""
    binding: bool = False
    """Its licence binds what is made with it: nothing is, until somebody agreed."""
    sharded: str = ""
    """A file of tensors that may lie in parts: then the file of this name with `.index.json` names them."""
    archive: str = ""
    """Where there is no repository: the address of an archive that a person fetches and unpacks."""

    @property
    def everything(self) -> tuple[str, ...]:
        return (*self.files, *self.voices)

    @property
    def index(self) -> str:
        return f"{self.sharded}.index.json"

    def page(self, hub: str) -> str:
        return self.archive or f"{hub.rstrip('/')}/{self.repo}"


def catalogue() -> list[Weights]:
    return [_weights(name, row) for name, row in reference("models").items()]


def find(name: str) -> Weights:
    for weights in catalogue():
        if weights.name == name.strip().lower():
            return weights
    known = ", ".join(weights.name for weights in catalogue())
    raise NotFound(f"There is no model {name[:60]!r}.", f"There is: {known}.", "no_model")


def _weights(name: str, row: Mapping[str, Any]) -> Weights:
    return Weights(
        name=name, title=row["title"], what=row["what"], repo=row.get("repo", ""), size_mb=int(row["size_mb"]),
        licence=row["licence"], licence_url=row["licence_url"], terms=row["terms"], files=tuple(row["files"]),
        voices=tuple(f"{row['folder']}/{voice}{row['ending']}" for voice in row.get("voices", ())) or tuple(row.get("any_of", ())),
        published=dict(row.get("published", {})), binding=bool(row.get("binding")), archive=row.get("archive", ""),
        sharded=row.get("sharded", ""),
    )  # fmt: skip
