"""plans, quota, alerts, fixed, calculate, calls, refund: what is paid by the month, what may still be made, what went wrong."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from pydantic import BaseModel

from core.cli.making import Json
from core.cli.session import ACTOR, say, studio
from core.kit.errors import UserError
from core.money.alerts import dollars as amount
from core.money.alerts import words
from core.money.calculator import Calculator, Mix, Volume
from core.money.ledger import Ledger
from core.store import charges

plans = typer.Typer(help="Monthly plans at providers: which there are, and which one you hold.", no_args_is_help=True)
alerts = typer.Typer(help="Alerts you set, beside those of the caps.", no_args_is_help=True)
fixed = typer.Typer(help="Costs that are there whether used or not: a graphics card, storage.", no_args_is_help=True)
calls = typer.Typer(help="Calls without a job whose outcome nobody knows.", no_args_is_help=True)

Provider = Annotated[str, typer.Argument(help="a provider, such as elevenlabs")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a day, YYYY-MM-DD; today without one")]


class PlanLine(BaseModel):
    provider: str
    plan: str
    title: str
    usd_per_month: str
    unit: str
    allowance: str | None
    beyond: str
    example: bool
    source: str
    checked_on: date
    held: bool
    used: str | None
    left: str | None
    resets_on: date | None


class QuotaLine(BaseModel):
    tier: str
    applies: bool
    day_used: int
    day_limit: int | None
    day_left: int | None
    day_resets_at: datetime
    month_used: int
    month_limit: int | None
    month_left: int | None
    month_resets_at: datetime
    fair_use_month: int | None
    usd_each_beyond: str


class RuleLine(BaseModel):
    id: str
    period: str
    what: str
    usd: str | None
    percent: int | None


class AlertLine(BaseModel):
    id: str
    message: str
    created_at: datetime


class AlertLines(BaseModel):
    rules: list[RuleLine]
    open: list[AlertLine]


class FixedLine(BaseModel):
    id: str
    name: str
    provider: str
    usd_this_month: str
    assets: int
    usd_per_asset: str | None


class MixLine(BaseModel):
    usd: str
    plans: list[dict[str, str]]
    parts: list[dict[str, str | int]]


class AdviceLine(BaseModel):
    bought: MixLine | None
    as_you_go: MixLine | None
    embedded: list[dict[str, str]]
    not_embedded: list[str]
    unsold: list[str]


class UnresolvedLine(BaseModel):
    attempt_id: str
    provider: str
    kind: str
    usd: str
    why: str
    created_at: datetime


def dollars(text: str) -> Decimal:
    try:
        return Decimal(text.strip().lstrip("$"))
    except InvalidOperation:
        raise UserError(f"{text[:40]!r} is not an amount.", "Write dollars, such as 10 or 2.50.") from None


@plans.command("list")
def list_plans(
    examples: Annotated[bool, typer.Option("--examples", help="also those of planning documents")] = False,
    as_json: Json = False,
) -> None:
    """Every known plan; the ones you hold with what is left of their allowance."""
    with studio() as opened:
        held = {(state.plan.provider, state.plan.plan): state for state in opened.plans.state()}
        known = [p for p in opened.plans.book.all() if examples or not p.example or (p.provider, p.plan) in held]
    rows = []
    for plan in known:
        state = held.get((plan.provider, plan.plan))
        left = None if state is None or state.left is None else f"{state.left:f}"
        rows.append(
            PlanLine(
                provider=plan.provider, plan=plan.plan, title=plan.title, usd_per_month=f"{plan.usd_per_month:f}",
                unit=plan.unit, allowance=None if plan.allowance is None else f"{plan.allowance:f}",
                beyond=plan.beyond_words, example=plan.example, source=plan.source, checked_on=plan.checked_on,
                held=state is not None, used=None if state is None else f"{state.used:f}", left=left,
                resets_on=None if state is None else state.resets_on,
            )
        )  # fmt: skip
    lines = [
        f"{'*' if row.held else ' '} {row.provider:<11} {row.plan:<20} ${row.usd_per_month:>6} a month  "
        f"{row.allowance or 'no limit of'} {row.unit}, then {row.beyond}"
        + (f"; {row.left if row.left is not None else 'no limit'} left until {row.resets_on}" if row.held else "")
        for row in rows
    ]
    say(list(rows), as_json, "\n".join([*lines, "* you hold it"]))


@plans.command("choose")
def choose_plan(
    provider: Provider, plan: Annotated[str, typer.Argument(help="see: studio plans list")], since: Day = None
) -> None:
    """Hold a plan: its allowance is used before any cash, and what it lists beyond counts."""
    with studio() as opened:
        opened.plans.choose(provider, plan, since.date() if since else None)
    print(f"{provider}: {plan}")


@plans.command("end")
def end_plan(provider: Provider) -> None:
    """Back to pay as you go."""
    with studio() as opened:
        if not opened.plans.end(provider):
            raise UserError(f"You hold no plan at {provider!r}.", "See: studio plans list")
    print(f"{provider}: pay as you go")


def quota(as_json: Json = False) -> None:
    """How much may still be made today and this month."""
    with studio() as opened:
        state = opened.quotas.state(ACTOR)
    fields = {name: getattr(state, name) for name in QuotaLine.model_fields if name != "usd_each_beyond"}
    row = QuotaLine(**fields, usd_each_beyond=f"{state.usd_each_beyond:f}")
    text = f"today {row.day_used} of {_limit(row.day_limit)}, this month {row.month_used} of {_limit(row.month_limit)}"
    say(row, as_json, f"{text} (tier {row.tier})" if row.applies else f"{text}: on your own machine there is no quota")


def _limit(limit: int | None) -> str:
    return "no limit" if limit is None else str(limit)


@alerts.command("list")
def list_alerts(as_json: Json = False) -> None:
    with studio() as opened:
        rules, open_ = opened.alerts.rules(ACTOR), opened.alerts.open(ACTOR)
    answer = AlertLines(
        rules=[RuleLine(id=rule.id, period=rule.period, what=words(rule), percent=rule.percent,
                        usd=None if rule.limit_usd is None else f"{rule.limit_usd:f}") for rule in rules],
        open=[AlertLine(id=alert.id, message=alert.message, created_at=alert.created_at) for alert in open_],
    )  # fmt: skip
    lines = [
        f"{r.id}  {r.what} a {r.period} at {f'${r.usd}' if r.usd else f'{r.percent} % of the cap'}"
        for r in answer.rules
    ]
    lines += [f"{alert.id}  {alert.message}" for alert in answer.open]
    say(answer, as_json, "\n".join(lines) or "No alerts are set, and none went off.")


@alerts.command("add")
def add_alert(
    usd: Annotated[str, typer.Option(help="an amount in dollars")] = "",
    percent: Annotated[int | None, typer.Option(help="or a percentage of the period's cap")] = None,
    period: Annotated[str, typer.Option(help="day or month")] = "day",
    provider: Annotated[str, typer.Option(help="only this provider")] = "",
    kind: Annotated[str, typer.Option(help="only this kind of work")] = "",
    everyone: Annotated[bool, typer.Option("--everyone", help="what all users spend together")] = False,
) -> None:
    with studio() as opened:
        limit = dollars(usd) if usd else None
        rule = opened.alerts.add(
            ACTOR, period=period, usd=limit, percent=percent, provider=provider, kind=kind, everyone=everyone
        )
    print(rule)


@alerts.command("remove")
def remove_alert(rule_id: str) -> None:
    with studio() as opened:
        opened.alerts.remove(ACTOR, rule_id)
    print(f"{rule_id} is gone")


@alerts.command("seen")
def seen_alert(alert_id: str) -> None:
    with studio() as opened:
        opened.alerts.seen(ACTOR, alert_id)
    print(f"{alert_id} is seen")


@fixed.command("list")
def list_fixed(as_json: Json = False) -> None:
    """This month's fixed costs, and what each kept asset carries of them."""
    with studio() as opened:
        shares = opened.fixed_costs.month()
    rows = [
        FixedLine(id=s.cost_id, name=s.name, provider=s.provider, usd_this_month=f"{s.usd:.2f}", assets=s.assets,
                  usd_per_asset=None if s.usd_per_asset is None else f"{s.usd_per_asset:.4f}")
        for s in shares
    ]  # fmt: skip
    lines = [
        f"{r.name:<28} ${r.usd_this_month:>8} this month, over {r.assets} assets"
        + (f": ${r.usd_per_asset} each" if r.usd_per_asset else "") + (f"  {r.id}" if r.id else "")
        for r in rows
    ]  # fmt: skip
    say(list(rows), as_json, "\n".join(lines) or "No fixed costs.")


@fixed.command("add")
def add_fixed(
    name: str,
    usd: Annotated[str, typer.Argument(help="dollars a month")],
    provider: Annotated[str, typer.Option(help="whose work carries it; everything without one")] = "",
    first: Day = None,
    last: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the last day, if known")] = None,
) -> None:
    with studio() as opened:
        cost = opened.fixed_costs.add(
            name, dollars(usd), provider=provider, first_day=first.date() if first else None,
            last_day=last.date() if last else None,
        )  # fmt: skip
    print(cost)


@fixed.command("end")
def end_fixed(cost_id: str, last: Day = None) -> None:
    """It is paid up to that day."""
    with studio() as opened:
        opened.fixed_costs.end(cost_id, last.date() if last else None)
    print(f"{cost_id} has ended")


def calculate(
    speech: Annotated[int, typer.Option(help="characters spoken in a month")] = 0,
    music: Annotated[int, typer.Option(help="pieces of music in a month")] = 0,
    effects: Annotated[int, typer.Option(help="sound effects in a month")] = 0,
    seconds: Annotated[int, typer.Option(help="length of one piece, for who bills by the second")] = 0,
    model: Annotated[list[str] | None, typer.Option(help="only this model; may be given more than once")] = None,
    private: Annotated[bool, typer.Option("--private", help="also plans without commercial use")] = False,
    examples: Annotated[bool, typer.Option("--examples", help="also plans of planning documents")] = False,
    as_json: Json = False,
) -> None:
    """A month's volume, and the cheapest mix of plans and pay-as-you-go for it."""
    wanted = [Volume("speech", speech), Volume("music", music, seconds), Volume("sound_effect", effects, seconds)]
    with studio() as opened:
        calculator = Calculator(opened.prices, opened.plans.book)
        advice = calculator.advise(wanted, models=model or [], commercial=not private, examples=examples)
    answer = AdviceLine(
        bought=_mix(advice.bought), as_you_go=_mix(advice.as_you_go), not_embedded=list(advice.not_free),
        embedded=[{"kind": one.kind, "engine": one.engine, "limits": one.limits} for one in advice.free],
        unsold=list(advice.unsold),
    )  # fmt: skip
    lines = [f"$0 with {one.engine} for {one.kind}: {one.limits}" for one in advice.free]
    lines += [f"no engine here makes {kind}" for kind in advice.not_free]
    lines += _said("bought, the cheapest mix", advice.bought) + _said("bought without any plan", advice.as_you_go)
    say(answer, as_json, "\n".join(lines))


def _mix(mix: Mix | None) -> MixLine | None:
    if mix is None:
        return None
    return MixLine(
        usd=f"{mix.usd:.2f}",
        plans=[{"provider": p.provider, "plan": p.plan, "usd": f"{p.usd:.2f}"} for p in mix.plans],
        parts=[{"kind": p.offer.kind, "provider": p.offer.provider, "model": p.offer.model, "quantity": p.quantity,
                "plan": p.offer.plan, "usd": f"{p.usd:.2f}"} for p in mix.parts],
    )  # fmt: skip


def _said(title: str, mix: Mix | None) -> list[str]:
    if mix is None:
        return [f"{title}: nobody known sells all of it"]
    held = [f"  ${plan.usd:.2f}  plan {plan.title} at {plan.provider}" for plan in mix.plans]
    parts = [
        f"  ${part.usd:.2f}  {part.quantity:,} of {part.offer.kind} at {part.offer.provider}"
        + (f" ({part.offer.model})" if part.offer.model != "*" else "")
        + (
            ", in the plan"
            if part.offer.usd_each is None
            else ", beyond the plan"
            if part.offer.plan
            else ", as you go"
        )
        for part in mix.parts
    ]
    return [f"{title}: ${mix.usd:.2f} a month", *held, *parts]


@calls.command("unresolved")
def list_unresolved(as_json: Json = False) -> None:
    with studio() as opened:
        found = opened.direct.unresolved(ACTOR)
    rows = [
        UnresolvedLine(attempt_id=one.attempt_id, provider=one.provider, kind=one.kind, usd=f"{one.usd:f}", why=one.why,
                       created_at=one.created_at)
        for one in found
    ]  # fmt: skip
    lines = [f"{row.attempt_id}  {row.provider:<12} {row.kind:<8} ${row.usd}  {row.why}" for row in rows]
    say(
        list(rows),
        as_json,
        "\n".join(lines) or "Every call has a known outcome. (For jobs: studio jobs list --status unknown)",
    )


@calls.command("resolve")
def resolve_call(
    attempt_id: Annotated[str, typer.Argument(help="see: studio calls unresolved")],
    billed: Annotated[bool, typer.Option("--billed/--not-billed", help="what the provider's account says")],
) -> None:
    """Say whether it was billed."""
    with studio() as opened:
        opened.direct.resolve(ACTOR, attempt_id, billed=billed)
    print(f"{attempt_id} is resolved")


def refund(
    bill: Annotated[str, typer.Argument(help="the job whose bill came back, in part or whole, or one attempt of it")],
    usd: Annotated[str, typer.Argument(help="dollars")],
    reason: Annotated[str, typer.Option(help="why")],
) -> None:
    """Book money that a provider gave back, as a row of its own."""
    with studio() as opened, opened.store.db.exclusive(Ledger.SUBJECT) as connection:
        paid = [row for row in charges.of_job(connection, bill) if row.settled_usd > 0]
        if len(paid) > 1:
            which = ", ".join(f"{row.attempt_id} (${row.settled_usd:f})" for row in paid)
            raise UserError(f"Job {bill} has {len(paid)} bills.", f"Give one of them: {which}.")
        attempt_id = paid[0].attempt_id if paid else bill
        left = opened.ledger.refund(connection, ACTOR, attempt_id, dollars(usd), reason)
    print(f"refunded; {amount(left)} of that bill can still come back")
