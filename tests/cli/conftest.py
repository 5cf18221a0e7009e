"""The command as a person types it (a process of its own), and the same program inside this process for the sweeps."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.cli import main as program


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()

    def fails(self, code: int) -> str:
        """Refused as the contract says: the code, nothing on standard output, one line of cause and one of remedy."""
        assert self.code == code, (self.code, self.out[-300:], self.err[-800:])
        assert "Traceback" not in self.err
        assert len(self.lines) == 2, self.err
        assert all(line.strip() for line in self.lines)
        return self.err


Command = Callable[..., Answer]


@pytest.fixture
def typed(running_studio: Path, tmp_path: Path) -> Command:
    """`studio …` in a process of its own, in an empty folder, with the studio's worker running elsewhere."""

    def run(*arguments: str, stdin: str | None = None, timeout: float = 120, **variables: str) -> Answer:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_")}
        environment |= {"STUDIO_HOME": str(running_studio)} | variables
        done = subprocess.run(
            [str(Path(sys.executable).with_name("studio")), *arguments], env=environment, cwd=tmp_path, input=stdin or "",
            capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def cli(running_studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The same program without the second it takes to start one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_HOME", str(running_studio))

    def run(*arguments: str, stdin: str = "", **variables: str) -> Answer:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["studio", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
            program()
        code = left.value.code
        return Answer(0 if code is None else int(code), out.getvalue(), err.getvalue())

    return run


@pytest.fixture(scope="session")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a quiet chord that nobody has declared the rights of."""
    seconds = np.arange(4 * 22050) / 22050
    samples = sum(0.1 * np.sin(2 * np.pi * hertz * seconds) for hertz in (220.0, 277.2, 329.6))
    path = tmp_path_factory.mktemp("media") / "tone.wav"
    soundfile.write(path, np.asarray(samples, dtype=np.float32), 22050)
    return path
