"""The Free Music Archive, which grants no new keys to its API: listed, so that whoever looks for it learns why."""

from __future__ import annotations

from typing import Any

from core.kit.errors import SetupError
from core.licensing.catalogue import KIND
from core.providers.base import Call, Found, ProviderInfo, Units

TITLE = "Free Music Archive"


class FreeMusicArchive:
    info = ProviderInfo(
        name="free-music-archive", title=TITLE, kind=KIND, form="query", resource="net", licence="unknown"
    )
    about_terms = (
        "Its API grants no new keys; each track there has a Creative Commons licence, or terms of its own, on its page."
    )
    steps = (
        "Look for the track on freemusicarchive.org, and note the address of its page and of its licence.",
        "Download it there, and import the file into the library.",
        "Declare its licence with that address, the author and the day; for commercial use, buy a licence at Tribe of Noise PRO.",
    )  # fmt: skip

    def lacks(self) -> SetupError:
        return SetupError(
            "Its API grants no new keys, so it cannot be searched from here.",
            "Openverse and Jamendo have much of the same music; or download a track on freemusicarchive.org, import it and"
            " declare its licence.",
        )

    def about(self) -> str:
        return "no keys issued"

    def maximum(self, request: Any) -> Units:
        return {}

    def query(self, request: Any, call: Call) -> Found:
        raise self.lacks()
