"""Assets and jobs as the page shows them: plain dicts of short texts, never more than a card needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import StudioError
from core.store.assets import Asset
from core.store.jobs import CANCELLED, DONE, FAILED, PRIORITIES, RUNNING, UNKNOWN, WAITING, Job

BARS = 96
KINDS = {
    "voiceover": "Voice", "music": "Music", "mix": "Mix", "sound_effect": "Effect", "stem": "Stem", "midi": "MIDI",
    "captions": "Captions", "video": "Video", "image": "Picture",
    "document": "Document",
}  # fmt: skip
JOBS = {
    "speech": "Voice",
    "music": "Music",
    "sound_effect": "Sound effect",
    "mix": "Mix",
    "analyse": "Analysis",
    "batch": "Batch",
    "polish": "Polish",
    "voice_training": "Voice training",
    "narration": "Book",
    "scripts": "Script batch",
    "assembly": "Retaken piece",
    "style": "Style",
    "style_lora": "Style training",
    "scenes": "Scene search",
    "score": "Scored film",
    "catalogue_track": "Licensed track",
    "catalogue_sync": "Catalogue sync",
}
STATES = {
    WAITING: "Waiting", RUNNING: "Running", DONE: "Done", FAILED: "Failed", CANCELLED: "Cancelled", UNKNOWN: "Unclear",
}  # fmt: skip
_PRIORITY = {level: name for name, level in PRIORITIES.items()}


def wave(peaks: Sequence[int], bars: int = BARS, height: int = 40) -> str:
    """A waveform of rounded bars as one SVG path: small in the page, sharp at any size. 4 units a bar."""
    if not peaks:
        return ""
    size = len(peaks)
    columns = [max(peaks[i * size // bars : max(i * size // bars + 1, (i + 1) * size // bars)]) for i in range(bars)]
    top = max(*columns, 1)
    middle = height / 2
    reach = [max(1.0, (column / top) * (middle - 2)) for column in columns]
    return "".join(f"M{i * 4 + 2} {middle - r:.1f}V{middle + r:.1f}" for i, r in enumerate(reach))


def clock(seconds: float | None) -> str:
    if seconds is None:
        return ""
    whole = round(seconds) if seconds >= 1 else 1 if seconds > 0 else 0
    return f"{whole // 60}:{whole % 60:02d}"


def ago(moment: Any) -> str:
    seconds = (now() - moment).total_seconds()
    for limit, unit, name in ((90, 1, "just now"), (5400, 60, "min"), (129_600, 3600, "h")):
        if seconds < limit:
            return name if unit == 1 else f"{round(seconds / unit)} {name} ago"
    return f"{moment:%d %b %Y}".lstrip("0")


def money(amount: Any) -> str:
    value = f"{amount:.4f}".rstrip("0")
    whole, _, rest = value.partition(".")
    return f"${whole}.{rest.ljust(2, '0')}"


def audible(asset: Asset) -> bool:
    """Captions have a length too, but nothing to hear."""
    return asset.duration_s is not None and asset.kind not in ("captions", "midi")


def made_with(asset: Asset) -> str:
    """One line: who made it and how."""
    config = asset.generation_config
    settings = config.get("settings", {})
    facts: list[str] = []
    if asset.kind == "voiceover" and config.get("voice_name"):
        facts = [str(config["voice_name"]), f"speed {settings.get('speed', 1):.2f}"]
        if settings.get("pitch"):
            facts.append(f"pitch {settings['pitch']:+g}")
    elif asset.kind in ("music", "stem") and asset.key:
        facts = [asset.key, f"{asset.bpm:.0f} BPM" if asset.bpm else "", (asset.genre or "").capitalize()]
        facts.append(f"seed {config['seed']}" if config.get("seed") is not None else "")
    elif asset.kind == "mix":
        facts = ["Mix", f"{asset.lufs:.1f} LUFS" if asset.lufs is not None else ""]
    elif asset.source == "uploaded":
        facts = ["Upload", asset.format.split(",")[0].upper()]
    return " · ".join(fact for fact in facts if fact)


def asset_row(asset: Asset) -> dict[str, Any]:
    licence = asset.licence
    warning = (
        "not cleared to publish" if not licence.get("publish", True)
        else "no commercial use" if not licence["commercial"]
        else "credit needed" if licence.get("attribution") else ""
    )  # fmt: skip
    return {
        "id": asset.id, "name": asset.name, "kind": KINDS.get(asset.kind, asset.kind), "k": asset.kind,
        "dur": clock(asset.duration_s), "seconds": asset.duration_s or 0, "url": f"/media/{asset.id}",
        "d": wave(asset.peaks), "small": wave(asset.peaks, BARS // 2), "audio": audible(asset), "meta": made_with(asset),
        "licence": licence["title"], "warning": warning, "cost": money(asset.cost_usd), "age": ago(asset.created_at), "made": asset.created_at.timestamp(),
        "favourite": asset.favourite, "rating": asset.rating or 0, "folder": asset.folder, "tags": list(asset.tags),
        "draft": asset.draft, "mixable": audible(asset) and asset.deleted_at is None,
        "example": "example" in asset.tags, "role": asset.role,
        "spoken": asset.kind == "voiceover" and bool(asset.generation_config.get("text") or asset.generation_config.get("chapters")) and not asset.generation_config.get("take"),
        "chapters": len(asset.generation_config.get("chapters") or ()),
    } | _doubt(asset)  # fmt: skip


def _doubt(asset: Asset) -> dict[str, str]:
    """A take that was found wanting, and why."""
    quality = asset.generation_config.get("quality") or {}
    if asset.role != "primary" or quality.get("state") not in ("doubtful", "failed"):
        return {"doubt": "", "doubt_why": ""}
    return {"doubt": quality["state"], "doubt_why": " ".join(row["sentence"] for row in quality["findings"][:4])}


def job_row(studio: Studio, job: Job, place: int | None = None) -> dict[str, Any]:
    """A job with cause and remedy if it failed, and its price so far."""
    cost = (job.result or {}).get("cost_usd")
    failure = studio.jobs.failure(job) if job.status in (FAILED, UNKNOWN) else None
    stage = job.stage if job.status == RUNNING else ""
    if job.status == WAITING:
        stage = "Held" if job.paused else "Next" if place == 0 else f"{place} before it" if place else "In the queue"
    return {
        "id": job.id, "title": job.title, "kind": JOBS.get(job.kind, job.kind.capitalize()), "k": job.kind,
        "state": job.status, "label": "Held" if job.paused and job.status == WAITING else STATES[job.status],
        "stage": stage, "pct": round(job.fraction * 100) if job.status in (RUNNING, DONE) else 0,
        "eta": _eta(job), "cost": money(float(cost)) if cost is not None else "$0.00" if job.status == DONE else "",
        "live": not job.ended, "paused": job.paused, "priority": _PRIORITY.get(job.priority, "normal"),
        "cancelling": job.cancel_requested and not job.ended, "parent": job.parent_id or "",
        "draft": bool(job.request.get("draft")), "retry": job.status in (FAILED, CANCELLED),
        "unclear": job.status == UNKNOWN, "age": ago(job.created_at),
        "cause": failure.message if failure else "", "remedy": failure.hint if failure else "",
    }  # fmt: skip


def _eta(job: Job) -> str:
    if job.ended or job.eta_s is None or (job.status == WAITING and job.paused):
        return ""
    return f"~{clock(max(1.0, job.eta_s))}"


def first_sound(studio: Studio, actor: Actor, job: Job) -> dict[str, Any] | None:
    """What to play of a finished job."""
    try:
        made = studio.jobs.assets(actor, job.id)
    except StudioError:
        return None
    return next((asset_row(asset) for asset in made if audible(asset)), None)
