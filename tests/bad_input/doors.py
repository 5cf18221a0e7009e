"""Every way a recording can come into one studio, within this process; and what all of them owe whoever uses them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import UserError
from tests.bad_input.conftest import clean, remedied

LIBRARY = "/api/audio-studio/library"
ANALYSE = "/api/audio/analyse"


@dataclass(frozen=True)
class Verdict:
    """What one door said about one file."""

    seconds: float | None = None
    warnings: tuple[str, ...] | None = None
    """None: this door has no place for them."""
    refused: str = ""
    report: dict[str, Any] | None = None
    asset_id: str = ""


Door = Callable[[Path], Verdict]


class Doors:
    """Every way a recording can come in, all of one studio and within this process."""

    def __init__(
        self, desk: Studio, client: TestClient, page: Page, typed: Callable[..., tuple[int, str, str]]
    ) -> None:
        self.desk = desk
        self.client = client
        self.page = page
        self.typed = typed

    def by_file(self, *, full: bool) -> dict[str, Door]:
        """The doors that are given the bytes themselves."""
        return {
            "library service": self._service,
            "studio library import": self._cli_import,
            "studio analyse": self._cli_analyse,
            "POST library": self._post_library,
            "POST /upload": self._post_upload,
            "POST analyse": lambda path: self._post_analyse(path, full=False),
        } | ({"POST analyse, full": lambda path: self._post_analyse(path, full=True)} if full else {})

    def _service(self, path: Path) -> Verdict:
        try:
            asset, warnings = self.desk.importing.bring_in(LOCAL, path)
        except UserError as error:
            remedied(error)
            return Verdict(refused=error.message)
        return Verdict(asset.duration_s, tuple(warnings), asset_id=asset.id)

    def _cli(self, *arguments: str) -> Any:
        code, out, err = self.typed(*arguments)
        assert code in (0, 2), err
        if code == 0:
            return json.loads(out)
        lines = err.splitlines()
        assert len(lines) == 2, err
        assert all(line.strip() for line in lines), err
        assert out == ""
        return lines[0]

    def _cli_import(self, path: Path) -> Verdict:
        said = self._cli("library", "import", str(path), "--json")
        return Verdict(refused=said) if isinstance(said, str) else Verdict(said["duration_s"], asset_id=said["id"])

    def _cli_analyse(self, path: Path) -> Verdict:
        said = self._cli("analyse", str(path), "--json")
        if isinstance(said, str):
            return Verdict(refused=said)
        return Verdict(said["duration_s"], tuple(said["warnings"]), report=said)

    def _post(self, url: str, path: Path, **fields: str) -> Any:
        answer = self.client.post(url, data=fields, files={"file": (path.name, path.read_bytes())})
        return answer.json() if answer.status_code in (200, 201) else problem(answer)

    def _post_library(self, path: Path) -> Verdict:
        said = self._post(LIBRARY, path)
        if isinstance(said, str):
            return Verdict(refused=said)
        return Verdict(said["duration"], tuple(said["warnings"]), asset_id=said["id"])

    def _post_upload(self, path: Path) -> Verdict:
        said = self._post("/upload", path)
        if isinstance(said, str):
            return Verdict(refused=said)
        return Verdict(said["duration_s"], tuple(said["warnings"]), asset_id=said["id"])

    def _post_analyse(self, path: Path, *, full: bool) -> Verdict:
        said = self._post(f"{ANALYSE}?wait=120", path, full="true" if full else "")
        if isinstance(said, str):
            return Verdict(refused=said)
        report = said["report"]
        assert report["report"] == ("full" if full else "quick")
        return Verdict(report["duration_s"], report=report, asset_id=report["asset_id"])


@dataclass(frozen=True)
class Page:
    """The functions behind the Analyse tab and the named endpoints, as the page calls them."""

    begin: Callable[..., dict[str, Any]]
    read: Callable[..., dict[str, Any]]
    analyse: Callable[..., dict[str, Any]]
    mix: Callable[..., dict[str, Any]]


def problem(answer: Any) -> str:
    """A 4xx as the contract says: problem details with cause and remedy. Answers its cause."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert all(told[name].strip() for name in ("title", "detail", "hint", "code")), told
    assert "Traceback" not in answer.text
    return str(told["detail"])


@dataclass(frozen=True)
class Kept:
    assets: int
    blobs: frozenset[str]
    jobs: int

    @classmethod
    def of(cls, desk: Studio) -> Kept:
        blobs = frozenset(path.parent.name + path.name for path in desk.settings.blobs.glob("??/*"))
        return cls(
            desk.library.search(LOCAL, drafts=True, parts=True)[1], blobs, len(desk.jobs.list(LOCAL, limit=10_000))
        )


def passed(doors: Doors, path: Path, *, full: bool, note: Callable[[str, object], None]) -> Verdict:
    """The one verdict that all doors share."""
    before = Kept.of(doors.desk)
    said: dict[str, Verdict] = {}
    for name, door in doors.by_file(full=full).items():
        said[name] = door(path)
        note(name, "refused" if said[name].refused else "taken")
    first = said["library service"]
    assert {name: each.refused for name, each in said.items()} == dict.fromkeys(said, first.refused)
    if first.refused:
        assert path.name in first.refused
        assert Kept.of(doors.desk) == before, "a refused file left something behind"
        assert clean(doors.desk) == []
        return first
    assert first.seconds is not None
    assert first.warnings is not None
    for name, each in said.items():
        assert each.seconds == pytest.approx(first.seconds, abs=0.001), name
        assert each.warnings in (None, first.warnings), name
        if each.report is not None:
            believable(each.report)
    by_id(doors, path, first, note)
    return first


def believable(report: dict[str, Any]) -> None:
    """Finite, in range, and every problem inside the recording with a remedy."""
    json.dumps(report, allow_nan=False)
    seconds = report["duration_s"]
    assert report["lufs"] is None or -120 < report["lufs"] < 20
    assert report["bpm"] is None or 20 <= report["bpm"] <= 300
    for found in report["problems"]:
        assert found["remedy"].strip()
        assert -0.001 <= found["start_s"] <= found["end_s"] <= seconds + 0.05, (found, seconds)


def by_id(doors: Doors, path: Path, first: Verdict, note: Callable[[str, object], None]) -> None:
    """The doors that are given a piece of the library: the tab, the named endpoints, mixes, the file itself."""
    desk, client, page = doors.desk, doors.client, doors.page
    asset = desk.library.get(LOCAL, first.asset_id)
    data = path.read_bytes()
    assert (asset.bytes, asset.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    begun = page.begin({"id": asset.id})
    assert "error" not in begun, begun
    assert desk.jobs.wait(LOCAL, begun["job"], 120).status == "done"
    shown = page.read({"job": begun["job"]})
    assert (shown["job"], shown["asset"]["id"]) == (begun["job"], asset.id)
    note("tab Analyse", "taken")
    report = page.analyse(asset.id)["report"]
    assert (report["sample_rate"], report["channels"]) == (asset.sample_rate, asset.channels)
    note("/analyse", "taken")
    for door, parts in {"mix as voice": {"voice_ids": [asset.id]}, "mix as music": {"music_id": asset.id}}.items():
        answer = client.post("/api/mix?wait=120", json={**parts, "stems": False})
        assert answer.status_code == 200, (door, answer.text)
        mixed = desk.library.get(LOCAL, answer.json()["assets"][0]["id"])
        assert mixed.duration_s is not None
        assert mixed.duration_s >= first.seconds - 0.05, door
        samples, _ = soundfile.read(desk.library.file(LOCAL, mixed.id))
        assert np.isfinite(samples).all()
        note(door, "taken")
    for url in (f"{LIBRARY}/{asset.id}/file", f"/media/{asset.id}"):
        head = client.get(url, headers={"Range": "bytes=3-12"})
        assert (head.status_code, head.content) == (206, data[3:13])
        assert head.headers["content-range"] == f"bytes 3-12/{len(data)}"
        assert client.get(url, headers={"Range": "bytes=-7"}).content == data[-7:]
        assert client.get(url, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
        assert client.get(url).content == data
        assert head.headers["content-type"].partition("/")[0] in ("audio", "video"), asset.format
    note("file with Range", "taken")
