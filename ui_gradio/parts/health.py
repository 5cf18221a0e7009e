"""Status: what is ready, what is missing and the exact line that mends it; caps, alerts and provider order."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import gradio as gr

from core import doctor
from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import AccessError, UserError
from core.money.budgets import ALERT_PERCENTS
from core.store import budgets
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import ago


def health(studio: Studio) -> gr.HTML:
    def status(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        home = str(studio.settings.home)
        with studio.store.db.read() as connection:
            limit, percents = studio.budgets.limits(connection)["job"]
        alerts = studio.alerts.open(actor)
        caps = [{"scope": "job", "title": "one job with everything under it", "limit": f"{limit:f}", "held": "",
                 "left": "", "part": 0, "alerts": ", ".join(map(str, percents))}]  # fmt: skip
        caps += [
            {"scope": cap.scope, "title": cap.title, "limit": f"{cap.limit_usd:f}", "held": f"{cap.held_usd:.2f}",
             "left": f"{cap.left_usd:.2f}", "part": float(cap.held_usd / cap.limit_usd) if cap.limit_usd else 0,
             "alerts": ", ".join(map(str, cap.alert_percents))}
            for cap in studio.budgets.state(actor.user_id)
            if actor.is_admin or cap.scope == "user_day"  # what all spent together is the administrators' to know
        ]  # fmt: skip
        ready = {(item.info.kind, item.info.name): item for item in studio.registry.readiness()}
        providers = [
            {"kind": kind, "rows": [_provider(ready[kind, name]) for name in studio.registry.order(kind)]}
            for kind in studio.registry.kinds
        ]
        told = [check.as_dict() for check in doctor.checks(studio)]
        if not actor.is_admin:
            # Where things lie on the server is nobody else's business.
            told = [check | {"detail": check["detail"].replace(home, "the data folder")} for check in told]
        checks = [check for check in told if ": " not in check["name"]]
        return {
            "checks": checks, "providers": providers, "caps": caps, "admin": actor.is_admin and not studio.settings.demo,
            "alerts": [{"id": one.id, "message": one.message, "age": ago(one.created_at)} for one in alerts],
            "home": home if actor.is_admin else "",
        }  # fmt: skip

    def set_cap(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _admin(actor)
        text = str(data.get("limit", "")).strip().lstrip("$")
        try:
            limit = Decimal(text)
        except InvalidOperation:
            raise UserError(f"{text[:40]!r} is not an amount.", "Write dollars, such as 10 or 2.50.") from None
        percents = str(data.get("alerts") or "")
        try:
            alerts = tuple(int(one.strip().rstrip("%")) for one in percents.split(",") if one.strip())
        except ValueError:
            raise UserError(f"{percents[:40]!r} are not percents.", "Write whole numbers, such as 75, 90.") from None
        studio.budgets.set_limit(str(data.get("scope")), limit, alerts or ALERT_PERCENTS)
        return {}

    def put_first(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _admin(actor)
        kind, name = str(data.get("kind")), str(data.get("name"))
        order = [one for one in studio.registry.order(kind) if one != name]
        studio.registry.set_order(kind, [name, *order])
        return {}

    def dismiss(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _admin(actor)
        with studio.store.db.write() as connection:
            if data.get("provider"):
                budgets.unblock(connection, str(data["provider"]))
            else:
                budgets.dismiss(connection, str(data.get("id")))
        return {}

    return part(
        '<div class="health" aria-live="polite"><p class="none">Looking…</p></div>',
        script="health", functions=[door(studio, each) for each in (status, set_cap, put_first, dismiss)],
    )  # fmt: skip


def _provider(item: Any) -> dict[str, Any]:
    info = item.info
    return {
        "name": info.name, "title": info.title, "ready": item.ready, "why": item.why, "remedy": item.remedy,
        "price": "bills " + ", ".join(info.units) if info.paid else "free, on this machine",
        "licence": info.licence, "blocked": not item.ready and "once the bill" in item.remedy,
    }  # fmt: skip


def _admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise AccessError(
            "Only the person who runs this studio may change that.", "Run the studio yourself: it is free."
        )
