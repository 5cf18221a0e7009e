"""A studio whose only catalogues are scripted ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.app import Studio
from core.licensing.catalogue import KIND
from tests.licensing.scripted_catalogue import ScriptedCatalogue

Stocked = Callable[..., Studio]


@pytest.fixture
def stocked(studio: Studio) -> Stocked:
    """The studio with these catalogues and no other."""

    def add(*catalogues: ScriptedCatalogue) -> Studio:
        for info in studio.registry.known(KIND):
            studio.registry.switch(KIND, info.name, on=False)
        studio.registry.add(*catalogues)
        for each in catalogues:
            studio.registry.switch(KIND, each.info.name, on=True)
        return studio

    return add
