"""torchaudio beside a torch for the processor.

PyPI has torchaudio only as a build for CUDA. Where torch is one for the processor, loading its optional extension ends in an
OSError, and with it the import of every library that asks whether torchaudio is there, transformers among them. Nothing here
needs the extension: torchaudio goes on without it, as it does where it was built without.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType


def let_torchaudio_in() -> None:
    """Before any import of a neural library. Nothing happens where it is not installed."""
    if "torchaudio" in sys.modules or find_spec("torchaudio") is None:
        return
    try:
        import torchaudio
    except OSError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _without()
        import torchaudio  # noqa: F401


def _without() -> ModuleType:
    """What torchaudio's own module of that name says where the extension was not built."""
    absent = ModuleType("torchaudio._extension")
    answers = {
        "_IS_TORCHAUDIO_EXT_AVAILABLE": False, "_IS_ALIGN_AVAILABLE": False,
        "fail_if_no_align": lambda function: function, "_check_cuda_version": lambda: None,
    }  # fmt: skip
    absent.__dict__.update(answers)
    return absent
