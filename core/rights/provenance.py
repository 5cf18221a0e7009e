"""The "who made what" sheet beside every export: what made each part, what it cost and what it may be used for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.rights.gate import Use, Verdict
from core.store import assets, voices
from core.store.assets import Asset, Link


@dataclass(frozen=True)
class Embedded:
    """Whether the exported file itself says who made it (content credentials, C2PA)."""

    embedded: bool
    reason: str = ""
    """Why not."""
    signed_by: str = ""
    claim: str = ""
    source_type: str = ""
    """IPTC's digital source type, where the credentials claim one."""
    own_certificate: bool = False
    """The user's; otherwise the one this studio made for itself."""


def sheet(
    connection: Connection, asset: Asset, use: Use, verdict: Verdict, file_name: str, credentials: Embedded
) -> dict[str, Any]:
    """Everything that went into an asset, as data; `markdown()` prints the same."""
    parts: dict[str, dict[str, Any]] = {}
    total = asset.cost_usd

    def add(one: Asset, role: str) -> None:
        nonlocal total
        if one.id in parts:
            return
        parts[one.id] = _part(one, role)
        for link in assets.sources_of(connection, one.id):
            if link.role == voices.SOURCE_ROLE:
                parts[link.source_id] = _speaker(connection, link)
                continue
            source = assets.source(connection, link.source_id)
            if source is not None:
                if source.id not in parts:
                    total += source.cost_usd
                add(source, link.role)
            else:
                parts[link.source_id] = {"id": link.source_id, "name": link.name, "role": link.role, "made_by": "purged",
                                         "licence": link.licence["title"]}  # fmt: skip

    add(asset, "this file")
    return {
        "file": file_name,
        "asset": asset.id,
        "sha256": asset.sha256,
        "exported_at": now().isoformat(timespec="seconds"),
        "use": {"platform": use.platform, "commercial": use.commercial, "territory": use.territory},
        "cleared": verdict.allowed,
        "credits": list(verdict.credits),
        "total_cost_usd": f"{total:.4f}",
        "content_credentials": asdict(credentials),
        "parts": list(parts.values()),
    }


def _speaker(connection: Connection, link: Link) -> dict[str, Any]:
    """The voice of a living person: what was consented to holds, as it stands now."""
    voice = voices.find(connection, link.source_id)
    licence = voice.licence if voice else link.licence
    withdrawn = {"withdrawn": licence["withdrawn"]} if licence.get("withdrawn") else {}
    return {"id": link.source_id, "name": link.name, "role": link.role, "made_by": "a speaker who consented",
            "licence": licence["title"], **withdrawn}  # fmt: skip


def _part(asset: Asset, role: str) -> dict[str, Any]:
    config = asset.generation_config
    made = {
        name: config[name]
        for name in ("provider", "model", "voice", "seed", "prompt")
        if config.get(name) not in (None, "")
    }
    return {
        "id": asset.id,
        "name": asset.name,
        "role": role,
        "kind": asset.kind,
        "source": asset.source,
        "made_by": made or {"source": asset.source},
        "made_at": asset.created_at.isoformat(timespec="seconds"),
        "by_user": asset.user_id,
        "cost_usd": f"{asset.cost_usd:.4f}",
        "licence": asset.licence["title"],
        "royalty_free": bool(asset.licence["royalty_free"]),
        "commercial_use": bool(asset.licence["commercial"]),
        "licence_note": asset.licence.get("note", ""),
    }


def markdown(data: dict[str, Any]) -> str:
    lines = [
        f"# Who made what: {_plain(data['file'])}",
        "",
        f"Exported {data['exported_at']} for {'commercial' if data['use']['commercial'] else 'non-commercial'} use, "
        f"{data['use']['platform']}. Total cost: ${data['total_cost_usd']}.",
        "",
        "| Part | Role | Made by | Cost | Licence | Commercial use |",
        "|---|---|---|---|---|---|",
    ]
    for part in data["parts"]:
        made = part["made_by"]
        by = made if isinstance(made, str) else ", ".join(f"{name} {value}" for name, value in made.items())
        commercial = {True: "yes", False: "no"}.get(part.get("commercial_use", ""), "")
        cells = [part["name"], part["role"], by, f"${part.get('cost_usd', '0')}", part["licence"], commercial]
        lines.append("| " + " | ".join(_plain(str(cell))[:160] for cell in cells) + " |")
    lines += ["", "## Credits to publish", ""]
    lines += [f"- {_plain(credit)}" for credit in data["credits"]] or ["None required."]
    lines += ["", f"Content credentials (C2PA): {_credentials(data['content_credentials'])}"]
    lines += ["", f"SHA-256 of the stored original: `{data['sha256']}`", ""]
    return "\n".join(lines)


def _credentials(facts: dict[str, Any]) -> str:
    if not facts["embedded"]:
        return f"none of this studio's embedded. {_plain(facts['reason'])}"
    whose = "your own certificate" if facts["own_certificate"] else "this studio's own certificate"
    return f"embedded, signed by {_plain(facts['signed_by'])} ({whose}), claim `{_plain(facts['claim'])}`."


def _plain(text: str) -> str:
    """One table cell: a name may hold anything a person typed."""
    return " ".join(text.replace("|", "/").replace("<", "‹").replace(">", "›").split())
