"""Find a Chromium for the page tests, or install one: `python tests/browser.py --install` prints where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find() -> str | None:
    """Path of a Chromium on this machine: one on the PATH, or the one Playwright keeps."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> str | None:
    """Playwright's own download first; where that is not reachable, Debian's package, if we may."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    for command in attempts:
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600, check=False)
        found = find()
        if found:
            return found
    return None


if __name__ == "__main__":
    browser = find() or ("--install" in sys.argv and install()) or None
    if browser is None:
        print("No Chromium was found and none could be installed: the page tests will be skipped.", file=sys.stderr)
        print("Install one (Debian: apt install chromium) and run make test again.", file=sys.stderr)
    else:
        print(f"Browser for the page tests: {browser}")
