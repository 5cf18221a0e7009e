"""The synthesiser: a score in, finished stereo sound and stems out. No samples; every note is made here."""

from core.music.composer.synth.render import RenderedMusic, render

__all__ = ["RenderedMusic", "render"]
