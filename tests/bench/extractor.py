"""What essentia itself calls an analysis of a track; a module of its own, because a child process imports it by name."""

from __future__ import annotations

from core.kit.children import Progress


def extract(path: str, _progress: Progress) -> None:
    from core.audio.tempo import essentia_standard

    essentia_standard().MusicExtractor()(path)
