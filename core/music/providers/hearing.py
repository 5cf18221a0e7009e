"""What a service sent, as files that can be played: looked into before anybody says that it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.audio.endings import ending
from core.calls.heard import MOST_BYTES, Heard, figures, heard
from core.kit.errors import OutcomeUnknown, StudioError
from core.music.engine import obeyed
from core.music.types import MusicRequest
from core.providers.base import Call, Output, ProviderInfo
from core.providers.refusals import NoSound
from core.providers.rest import NotHad

__all__ = ["MOST_BYTES", "Heard", "fetched", "figures", "heard", "keep", "primary", "warnings"]

TRIES = 3
_PAUSE_S = 0.5


def keep(place: Path, data: bytes, call: Call) -> tuple[Path, Heard | None]:
    """The bytes as a file, `place` and the ending that its content asks for. NoSound where nothing can be played."""
    if not data:
        raise NoSound("the sound in its answer is empty (0 bytes)")
    path = place.with_suffix(ending(data[:12]))
    path.write_bytes(data)
    try:
        return path, heard(path, call)
    except NoSound:
        path.unlink(missing_ok=True)
        raise


def fetched(
    title: str, what: str, place: Path, bring: Callable[[Path], None], call: Call, tries: int = TRIES
) -> tuple[Path, Heard | None]:
    """A file that the service has made: brought, looked into, and brought again where that went wrong, for nothing is
    billed by looking. `bring(path)` asks for the link anew and raises NotHad. OutcomeUnknown says what is lost."""
    why = ""
    for number in range(tries):
        if number:
            time.sleep(_PAUSE_S * number)
        try:
            path, found = _brought(place, bring, call)
        except OutcomeUnknown:
            raise
        except (NotHad, NoSound, StudioError) as error:
            why = str(error).rstrip(".")
            continue
        if found is None or not found.warnings or number == tries - 1:
            return path, found
    raise OutcomeUnknown(
        f"{title} has made {what}, which it bills, but it could not be fetched: {why}."
        " Where your account there still shows it, download it and import it"
    )


def _brought(place: Path, bring: Callable[[Path], None], call: Call) -> tuple[Path, Heard | None]:
    raw = place.with_suffix(".part")
    try:
        bring(raw)
        with raw.open("rb") as file:
            path = place.with_suffix(ending(file.read(12)))
        found = heard(raw, call)
        raw.replace(path)
        return path, found
    finally:
        raw.unlink(missing_ok=True)


def primary(path: Path, found: Heard | None, request: MusicRequest, info: ProviderInfo, **more: Any) -> Output:
    """`more`: what the service itself says of the piece, such as its tempo."""
    asked = {name: getattr(request, name) for name in ("mood", "genre", "intensity") if name in obeyed(info)}
    facts = {name: value for name, value in (asked | more).items() if value is not None}
    return Output("primary", path, "music", facts | figures(found))


def warnings(found: Heard | None, wanted_s: float) -> dict[str, Any]:
    """What is wrong with a piece that is kept all the same, as a fact of it."""
    if found is None:
        return {"warnings": ["It could not be looked into here."]}
    told = list(found.warnings)
    if abs(found.seconds - wanted_s) > max(1.5, 0.05 * wanted_s):
        told.append(f"{wanted_s:g} s were asked for, and {found.seconds:.1f} s came.")
    return {"warnings": told} if told else {}
