"""Small files that unpack to a lot, and names made to do harm: in headers, in folders, on terminals."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.children import Children
from core.kit.errors import UserError
from core.kit.words import one_line
from tests.audio.signals import MEDIA
from tests.bad_input.conftest import clean, errors_logged, refused
from tests.bad_input.doors import ANALYSE, LIBRARY, Doors, passed, problem

# --- bombs ------------------------------------------------------------------------------------------------------------


def silence(path: Path, seconds: int, rate: int, channels: int) -> Path:
    """A FLAC that is a thousand times smaller than what it decodes to."""
    ten = np.zeros((rate * 10, channels), dtype=np.int16)
    with soundfile.SoundFile(path, "w", rate, channels, subtype="PCM_16", format="FLAC") as file:
        for _ in range(seconds // 10):
            file.write(ten)
    return path


def without_length(path: Path) -> Path:
    """As an encoder leaves it that writes to a pipe: STREAMINFO says 0 samples, which means unknown (RFC 9639, 8.2)."""
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    return path


def measured_in_child(request: tuple[str, str], progress: Callable[[str, float], None]) -> tuple[str, float]:
    """(import or analyse, path) → (what was said, the most megabytes this process ever held)."""
    from core.audio.analysis import analyse_file
    from core.library.importing import facts_in_child

    act, path = request
    try:
        if act == "import":
            facts_in_child((path, 7200.0, 2**30), progress)
        else:
            analyse_file({"path": path, "expected_bpm": None, "full": True}, progress)
        said = "taken"
    except UserError as error:
        said = error.code
    # Not ru_maxrss: that begins with what the parent held when it started this process.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return said, int(status.partition("VmHWM:")[2].split()[0]) / 1024


def quiet(name: str, value: object) -> None:
    """Nobody counts these."""


def test_an_archive_that_unpacks_to_a_lot_is_refused_at_every_door(doors: Doors, tmp_path: Path) -> None:
    """What is in an archive is never looked at: nothing is unpacked, whatever its ending says."""
    zeros = bytes(2**20)
    with (
        zipfile.ZipFile(tmp_path / "song.wav", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.wav", "w") as inner,
    ):
        for _ in range(100):
            inner.write(zeros)
    with gzip.open(tmp_path / "song.flac", "wb") as packed:
        for _ in range(100):
            packed.write(zeros)
    for path in tmp_path.iterdir():
        assert path.stat().st_size < 2**18
        assert passed(doors, path, full=False, note=quiet).refused


def in_a_fresh_process(act: str, path: Path) -> tuple[str, float]:
    fresh = Children(limit=1)
    try:
        said, megabytes = fresh.run(measured_in_child, (act, str(path)), timeout_s=120)
    finally:
        fresh.close()
    return said, megabytes


def test_hours_in_a_small_file_are_refused_before_they_fill_the_memory(doors: Doors, tmp_path: Path) -> None:
    """From what they announce, in little more memory than the process takes anyway (about 250 MB with its libraries)."""
    path = silence(tmp_path / "bomb.flac", 10_800, 8000, 1)
    assert path.stat().st_size < 2**20
    for act in ("import", "analyse"):
        said, megabytes = in_a_fresh_process(act, path)
        assert said == "too_long"
        assert megabytes < 400, (act, megabytes)
    assert passed(doors, path, full=False, note=quiet).refused


@pytest.mark.parametrize(
    ("seconds", "rate", "channels", "announced"),
    [
        (1200, 44_100, 2, True),
        (600, 44_100, 2, False),
        pytest.param(7200, 44_100, 2, True, marks=pytest.mark.long),
        pytest.param(540, 96_000, 8, True, marks=pytest.mark.long),
    ],
)
def test_a_long_recording_in_a_small_file_is_brought_in_without_being_held(
    tmp_path: Path, seconds: int, rate: int, channels: int, announced: bool
) -> None:
    """All of them decode to more than 200 MB; the long ones to 2.5 and 1.7 GB."""
    path = silence(tmp_path / "long.flac", seconds, rate, channels)
    assert path.stat().st_size < 2**21
    said, megabytes = in_a_fresh_process("import", path if announced else without_length(path))
    assert said == "taken"
    assert megabytes < 400, megabytes


def test_hours_that_are_not_announced_are_cut_off_while_decoding(doors: Doors, tmp_path: Path) -> None:
    path = without_length(silence(tmp_path / "bomb.flac", 7800, 1000, 1))
    for act in (doors.desk.importing.bring_in, lambda _, path: doors.desk.analysing.now(path)):
        assert "longer than 120 minutes" in refused(lambda act=act: act(LOCAL, path)).message
    assert clean(doors.desk) == []


def test_a_recording_that_does_not_say_how_long_it_is(doors: Doors, tmp_path: Path) -> None:
    """Small ones are read whole, large ones in blocks: both doors take both."""
    noise = np.random.default_rng(1).standard_normal((40 * 44_100, 2)) * 0.1
    for seconds in (2, 40):
        path = tmp_path / f"{seconds}.flac"
        soundfile.write(path, noise[: seconds * 44_100], 44_100)
        without_length(path)
        asset, _ = doors.desk.importing.bring_in(LOCAL, path)
        assert asset.duration_s == pytest.approx(seconds)
        assert doors.desk.analysing.now(path)["duration_s"] == pytest.approx(seconds), path.stat().st_size


def test_a_thousand_ranges_of_one_file_are_not_sent_a_thousand_times(doors: Doors) -> None:
    data = (MEDIA / "mulaw_8khz.wav").read_bytes()
    asset, _ = doors.desk.importing.bring_in(LOCAL, MEDIA / "mulaw_8khz.wav")
    asked = ",".join(f"{start}-{len(data) - 1}" for start in range(1000))
    answer = doors.client.get(f"{LIBRARY}/{asset.id}/file", headers={"Range": f"bytes={asked}"})
    assert answer.status_code in (200, 206, 416)
    assert len(answer.content) <= 2 * len(data)


# --- names ------------------------------------------------------------------------------------------------------------

NAMES = {
    "a line of its own": b'filename="a\r\nX-Evil: 1\r\n\r\n.wav"',
    "a bare newline": b'filename="a\nX-Evil: 1.wav"',
    "percent newline": b'filename="a%0D%0AX-Evil: 1.wav"',
    "quotes": b'filename="a\\"; name=\\"kind.wav"',
    "a second name": b'filename="a.wav"; filename="../../b.wav"',
    "a path up": b'filename="../../../home/a.wav"',
    "a path of windows": b'filename="C:\\up\\..\\a.wav"',
    "an absolute path": b'filename="/etc/passwd"',
    "only dots": b'filename=".."',
    "nothing": b'filename="/"',
    "NUL": b'filename="a\0.wav"',
    "escape sequence": b'filename="a\x1b]0;owned\x07.wav"',
    "right to left": 'filename="a\u202evaw.exe"'.encode(),
    "devanagari": 'filename="नमस्ते दुनिया.wav"'.encode(),
    "no UTF-8": b'filename="\xff\xfe\xe9.wav"',
    "encoded": b"filename=\"x\"; filename*=UTF-8''..%2F..%2Fa%0D%0AX-Evil%3A%201.wav",
    "very long": b'filename="' + b"n" * 3000 + b'.wav"',
    "template": b'filename="{{7*7}}<img src=x onerror=alert(1)>$(id)`id`.wav"',
}


def tree(desk: Studio) -> set[str]:
    """Every file of the data folder that is not the database's and no blob, and all beside it."""
    home = desk.settings.home
    found = {
        str(path) for path in home.parent.rglob("*") if path.is_file() and not path.is_relative_to(desk.settings.blobs)
    }
    return {path for path in found if "sqlite" not in path and "mart" not in path}


@pytest.mark.parametrize("url", [LIBRARY, "/upload", f"{ANALYSE}?wait=60"])
@pytest.mark.parametrize("what", NAMES)
def test_the_name_of_an_upload_is_only_a_title(doors: Doors, what: str, url: str) -> None:
    desk, client = doors.desk, doors.client
    before = tree(desk)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}

    def send(content: bytes) -> Any:
        head = b'--x\r\nContent-Disposition: form-data; name="file"; ' + NAMES[what]
        return client.post(url, content=head + b"\r\n\r\n" + content + b"\r\n--x--\r\n", headers=kind)

    harmful = send(b"no sound at all")
    problem(harmful)
    assert "x-evil" not in harmful.headers
    answer = send((MEDIA / "very_short_20ms.wav").read_bytes())
    assert tree(desk) == before
    if answer.status_code not in (200, 201):
        problem(answer)
        return
    said = answer.json()
    asset = desk.library.get(LOCAL, said["id"] if "id" in said else said["report"]["asset_id"])
    assert asset.name
    assert len(asset.name) <= 200
    assert asset.name == one_line(asset.name)
    assert not set(asset.name) & set('/\\"<>|')
    for path in (
        f"{LIBRARY}/{asset.id}/file",
        f"/media/{asset.id}",
        f"/export/{asset.id}?pack=false",
        f"/export/{asset.id}",
    ):
        sound = client.get(path)
        assert sound.status_code == 200, path
        assert "x-evil" not in sound.headers
        disposition = Message()
        disposition["Content-Disposition"] = sound.headers["content-disposition"]
        name = disposition.get_filename("")
        assert name.endswith((".wav", ".zip")), name
        assert not set(name) & set('/\\"\r\n\0'), name
        assert len(disposition.get_params([], header="content-disposition")) == 2, disposition


def test_no_control_character_gets_from_a_file_name_to_a_terminal_or_a_row(doors: Doors, tmp_path: Path) -> None:
    name = "a\nb\x1b]0;owned\x07\x1b[31mc.wav"
    (tmp_path / name).write_bytes(b"no sound")
    for arguments in (("library", "import"), ("analyse",)):
        code, out, err = doors.typed(*arguments, str(tmp_path / name))
        assert (code, out, len(err.splitlines())) == (2, "", 2), err
        assert all(line.isprintable() for line in err.splitlines()), err
    (tmp_path / name).write_bytes((MEDIA / "very_short_20ms.wav").read_bytes())
    for given in ((), ("--name", "x\ny\x1b[2Jz")):
        code, out, err = doors.typed("library", "import", str(tmp_path / name), *given)
        assert (code, err) == (0, "")
        assert all(line.isprintable() for line in out.splitlines()), out
        asset = doors.desk.library.get(LOCAL, out.split()[0])
        assert asset.name == one_line(asset.name)
    asset, _ = doors.desk.importing.bring_in(LOCAL, tmp_path / name, name="\0x\r\ny\ud800")
    assert asset.name == "x y"


def test_nothing_of_all_this_was_left_lying_around(desk: Studio) -> None:
    assert clean(desk) == []
    assert errors_logged(desk) == ""
