"""Plain sentences as cron lines: “every Monday at 09:00”, “every weekday at 6 pm”, “every 15 minutes”."""

from __future__ import annotations

import re

_DAYS = {
    "monday": "MON", "tuesday": "TUE", "wednesday": "WED", "thursday": "THU", "friday": "FRI", "saturday": "SAT",
    "sunday": "SUN",
}  # fmt: skip
_GROUPS = {"day": "*", "weekday": "MON-FRI", "working day": "MON-FRI", "weekend": "SAT,SUN"}
_CLOCK = r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>am|pm)?"
_STEP = re.compile(r"every (?P<step>\d{1,2}) (?P<unit>minute|hour)s?")
_AT = re.compile(rf"(?:every|each) (?P<days>.+?),? at (?:{_CLOCK}|(?P<named>midnight|noon))(?: o'clock)?")
_MONTH = re.compile(r"month on the (?P<day>\d{1,2})(?:st|nd|rd|th)?|month on the (?P<last>last) day|month")
_SIMPLE = {"every minute": "* * * * *", "every hour": "0 * * * *", "hourly": "0 * * * *"}


def line_of(sentence: str) -> str | None:
    """Five fields, or None where this is no sentence we read."""
    said = sentence.lower().strip(" .!")
    if said in _SIMPLE:
        return _SIMPLE[said]
    if step := _STEP.fullmatch(said):
        count = int(step["step"])
        # Only what divides the hour or the day comes at even distances.
        if step["unit"] == "minute":
            return f"*/{count} * * * *" if count and 60 % count == 0 else None
        return f"0 */{count} * * *" if count and 24 % count == 0 else None
    at = _AT.fullmatch(re.sub(r"^(daily|weekdays) at", _spelt, said))
    clock = at and _clock(at)
    if not at or not clock:
        return None
    if month := _MONTH.fullmatch(at["days"]):
        return f"{clock} {'L' if month['last'] else month['day'] or '1'} * *"
    days = _weekdays(at["days"])
    return f"{clock} * * {days}" if days else None


def _spelt(match: re.Match[str]) -> str:
    return {"daily": "every day at", "weekdays": "every weekday at"}[match[1]]


def _clock(at: re.Match[str]) -> str:
    if at["named"]:
        return "0 12" if at["named"] == "noon" else "0 0"
    hour, minute = int(at["hour"]), int(at["minute"] or 0)
    if at["half"]:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if at["half"] == "pm" else 0)
    return f"{minute} {hour}" if hour < 24 and minute < 60 else ""


def _weekdays(said: str) -> str:
    if said in _GROUPS:
        return _GROUPS[said]
    names = [each.removesuffix("s") for each in re.split(r"\s*(?:,|\band\b)\s*", said) if each]
    return ",".join(_DAYS[each] for each in names) if names and all(each in _DAYS for each in names) else ""
