"""A playlist as a file: JSON with all that is known, CSV for a spreadsheet, M3U8 for a player."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from core.kit.errors import UserError
from core.kit.words import one_line
from core.licensing.playlists.types import Entry, Opened

FORMS = {"json": "application/json", "csv": "text/csv", "m3u8": "application/vnd.apple.mpegurl"}
COLUMNS = (
    "position", "provider", "id", "title", "artist", "album", "duration_s", "bpm", "key", "genres", "moods", "licence",
    "commercial", "attribution", "page_url", "sound_url", "gone", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class File:
    name: str
    media_type: str
    text: str


def file(opened: Opened, form: str, base_url: str = "") -> File:
    if form not in FORMS:
        raise UserError(
            f"A playlist is not written as {form[:20]!r}.", f"Choose one of: {', '.join(FORMS)}.", "bad_form"
        )
    write = {"json": _json, "csv": _csv, "m3u8": _m3u8}[form]
    stem = re.sub(r"[^\w-]+", "-", opened.playlist.name, flags=re.ASCII).strip("-")[:60] or "playlist"
    return File(f"{stem}.{form}", FORMS[form], write(opened, base_url.rstrip("/")))


def address(entry: Entry, base_url: str) -> str:
    """Whole, where the studio's own address is known."""
    url = entry.play.url
    return f"{base_url}{url}" if url.startswith("/") else url


def _json(opened: Opened, base_url: str) -> str:
    shown = opened.playlist
    whole = {
        "name": shown.name, "description": shown.description, "rules": shown.rules, "owner": shown.owner,
        "updatedAt": shown.updated_at.isoformat(), "count": len(opened.entries),
        "tracks": [
            {"position": number, "track": entry.track.as_dict(), "notes": entry.notes, "gone": entry.gone,
             "soundUrl": address(entry, base_url), "why": entry.play.why}
            for number, entry in enumerate(opened.entries, 1)
        ],
    }  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str) + "\n"


def _csv(opened: Opened, base_url: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, entry in enumerate(opened.entries, 1):
        track = entry.track
        row = (
            number, track.provider, track.id, track.title, track.artist, track.album, track.duration_s, track.bpm, track.key,
            ", ".join(track.genres), ", ".join(track.moods), track.terms.title or track.terms.id or track.terms.kind,
            "yes" if track.terms.commercial else "no", track.terms.attribution, track.page_url, address(entry, base_url),
            "yes" if entry.gone else "", entry.notes,
        )  # fmt: skip
        writer.writerow(map(cell, row))
    return out.getvalue()


def cell(value: Any) -> Any:
    """A spreadsheet would run a text that begins like a formula."""
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value[:1] in tuple("=+-@\t\r") or value.lstrip()[:1] in tuple("=+-@") else value


def _m3u8(opened: Opened, base_url: str) -> str:
    """What cannot be heard stands there as a comment, so that the order stays readable."""
    lines = ["#EXTM3U", f"#PLAYLIST:{one_line(opened.playlist.name)}"]
    for entry in opened.entries:
        track = entry.track
        title = one_line(" - ".join(each for each in (track.artist, track.title) if each), 400)
        url = address(entry, base_url)
        if not url or re.search(r"\s", url):
            lines.append(f"# {title}: {entry.play.why or 'its address cannot be written here'}")
            continue
        seconds = -1 if track.duration_s is None else round(track.duration_s)
        lines += [f"#EXTINF:{seconds},{title}", url]
    return "\n".join(lines) + "\n"
