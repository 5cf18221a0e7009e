"""Load the signal libraries once, before there are threads.

scipy's subpackages import each other. Two threads that meet in a first import may see one half loaded; it then stays
broken for the life of the process ("Module 'scipy' has no attribute '_lib'"). Loading takes 0.7 s, which a CLI command
that makes no sound should not pay: so whatever is about to start several threads over sound calls this first (the worker, the page, the synthesiser in
its child process), and nobody else does.
"""

from __future__ import annotations

import threading

_lock = threading.Lock()


def load() -> None:
    with _lock:
        import scipy.fft
        import scipy.io.wavfile
        import scipy.ndimage
        import scipy.signal
        import scipy.special  # noqa: F401
