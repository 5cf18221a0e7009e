"""The catalogues as cases: each with the stand-in it speaks to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from core.kit.errors import RateLimited, Rejected, Unavailable
from core.licensing.providers.files import FreeFiles
from core.licensing.providers.freesound import FreesoundCatalogue
from core.licensing.providers.jamendo import JamendoCatalogue
from core.licensing.providers.openverse import OpenverseCatalogue
from tests.clouds import freesound, jamendo, openverse
from tests.clouds.service import Fault
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
    refusals: dict[str, tuple[Fault, type[Exception]]] = {
        "field by field": (Fault(400, {"detail": {"q": ["Ensure it has no more than 200 characters."]}}), Rejected),
        "too much at once": (Fault(401, {"detail": "page_size must be between 1 & 20"}), Rejected),
    }
    return Case(catalogue, cloud, known, FreeFiles(catalogue), refusals=refusals)


def _jamendo(servers: ExitStack) -> Case:
    cloud = servers.enter_context(jamendo.JamendoServer())
    catalogue = JamendoCatalogue(cloud.url, timeout_s=10)
    known = Known(
        jamendo.FIRST, "calm piano",
        {"title": "Calm Piano", "artist": "Both", "album": "Rain Days", "duration_s": 183.0, "genres": ("ambient",),
         "moods": ("calm",), "instruments": ("piano",), "vocals": False, "released": "2021-04-11", "preview_only": False,
         "terms.id": "cc-by-nc-sa-3.0", "terms.commercial": False, "terms.derivatives": True, "terms.share_alike": True},
        jamendo.GONE, jamendo.HOSTILE_ID,
        {"title": "name", "duration": "duration", "licence": "license_ccurl", "image": "image"},
    )  # fmt: skip
    refusals: dict[str, tuple[Fault, type[Exception]]] = {
        "client": (jamendo.refusal(5, "Your credential is not authorized."), Rejected),
        "suspended": (jamendo.refusal(11, "Application suspended"), Rejected),
        "too often": (jamendo.refusal(6, "Rate limit exceeded"), RateLimited),
        "its fault": (jamendo.refusal(1, "An exception"), Unavailable),
        "a code as text": (Fault(200, {"headers": {"status": "success", "code": "5"}, "results": []}), Rejected),
        "no code": (Fault(200, {"headers": {"status": "failed"}, "results": []}), Unavailable),
        "no head": (Fault(200, {"results": []}), Unavailable),
    }
    return Case(catalogue, cloud, known, FreeFiles(catalogue), cloud.KEY, refusals)


def _freesound(servers: ExitStack) -> Case:
    cloud = servers.enter_context(freesound.FreesoundServer())
    catalogue = FreesoundCatalogue(cloud.url, timeout_s=10, pause_s=0.0)
    known = Known(
        freesound.FIRST, "calm piano",
        {"title": "calm piano.wav", "artist": "ada", "duration_s": 183.4, "tags": ("music", "calm", "piano"),
         "preview_only": True, "popularity": 71.0, "released": "2014-04-16", "terms.id": "cc-by-4.0",
         "terms.commercial": True, "terms.conditions": ("Its author's wish about training of AI: no training.",)},
        freesound.GONE, freesound.HOSTILE_ID,
        {"title": "name", "duration": "duration", "licence": "license", "image": ""},
    )  # fmt: skip
    return Case(
        catalogue, cloud, known, FreeFiles(catalogue), cloud.KEY, {"of a day": (freesound.OF_A_DAY, RateLimited)}
    )


CLOUDS: dict[str, Callable[[ExitStack], Case]] = {
    "openverse": _openverse, "jamendo": _jamendo, "freesound": _freesound,
}  # fmt: skip
