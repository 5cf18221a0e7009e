"""Costs: what was spent and held, plans and what is left of them, quota, alerts, fixed costs, calls nobody knows the end of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import today
from core.kit.errors import AccessError, UserError
from core.money.alerts import dollars as usd
from core.money.alerts import words
from core.money.allowance import PlanState
from core.money.quotas import QuotaState
from core.store import charges
from core.store.plans import AlertRule
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import ago
from ui_gradio.parts.sellers import titles


def money(studio: Studio) -> gr.HTML:
    def state(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        day = today()
        whose = None if actor.is_admin else actor.user_id
        with studio.store.db.read() as connection:
            spent = charges.held(connection, user_id=whose, first_day=day, last_day=day)
            month = charges.held(connection, user_id=whose, first_day=day.replace(day=1), last_day=day)
            lines = charges.summary(connection, first_day=day.replace(day=1), last_day=day, user_id=whose)
        shares = studio.fixed_costs.month() if actor.is_admin else []
        fixed = sum((share.usd for share in shares), Decimal(0))
        called = titles(studio)
        return {
            "admin": actor.is_admin and not studio.settings.demo,
            "today": usd(spent), "month": usd(month), "fixed": usd(fixed), "whole": usd(month + fixed),
            "lines": [
                {"provider": called(row["provider"]), "kind": row["kind"], "count": row["count"],
                 "settled": usd(row["settled_usd"]), "reserved": usd(row["reserved_usd"]) if row["reserved_usd"] else ""}
                for row in lines
            ],
            "quota": _quota(studio.quotas.state(actor)),
            "plans": [_plan(one, called) for one in studio.plans.state()] if actor.is_admin else [],
            "known": [
                {"id": f"{plan.provider}/{plan.plan}", "title": f"{called(plan.provider)}: {plan.title}, {usd(plan.usd_per_month)} a month"}
                for plan in studio.plans.book.all()
            ] if actor.is_admin else [],
            "alerts": [{"id": one.id, "message": one.message, "age": ago(one.created_at)} for one in studio.alerts.open(actor)],
            "rules": [{"id": rule.id, "text": _rule(rule)} for rule in studio.alerts.rules(actor)],
            "providers": sorted(((one, called(one)) for one in {item.info.name for item in studio.registry.readiness()}), key=lambda pair: pair[1].lower()), "kinds": studio.registry.kinds,
            "shares": [
                {"id": share.cost_id, "name": share.name, "provider": called(share.provider), "usd": usd(share.usd),
                 "assets": share.assets, "each": "" if share.usd_per_asset is None else usd(share.usd_per_asset)}
                for share in shares
            ],
            "unresolved": [
                {"id": one.attempt_id, "provider": called(one.provider), "usd": usd(one.usd), "why": one.why, "age": ago(one.created_at)}
                for one in studio.direct.unresolved(actor)
            ],
        }  # fmt: skip

    def hold(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _admin(actor)
        provider, _, plan = str(data.get("plan", "")).partition("/")
        studio.plans.choose(provider, plan)
        return {}

    def let_go(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _admin(actor)
        studio.plans.end(str(data.get("provider", "")))
        return {}

    def add_rule(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        text = str(data.get("amount", "")).strip()
        percent = text.endswith("%")
        amount = _amount(text.rstrip("%"))
        if percent and (not amount.is_finite() or amount != int(amount)):
            raise UserError(f"{text[:40]!r} is no whole percentage.", "For example 80 %.")
        studio.alerts.add(
            actor, period=str(data.get("period", "day")), usd=None if percent else amount,
            percent=int(amount) if percent else None, provider=str(data.get("provider") or ""),
            kind=str(data.get("kind") or ""), everyone=actor.is_admin and studio.settings.sign_in_required,
        )  # fmt: skip
        return {}

    def remove_rule(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        studio.alerts.remove(actor, str(data.get("id", "")))
        return {}

    def seen(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        studio.alerts.seen(actor, str(data.get("id", "")))
        return {}

    def add_fixed(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _admin(actor)
        studio.fixed_costs.add(
            str(data.get("name", "")), _amount(str(data.get("usd", ""))), provider=str(data.get("provider") or ""),
            first_day=today().replace(day=1),
        )  # fmt: skip
        return {}

    def end_fixed(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _admin(actor)
        studio.fixed_costs.end(str(data.get("id", "")))
        return {}

    def resolve(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        studio.direct.resolve(actor, str(data.get("id", "")), billed=data.get("billed") is True)
        return {}

    return part(
        '<div class="health" aria-live="polite"><p class="none">Looking…</p></div>', script="money",
        functions=[door(studio, each) for each in
                   (state, hold, let_go, add_rule, remove_rule, seen, add_fixed, end_fixed, resolve)],
    )  # fmt: skip


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.strip().lstrip("$"))
    except InvalidOperation:
        raise UserError(f"{text[:40]!r} is not an amount.", "Write dollars, such as 10 or 2.50.") from None


def _plan(state: PlanState, called: Callable[[str], str]) -> dict[str, Any]:
    plan, left = state.plan, state.left
    whole = plan.allowance or Decimal(0)
    return {
        "provider": plan.provider, "title": f"{called(plan.provider)}: {plan.title}",
        "text": f"{state.used:,f} {plan.unit} used, no limit" if left is None
        else f"{left:,f} of {whole:,f} {plan.unit} left until {state.resets_on:%d %b}, then {plan.beyond_words}",
        "part": float(state.used / whole) if whole else 0.0, "source": f"{plan.source}; checked {plan.checked_on}",
        "fee": f"{usd(plan.usd_per_month)} a month",
    }  # fmt: skip


def _quota(state: QuotaState) -> dict[str, Any] | None:
    if not state.applies:
        return None
    rows = [
        {"title": f"{name}, {state.tier} tier",
         "text": f"{used} made, no limit" if limit is None else f"{left} of {limit} left, anew on {resets:%d %b} at 00:00 UTC",
         "part": used / limit if limit else 0.0}
        for name, used, limit, left, resets in (
            ("Today", state.day_used, state.day_limit, state.day_left, state.day_resets_at),
            ("This month", state.month_used, state.month_limit, state.month_left, state.month_resets_at),
        )
    ]  # fmt: skip
    fair = state.fair_use_month
    note = "" if fair is None else f"{fair:,} a month are fair use; each one beyond costs {usd(state.usd_each_beyond)}."
    return {"rows": rows, "note": note}


def _rule(rule: AlertRule) -> str:
    at = usd(rule.limit_usd) if rule.limit_usd is not None else f"{rule.percent} % of the cap"
    return f"{words(rule)[0].upper()}{words(rule)[1:]}: at {at} in a {rule.period}"


def _admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise AccessError("Only who runs this studio may change that.", "Ask an administrator.")
