"""Weights whose tensors lie in one file or in parts that an index names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.kit.errors import SetupError, UserError
from core.models import pulling
from core.models.catalogue import Weights, catalogue
from core.models.shelf import Shelf
from core.models.taking import take
from tests.clouds.hub import Hub

PARTED = Weights(
    name="parted", title="Parted", what="a test", repo="somebody/Parted", size_mb=1, licence="Apache-2.0", licence_url="",
    terms="", files=("config.json",), voices=(), published={}, sharded="model.safetensors",
)  # fmt: skip


def tensors(content: bytes) -> bytes:
    """A file of that form: the length of its header, the header, what it tells of."""
    header = b'{"__metadata__":{}}'
    return len(header).to_bytes(8, "little") + header + content


CONFIG = {"config.json": b"{}"}
INDEX = "model.safetensors.index.json"
PARTS = {f"model-0000{n}-of-00002.safetensors": tensors(bytes([n]) * 1000) for n in (1, 2)}
IN_PARTS = CONFIG | {INDEX: json.dumps({"weight_map": dict(zip("ab", PARTS, strict=True))}).encode()} | PARTS
WHOLE = CONFIG | {"model.safetensors": tensors(b"x" * 1000)}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


@pytest.mark.parametrize("files", [WHOLE, IN_PARTS], ids=["whole", "parts"])
def test_they_are_pulled_as_they_lie(shelf: Shelf, files: dict[str, bytes]) -> None:
    with Hub(files) as hub:
        place = pulling.pull(PARTED, shelf, hub.url, lambda *said: None, wait_s=0.01)
    assert {path: (place / path).read_bytes() for path in files} == files
    assert shelf.state(PARTED).state == "ready"
    assert set(shelf.manifest(PARTED)) == set(files)
    (place / list(files)[-1]).unlink()
    lost = shelf.state(PARTED)
    assert lost.state == "damaged"
    assert list(files)[-1] in lost.why


@pytest.mark.parametrize("index", [b"{}", b'{"weight_map": {"a": "../../etc.safetensors"}}', b"no json"])
def test_an_index_that_is_none_or_leads_elsewhere_is_refused(shelf: Shelf, index: bytes) -> None:
    with Hub(CONFIG | {INDEX: index}) as hub, pytest.raises(SetupError, match="index"):
        pulling.pull(PARTED, shelf, hub.url, lambda *said: None, wait_s=0.01)
    assert shelf.state(PARTED).state != "ready"


@pytest.mark.parametrize("files", [WHOLE, IN_PARTS], ids=["whole", "parts"])
def test_they_are_taken_from_a_folder(shelf: Shelf, tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = tmp_path / "brought"
    folder.mkdir()
    for path, content in files.items():
        (folder / path).write_bytes(content)
    taken = take(PARTED, shelf, folder, lambda *said: None)
    assert shelf.state(PARTED).state == "ready"
    assert {path.name for path in taken.place.glob("*.safetensors")} == {n for n in files if n.endswith(".safetensors")}
    (folder / list(files)[-1]).write_bytes(b"<html>sign in</html>")
    with pytest.raises(UserError, match="damaged, or not the file"):
        take(PARTED, shelf, folder, lambda *said: None)
    (folder / list(files)[-1]).unlink()
    with pytest.raises(UserError, match="lacks"):
        take(PARTED, shelf, folder, lambda *said: None)


def test_every_model_of_music_is_bound_by_its_licence() -> None:
    music = [weights for weights in catalogue() if weights.name.startswith(("musicgen", "stable-audio"))]
    assert len(music) == 11
    assert all(weights.binding for weights in music)
