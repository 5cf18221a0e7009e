"""What is ready, what is missing, and the exact line that mends it. Shown by `studio doctor` and the Status page."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from core.app import Studio
from core.kit.errors import StudioError
from core.providers.base import Installed
from core.store import preferences

LOW_DISK_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Check:
    name: str
    state: Literal["ready", "missing", "broken"]
    """missing: works without it; broken: something that should work does not."""
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def checks(studio: Studio) -> list[Check]:
    """Every check, none of which raises: a check that fails is itself a finding."""
    found: list[Check] = []
    for name, look in (
        ("disk", _disk), ("database", _database), ("ffmpeg", _ffmpeg), ("voices", _voices), ("worker", _worker),
        ("mart", _mart), ("ports", _ports), ("credentials", _credentials),
    ):  # fmt: skip
        found.append(_guarded(name, studio, look))
    found += list(_providers(studio))
    return found


def _guarded(name: str, studio: Studio, look: Callable[[Studio], Check]) -> Check:
    try:
        return look(studio)
    except StudioError as error:
        return Check(name, "broken", error.message, error.hint)
    except Exception as error:
        return Check(name, "broken", f"{type(error).__name__}: {error}", "Reinstall with: make studio")


def _disk(studio: Studio) -> Check:
    free = shutil.disk_usage(studio.settings.home).free
    detail = f"{free / 1024**3:.1f} GB free under {studio.settings.home}"
    if free < LOW_DISK_BYTES:
        return Check("disk", "broken", detail, "Free some space, or set STUDIO_HOME to a larger disk.")
    return Check("disk", "ready", detail)


def _database(studio: Studio) -> Check:
    with studio.store.db.write() as connection:
        preferences.write(connection, "doctor", datetime.now(UTC).isoformat())
    kind = "SQLite (WAL)" if studio.store.db.is_sqlite else "PostgreSQL"
    return Check("database", "ready", f"{kind}, readable and writable")


def _ffmpeg(_: Studio) -> Check:
    import imageio_ffmpeg

    from core.audio import ffmpeg

    ffmpeg.executable()
    return Check("ffmpeg", "ready", f"ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}, from the imageio-ffmpeg package")


def _voices(_: Studio) -> Check:
    from core.voice.gallery import curated, engine_voices

    return Check(
        "voices",
        "ready",
        f"{len(curated())} in the gallery, {len(engine_voices())} languages and accents of the engine",
    )


def _worker(studio: Studio) -> Check:
    if studio.worker_alive():
        return Check("worker", "ready", "running")
    return Check("worker", "missing", "none is running; the CLI and notebooks start one for themselves", "make studio")


def _mart(studio: Studio) -> Check:
    path = studio.settings.mart_path
    if not path.exists():
        return Check("mart", "missing", "not built yet", "studio mart refresh")
    as_of = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    return Check("mart", "ready", f"as of {as_of}")


def _ports(studio: Studio) -> Check:
    host = studio.settings.host
    ports = {"page": studio.settings.port, "dashboards": studio.settings.dashboards_port}
    taken = [title for title, port in ports.items() if port_taken(host, port)]
    detail = ", ".join(f"{title} {port} {'in use' if title in taken else 'free'}" for title, port in ports.items())
    if taken and not studio.worker_alive():
        return Check(
            "ports", "broken", f"{detail}, and not by this studio", "Set STUDIO_PORT or STUDIO_DASHBOARDS_PORT."
        )
    return Check("ports", "ready", detail)


def _credentials(studio: Studio) -> Check:
    import c2pa  # type: ignore[import-untyped]

    from core.rights import certificates

    return Check("credentials", "ready", f"exports {certificates.state(studio.settings)} (C2PA {c2pa.sdk_version()})")


def port_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _providers(studio: Studio) -> Iterator[Check]:
    for item in studio.registry.readiness():
        info = item.info
        name = f"{info.kind}: {info.title}"
        if not item.ready:
            yield Check(name, "missing", item.why, item.remedy)
            continue
        cost = "bills " + ", ".join(info.units) if info.paid else "free, on this machine"
        provider = studio.registry.get(info.kind, info.name)
        about = f"; {provider.about()}" if isinstance(provider, Installed) else ""
        yield Check(name, "ready", cost + about)
