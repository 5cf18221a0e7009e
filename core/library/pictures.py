"""Pictures that go with sound: the cover of a book. What a stranger sends is drawn anew, so that nothing of its file is
handed on (no camera's place and time, no trick for somebody's player)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.kit.children import Progress
from core.kit.errors import UserError

LARGEST_PIXELS = 50_000_000
SIDE = 2400
"""What the shops ask of a cover."""
_READ = ("JPEG", "PNG", "WEBP")
_COLOURS = ("#22344a", "#3d2b3d", "#2a4034", "#4a2f24", "#2f2f48")
_SIZE = 1400
_LINES = 6
_LATIN = "\u024f"


def plain_in_child(request: tuple[str, str, str], progress: Progress) -> dict[str, Any]:
    """(picture, where to write a JPEG, its name for messages) → facts. Runs in a child: a hostile file can only hurt that."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    path, out, name = request
    progress("Looking", 0.1)
    unreadable = UserError(f"“{name}” is no picture the studio can read.", "Use a JPEG or PNG file.", "no_picture")
    try:
        with Image.open(path, formats=_READ) as found:
            if found.width * found.height > LARGEST_PIXELS:
                raise UserError(
                    f"“{name}” has {found.width} × {found.height} points, which is more than a cover needs.",
                    f"Make it at most {SIDE} points wide and high.", "too_large",
                )  # fmt: skip
            picture = ImageOps.exif_transpose(found).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise unreadable from None
    picture.thumbnail((SIDE, SIDE))
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    ground.save(out, "JPEG", quality=90)
    return {"format": "jpg", "peaks": [], "warnings": []}


def plain_cover(title: str, author: str, out: Path) -> Path:
    """A cover for a book that has none: its title on one colour. The built-in type has Latin letters only; any other
    title is left to the player to show."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (_SIZE, _SIZE), _COLOURS[sum(title.encode()) % len(_COLOURS)])
    draw = ImageDraw.Draw(picture)
    draw.line((140, 1080, _SIZE - 140, 1080), fill="#ffffff", width=3)
    for text, top, size in ((title, 180, 120), (author, 1130, 64)):
        if any(character > _LATIN and character not in "‘’“”–—…" for character in text):
            continue
        font = ImageFont.load_default(size)
        lines = _wrapped(text, lambda words, font=font: font.getlength(words) <= _SIZE - 280)
        for number, line in enumerate(lines[:_LINES]):
            draw.text((140, top + number * round(size * 1.2)), line, font=font, fill="#ffffff")
    picture.save(out, "JPEG", quality=90)
    return out


def _wrapped(text: str, fits: Any) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and fits(f"{lines[-1]} {word}"):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
