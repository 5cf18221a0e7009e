"""What a file of sound is, by how it begins: what it calls itself is nobody's word to trust."""

from __future__ import annotations

_ENDINGS = ((b"RIFF", ".wav"), (b"fLaC", ".flac"), (b"OggS", ".ogg"), (b"FORM", ".aiff"))


def ending(head: bytes) -> str:
    """Of a file that begins so; .mp3 where nothing tells it."""
    for begins, found in _ENDINGS:
        if head.startswith(begins):
            return found
    return ".m4a" if head[4:8] == b"ftyp" else ".mp3"
