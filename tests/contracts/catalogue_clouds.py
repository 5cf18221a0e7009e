"""The catalogues as cases: each with the stand-in it speaks to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from core.kit.errors import RateLimited, Rejected, Unavailable
from core.licensing.providers.artlist import ArtlistCatalogue, ArtlistFiles
from core.licensing.providers.epidemic import EpidemicCatalogue, EpidemicFiles
from core.licensing.providers.files import FreeFiles
from core.licensing.providers.freesound import FreesoundCatalogue
from core.licensing.providers.hooksounds import HooksoundsCatalogue, HooksoundsFiles
from core.licensing.providers.jamendo import JamendoCatalogue
from core.licensing.providers.openverse import OpenverseCatalogue
from core.licensing.providers.soundstripe import SoundstripeCatalogue, SoundstripeFiles
from tests.clouds import artlist, epidemic, freesound, hooksounds, jamendo, openverse, soundstripe
from tests.clouds.catalogue import HOSTILE
from tests.clouds.service import Fault
from tests.contracts.catalogue_case import Case, Known


def _openverse(servers: ExitStack) -> Case:
    cloud = servers.enter_context(openverse.OpenverseServer())
    catalogue = OpenverseCatalogue(cloud.url, timeout_s=10)
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
    catalogue = FreesoundCatalogue(cloud.url, timeout_s=10)
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


def _few(cloud: Any) -> None:
    """Two pages of seven."""
    cloud.rows.clear()
    for number, title in enumerate(("Calm Piano", HOSTILE, *(f"Piece {n}" for n in range(3, 11))), 71):
        cloud.add(str(number), title)


def _soundstripe(servers: ExitStack) -> Case:
    cloud = servers.enter_context(soundstripe.SoundstripeServer())
    catalogue = SoundstripeCatalogue(cloud.url, timeout_s=10)
    _few(cloud)
    known = Known(
        "71", "calm piano",
        {"title": "Calm Piano", "artist": "The Strings", "duration_s": 2.0, "bpm": 110.0, "key": "A major", "vocals": True,
         "genres": ("Soundtrack / Cinematic",), "terms.kind": "per-project"},
        "99999", "72", {"title": "title", "duration": "seconds", "licence": "", "image": ""},
    )  # fmt: skip
    refusals = {
        "an error inside 200": (soundstripe.error(403, "no access", http=200), Rejected),
        "too often inside 200": (soundstripe.error(429, "slow down", http=200), RateLimited),
    }
    endings = {"preview": ".mp3", "full": ".wav"}
    return Case(catalogue, cloud, known, SoundstripeFiles(catalogue), cloud.KEY, refusals, endings=endings)


def _artlist(servers: ExitStack) -> Case:
    cloud = servers.enter_context(artlist.ArtlistServer())
    catalogue = ArtlistCatalogue(cloud.url, timeout_s=10)
    _few(cloud)
    known = Known(
        "71", "calm piano",
        {"title": "Calm Piano", "artist": "The Band", "album": "First", "duration_s": 2.0, "genres": ("Pop",),
         "terms.kind": "subscription"},
        "99999", "72", {"title": "name", "duration": "duration", "licence": "", "image": "imageUrl"},
    )  # fmt: skip
    refusals = {"too often inside 200": (artlist.error(429, "slow down", http=200), RateLimited)}
    endings = {"preview": ".mp3", "full": ".wav"}
    files = ArtlistFiles(catalogue)
    return Case(catalogue, cloud, known, files, cloud.KEY, refusals, endings=endings, renews=True)


def _hooksounds(servers: ExitStack) -> Case:
    cloud = servers.enter_context(hooksounds.HooksoundsServer())
    catalogue = HooksoundsCatalogue(cloud.url, timeout_s=10)
    _few(cloud)
    known = Known(
        "71", "calm piano",
        {"title": "Calm Piano", "duration_s": 146.0, "bpm": 120.0, "genres": ("Corporate",), "terms.kind": "per-track"},
        "99999", "72", {"title": "title", "duration": "duration", "licence": "", "image": "thumbnail"},
    )  # fmt: skip
    refusals = {"a wrong key inside 200": (hooksounds.said("Invalid API key!"), Rejected)}
    return Case(catalogue, cloud, known, HooksoundsFiles(catalogue), cloud.KEY, refusals)


def _epidemic(servers: ExitStack) -> Case:
    cloud = servers.enter_context(epidemic.EpidemicServer())
    catalogue = EpidemicCatalogue(cloud.url, timeout_s=10)
    _few(cloud)
    known = Known(
        "71", "calm piano",
        {"title": "Calm Piano", "artist": "The Night, A Guest", "duration_s": 2.0, "moods": ("Dreamy",), "vocals": False,
         "terms.kind": "subscription"},
        "99999", "72", {"title": "title", "duration": "length", "licence": "", "image": "images.default"},
    )  # fmt: skip
    return Case(catalogue, cloud, known, EpidemicFiles(catalogue), cloud.KEY)


CLOUDS: dict[str, Callable[[ExitStack], Case]] = {
    "openverse": _openverse, "jamendo": _jamendo, "freesound": _freesound,
    "soundstripe": _soundstripe, "artlist": _artlist, "hooksounds": _hooksounds, "epidemic": _epidemic,
}  # fmt: skip


def opened(names: Iterable[str]) -> Any:
    """A fixture: each of these in turn."""

    @pytest.fixture(params=sorted(names))
    def case(request: pytest.FixtureRequest) -> Iterator[Case]:
        with ExitStack() as servers:
            yield CLOUDS[request.param](servers)

    return case
