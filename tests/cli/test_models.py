"""studio models: list, pull from a hub or a folder, check, remove."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from core.models.catalogue import find
from tests.cli.conftest import Command
from tests.clouds.hub import LARGE, Hub


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("data", bytes(LARGE))
    return {path: held.getvalue() for path in find("kokoro").everything} | {"config.json": b"{}"}


def test_a_model_is_pulled_checked_and_removed(cli: Command, files: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "models"
    home = {"STUDIO_MODELS_DIR": str(folder)}
    line = cli("models", "list", "--json", **home).json[0]
    assert (line["name"], line["state"], line["licence"]) == ("kokoro", "not there", "Apache-2.0")
    assert "studio models pull kokoro" in cli("models", "list").out
    with Hub(files, "cut") as hub:
        asked = cli("models", "pull", "kokoro", STUDIO_MODELS_URL=hub.url).fails(2)
        assert "Apache-2.0" in asked
        assert "pull kokoro --yes" in asked
        assert hub.asked == []
        told = cli("models", "pull", "kokoro", "--yes", "--json").json
    assert (told["state"], told["place"]) == ("ready", str(folder / "kokoro"))
    assert told["agreed"]
    assert "as it was stored" in cli("models", "list", "--check").out
    (folder / "kokoro/voices/af_sky.pt").write_bytes(bytes(len(files["voices/af_sky.pt"])))
    found = cli("models", "list", "--check")
    assert found.code == 3
    assert "voices/af_sky.pt has other content" in found.out
    assert "MB are free again" in cli("models", "remove", "kokoro").out
    assert "nothing of Kokoro" in cli("models", "remove", "kokoro").fails(2)


def test_from_a_folder_and_what_goes_wrong(cli: Command, files: dict[str, bytes], tmp_path: Path) -> None:
    home = {"STUDIO_MODELS_DIR": str(tmp_path / "models"), "STUDIO_MODELS_URL": "http://127.0.0.1:9"}
    offline = cli("models", "pull", "kokoro", "--yes", **home)
    offline.fails(3)
    for part in ("config.json, kokoro-v1_0.pth and voices/*.pt", str(tmp_path / "models/kokoro"), "--from FOLDER"):
        assert part in offline.err
    usb = tmp_path / "usb"
    assert "not there" in cli("models", "pull", "kokoro", "--yes", "--from", str(usb)).err
    for path in ("config.json", "kokoro-v1_0.pth", "voices/af_heart.pt"):
        (usb / path).parent.mkdir(parents=True, exist_ok=True)
        (usb / path).write_bytes(files[path])
    done = cli("models", "pull", "kokoro", "--yes", "--from", str(usb))
    assert done.code == 0
    assert "kokoro-v1_0.pth differs from what hexgrad/Kokoro-82M published" in done.out
    assert "no model 'chair'" in cli("models", "pull", "chair").fails(2)


def test_a_licence_that_binds_is_asked_once(cli: Command, files: dict[str, bytes], tmp_path: Path) -> None:
    home = {"STUDIO_MODELS_DIR": str(tmp_path / "models"), "STUDIO_MODELS_URL": "http://127.0.0.1:9"}
    usb = tmp_path / "usb"
    usb.mkdir()
    for path in find("xtts").files:
        (usb / path).write_bytes(files["config.json"] if path.endswith(".json") else files["kokoro-v1_0.pth"])
    asked = cli("models", "pull", "xtts", "--from", str(usb), **home).fails(2)
    assert "Coqui Public Model License" in asked
    assert "pull xtts --yes" in asked
    assert "agree xtts --yes" in cli("models", "agree", "xtts", **home).fails(2)
    line = cli("models", "agree", "xtts", "--yes", "--json", **home).json
    who, _, when = line["agreed"].partition(", ")
    assert who
    assert when.startswith("20")
    done = cli("models", "pull", "xtts", "--from", str(usb), **home)
    assert done.code == 0
    assert f"agreed to by {line['agreed']}" in done.out
    cli("models", "remove", "xtts", **home)
    assert cli("models", "list", "--json", **home).json[1]["agreed"] == line["agreed"]


def test_what_no_hub_has_is_taken_from_a_folder(cli: Command, files: dict[str, bytes], tmp_path: Path) -> None:
    home = {"STUDIO_MODELS_DIR": str(tmp_path / "models")}
    said = cli("models", "pull", "vits-es-css10", "--yes", **home).fails(3)
    for part in ("tts_models--es--css10--vits.zip", "unpack", "pull vits-es-css10 --from FOLDER"):
        assert part in said
    usb = tmp_path / "usb"
    usb.mkdir()
    (usb / "config.json").write_bytes(b"{}")
    assert (
        "lacks at least one of model_file.pth" in cli("models", "pull", "vits-es-css10", "--from", str(usb), **home).err
    )
    (usb / "model_file.pth.tar").write_bytes(files["kokoro-v1_0.pth"])
    assert cli("models", "pull", "vits-es-css10", "--from", str(usb), "--json", **home).json["state"] == "ready"
