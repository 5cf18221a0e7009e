"""What a catalogue of music is, whoever is behind it: one Protocol, one contract suite (tests/contracts/test_catalogues.py).

A catalogue is a query provider of kind `catalogue`: it is asked through `DirectCalls.query`, which knows the limits, the
cache and the ledger. Its request is a plain dict with an `op`:

    {"op": "search", "search": {…Search…}, "page": 1}      → {"tracks": […], "total": n|None, "more": bool, "notes": […]}
    {"op": "tracks", "ids": ["1", "2"]}                     → {"tracks": […], "gone": ["2"]}      details, fresh addresses
    {"op": "list", "cursor": "", "genres": […]}            → {"tracks": […], "cursor": "…"|""}   for the sync; "" ends it
    {"op": "similar", "id": "1"}                            → {"tracks": […]}
    {"op": "validate", "id": "1"}                           → {"state": "available"|"withdrawn"|"unknown", "terms": {…}, "note": ""}
    {"op": "usage", "ids": […], "platform": "youtube", …}   → {"reported": true}                 where the terms ask for it

`info.capabilities` names the ops it has, the Search fields it obeys by itself ("text", "bpm", …; the rest is filtered
by whoever asks), and how its files come: "preview", "download", "manual" (bought on its site, proof uploaded by hand).

Files come from a make provider of kind `catalogue_file` and the same name: {"id", "form": "preview"|"full"} → Made with one
output. A refresh of the address belongs to it: addresses expire. `full` bills `downloads` where the contract does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from core.licensing.types import Terms
from core.providers.base import Provider, QueryProvider

KIND = "catalogue"
FILES = "catalogue_file"
OPS = ("search", "tracks", "list", "similar", "validate", "usage")
CLASSES: Mapping[str, str] = {"search": "search", "similar": "search", "tracks": "details", "validate": "validation"}
"""Op to the class of its cache; what is not here is never cached."""
FILTERS = (
    "text", "genres", "moods", "instruments", "bpm", "key", "seconds", "vocals", "licences", "commercial", "to_picture",
    "price", "sort",
)  # fmt: skip


class Catalogue(QueryProvider, Protocol):
    @property
    def about_terms(self) -> str:
        """What its operator asks of those who use its API, in a sentence or two; shown beside its settings."""
        ...

    @property
    def steps(self) -> tuple[str, ...]:
        """What a person does by hand to license a track, where the API cannot: shown in the same flow. Empty otherwise."""
        ...


class CatalogueFiles(Provider, Protocol):
    """Of form `make`."""

    def make(self, request: Any, call: Any) -> Any: ...


def standing_terms(provider: str) -> Terms | None:
    """Terms that hold for a whole catalogue (data/reference/catalogues.yaml); None where each track has its own."""
    from core.kit.paths import reference

    found = dict(reference("catalogues")).get(provider, {}).get("terms")
    return None if not found else Terms(**{**found, "conditions": tuple(found.get("conditions", ()))})
