"""Line icons, drawn for this page."""

from __future__ import annotations

PATHS = {
    "clone": "M8 4a3 3 0 0 1 3 3v3a3 3 0 0 1-6 0V7a3 3 0 0 1 3-3zM3 11a5 5 0 0 0 10 0M8 16v4M16 4.5a3 3 0 0 1 3 3v3a3 3 0 0 1-2.5 2.95M21 11.5a5 5 0 0 1-5 5v3.5",
    "takes": "M4 7h9M4 12h6M4 17h5M17 6a2.5 2.5 0 0 1 2.5 2.5v3a2.5 2.5 0 0 1-5 0v-3A2.5 2.5 0 0 1 17 6zM12.5 12a4.5 4.5 0 0 0 9 0M17 16.5V20",
    "voices": "M3 12v1M6.5 9v7M10 5v15M13.5 9v7M17 11v3M20.5 3v5M18 5.5h5",
    "voice": "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
    "music": "M9 18V6l10-2v12M9 18a3 3 0 1 1-3-3 3 3 0 0 1 3 3zM19 16a3 3 0 1 1-3-3 3 3 0 0 1 3 3z",
    "recommend": "M3.5 5.5h17v13h-17zM3.5 9h17M7.5 5.5V9M12 5.5V9M16.5 5.5V9M10.5 16.2V12l4-.8v4M10.5 16.2a1.1 1.1 0 1 1-1.1-1.1M14.5 15.2a1.1 1.1 0 1 1-1.1-1.1",
    "templates": "M5 3.5h9l5 5V20.5H5zM14 3.5v5h5M9.5 17.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11 16v-4.5l4-1",
    "batch": "M4 6h7M4 12h7M4 18h7M15 5h5v5h-5zM15 14h5v5h-5z",
    "mix": "M6 4v6M6 14v6M12 4v2M12 10v10M18 4v9M18 17v3M4 12h4M10 8h4M16 15h4",
    "analyse": "M4 14v3M8 9v10M12 5v14M16 8v6M20 11v2M14.5 17.5a3 3 0 1 0 6 0 3 3 0 0 0-6 0zM19.7 19.7 22 22",
    "library": "M4 5h6v6H4zM14 5h6v6h-6zM4 15h6v5H4zM14 15h6v5h-6z",
    "licensing": "M6 3.5h8l4 4v5M6 3.5v17h5M14 3.5v4h4M9 10h5M9 13.5h3M16.5 20a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM15 19.5v3l1.5-1 1.5 1v-3",
    "queue": "M4 6h16M4 12h10M4 18h7M18 14v6l4-3z",
    "costs": "M12 3v18M16.5 7.5c-.6-1.6-2.3-2.5-4.5-2.5-2.6 0-4.5 1.3-4.5 3.3 0 4.7 9.5 2.2 9.5 7.2 0 2.1-2.1 3.5-5 3.5-2.6 0-4.5-1.1-5-2.9",
    "status": "M3 12h4l3-7 4 14 3-7h4",
    "team": "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
    "theme": "M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z",
    "charts": "M4 20V10M10 20V4M16 20v-7M21 20H3",
}


def icon(name: str, size: int = 18) -> str:
    return (
        f'<svg aria-hidden="true" viewBox="0 0 24 24" width="{size}" height="{size}" fill="none" stroke="currentColor" '
        f'stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"><path d="{PATHS[name]}"/></svg>'
    )
