"""What workers import, for the process that tests/forked.py forks them from."""

from __future__ import annotations

import tests.dying
import tests.scripted
import tests.submitter  # noqa: F401
from core.audio import ready

ready.load()
