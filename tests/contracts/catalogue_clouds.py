"""The catalogues as cases: each with the stand-in it speaks to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from core.licensing.providers.files import FreeFiles
from core.licensing.providers.openverse import OpenverseCatalogue
from tests.clouds import openverse
from tests.contracts.catalogue_case import Case, Known


def _openverse(servers: ExitStack) -> Case:
    cloud = servers.enter_context(openverse.OpenverseServer())
    catalogue = OpenverseCatalogue(cloud.url, timeout_s=10, pause_s=0.0)
    known = Known(
        openverse.FIRST, "calm piano",
        {"title": "Calm Piano", "artist": "Ada Moor", "duration_s": 183.0, "genres": ("ambient",), "tags": ("calm", "piano"),
         "page_url": "https://www.jamendo.com/track/1", "terms.kind": "cc", "terms.id": "cc-by-3.0", "terms.commercial": True,
         "terms.derivatives": True, "terms.url": "https://creativecommons.org/licenses/by/3.0/"},
        openverse.GONE, openverse.HOSTILE_ID,
        {"title": "title", "duration": "duration", "licence": "license", "image": "thumbnail"},
    )  # fmt: skip
    return Case(catalogue, cloud, known, FreeFiles(catalogue))


CLOUDS: dict[str, Callable[[ExitStack], Case]] = {"openverse": _openverse}
