"""Every notebook runs from top to bottom, alone and beside a running studio, and shows what it promises."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

from core.app import build_studio
from core.kit.actor import LOCAL
from core.kit.paths import ROOT
from core.kit.settings import load_settings
from tests import warm
from tests.leftovers import remaining

SHOWN = {
    "02": ("Emma", "lufs"), "03": ("espeak", "user_day"), "04": ("elevenlabs", "words_per_minute", "espeak"),
    "05": ("not a clone", "pitch_hz", "consent", "<audio controls"), "tu": ("too few to say", "Too few to say", "tuned:"),
    "cl": ("EX-2026-1009", "cleared: True", "1 of 1 uses are covered", "blocked: "),
    "sc": ("LUFS, $0, ", "At most $0, by composer", "Motion ", "cue", "<audio"),
}  # fmt: skip
"""What the page of each has to say."""
BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kernel called python3 that is this interpreter, whatever else is installed on the machine."""
    data = tmp_path_factory.mktemp("jupyter")
    spec = data / "kernels" / "python3"
    spec.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Python 3", "language": "python"}))
    return data


def execute(book: Path, home: Path, kernels: Path, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Any:
    monkeypatch.setenv("STUDIO_HOME", str(home))
    monkeypatch.setenv("JUPYTER_PATH", str(kernels))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
    notebook = nbformat.read(book, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.create_kernel_manager()
    client.km.kernel_spec_manager = KernelSpecManager(
        kernel_dirs=[str(kernels / "kernels")], ensure_native_kernel=False
    )
    return client.execute()


def shown(notebook: Any) -> str:
    """Everything the notebook printed or displayed, in its richest text form."""
    texts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts.append(
                output.get("text") or data.get("text/html") or data.get("text/markdown") or data.get("text/plain") or ""
            )
    return "\n".join(texts)


def test_there_are_eight_and_none_holds_outputs() -> None:
    assert [book.name[:2] for book in BOOKS] == ["01", "02", "03", "04", "05", "cl", "sc", "tu"]
    for book in BOOKS:
        notebook = nbformat.read(book, as_version=4)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            assert not cell.get("outputs"), f"{book.name} was saved with its outputs"
            assert cell.get("execution_count") is None


def test_speak_compose_mix(tmp_path: Path, kernels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nobody else there: the notebook runs a worker for itself and leaves none behind."""
    home = tmp_path / "home"
    warm.lend_caches(home)
    answer = shown(execute(BOOKS[0], home, kernels, monkeypatch, tmp_path))
    assert answer.count("<audio controls") == 3
    assert "00:00:00," in answer
    assert "# Who made what: Harbour morning.mp3" in answer
    assert "provider espeak" in answer
    assert "provider composer" in answer
    [file] = (home / "exports").glob("*.mp3")
    assert file.stat().st_size > 50_000
    after = build_studio(load_settings(home=home))
    try:
        assert not after.worker_alive()
        assert after.library.search(LOCAL, kinds=["mix"])[1] == 1
        assert remaining(after.settings.work) == []
    finally:
        after.close()


@pytest.mark.parametrize("book", BOOKS[1:], ids=lambda book: book.stem)
def test_beside_a_running_studio(
    book: Path, running_studio: Path, tmp_path: Path, kernels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = build_studio(load_settings(home=running_studio))
    try:
        with beside.store.db.read() as connection:
            from core.store import workers

            before = [worker.pid for worker in workers.everyone(connection)]
        answer = shown(execute(book, running_studio, kernels, monkeypatch, tmp_path))
        with beside.store.db.read() as connection:
            after = [worker.pid for worker in workers.everyone(connection)]
        assert after == before, "the notebook started a worker although one was running"
        assert "plotly" in answer.lower()
        assert "<table" in answer
        for word in SHOWN[book.name[:2]]:
            assert word in answer
    finally:
        beside.close()
