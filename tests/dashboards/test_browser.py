"""The dashboards in a real browser: nothing leaves the machine, the page follows the mart, files come down."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import studio_rows

from core.analytics import mart
from core.kit.settings import Settings
from core.store.store import Store
from tests.ports import free_port

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.ui
ROOT = Path(__file__).parents[2]


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboards/app.py", "--server.port", str(port)], cwd=ROOT,
        env=os.environ | {"STUDIO_HOME": str(settings.home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(400):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def test_pages_in_a_browser(settings: Settings, store: Store, address: str) -> None:
    written = studio_rows.fill(store, days=20, per_day=5)
    mart.refresh(settings, store)
    outside: list[str] = []
    with sync_api.sync_playwright() as play:
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
        seen = context.new_page()
        seen.on("request", lambda one: _note(one.url, address, outside))
        seen.on("websocket", lambda one: _note(one.url.replace("ws://", "http://"), address, outside))
        for path, title in (
            ("usage", "Usage"),
            ("queue", "Queue and providers"),
            ("library", "Library and rights"),
            ("music", "Music"),
            ("scenes", "Scenes"),
            ("licences", "Licences"),
            ("", "Costs"),
        ):
            seen.goto(f"{address}/{path}")
            seen.get_by_role("heading", name=title, exact=True).wait_for(timeout=60_000)
            seen.get_by_text("As of").first.wait_for()
            assert seen.get_by_text("Something went wrong").count() == 0
            seen.wait_for_function("document.documentElement.scrollWidth <= 390")
        # The last button is the last one only when the whole page is drawn.
        seen.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=60_000)
        with seen.expect_download() as coming:
            seen.get_by_role("button", name="↓ Parquet").last.click()
        pieces = pd.read_parquet(io.BytesIO(Path(coming.value.path()).read_bytes()))
        assert pieces["cost_usd"].sum() == pytest.approx(float(written.settled_usd), abs=1e-9)
        with store.db.write() as connection:
            studio_rows.add_charge(connection, "job_new", provider="elevenlabs", settled=Decimal("77.77"))
        mart.refresh(settings, store)
        total = f"${float(written.settled_usd) + 77.77:.2f}"  # no reload: the page sees the newer mart by itself
        seen.get_by_test_id("stMetricValue").filter(has_text=total).first.wait_for(timeout=60_000)
        browser.close()
    assert outside == []


def _note(url: str, address: str, outside: list[str]) -> None:
    if not url.startswith((address, "data:", "blob:")):
        outside.append(url)
