"""The errors a person may read: one line of cause, one of remedy. Nothing else reaches a user."""

from __future__ import annotations

from typing import Any, ClassVar

from core.kit.secrecy import hide


class StudioError(Exception):
    """Cause (`message`), remedy (`hint`) and a stable `code` that tests, doors and the mart can rely on."""

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "failed"

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(hide(message))
        self.message = hide(message)
        self.hint = hide(hint)
        self.code = code or self.default_code

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross process boundaries (child processes, dbos), so every field has to survive pickling.
        return (_rebuild, (type(self), dict(self.__dict__)))

    def as_dict(self) -> dict[str, str]:
        # Hidden here again: the error may come from a child process, which does not know what is secret.
        told = {"kind": type(self).__name__, "message": self.message, "hint": self.hint, "code": self.code}
        return {name: hide(value) for name, value in told.items()}


def _rebuild(kind: type[StudioError], fields: dict[str, Any]) -> StudioError:
    error = kind.__new__(kind)
    Exception.__init__(error, fields.get("message", ""))
    error.__dict__.update(fields)
    return error


class UserError(StudioError):
    """A value the user gave cannot work: the message names the value, the hint what is allowed."""

    exit_code = 2
    default_code = "bad_request"


class NotFound(UserError):
    default_code = "not_found"


class SetupError(StudioError):
    """Something is not installed or configured: the hint is the exact line that mends it."""

    exit_code = 3
    default_code = "missing_setup"


class MoneyError(StudioError):
    """A cap forbids it: names the cap and how much is left."""

    exit_code = 4
    default_code = "cap_reached"


class RightsError(StudioError):
    """A licence forbids it: names the asset, the use, and what would clear it."""

    exit_code = 5
    default_code = "not_cleared"


class AccessError(StudioError):
    exit_code = 2
    default_code = "not_allowed"


class SignInNeeded(AccessError):
    """Nobody is signed in, or what was shown for it does not count (any more)."""

    default_code = "sign_in_needed"


class TooManyTries(AccessError):
    """Too many failed sign-ins; `wait_s` says when to try again."""

    default_code = "too_many_tries"

    def __init__(self, message: str, hint: str = "", code: str = "", *, wait_s: float = 0.0) -> None:
        super().__init__(message, hint, code)
        self.wait_s = wait_s


class Cancelled(StudioError):
    """The user cancelled. Not a failure: nothing is lost that was kept before."""

    default_code = "cancelled"

    def __init__(
        self, message: str = "The job was cancelled.", hint: str = "Submit it again whenever you like."
    ) -> None:
        super().__init__(message, hint, "cancelled")


class ProviderError(StudioError):
    """A provider failed. `cost_nothing` says whether it is known that nothing was billed: only then may the
    call be repeated or fall over to the next provider."""

    default_code = "provider_failed"

    def __init__(
        self, message: str, hint: str = "", code: str = "", *, cost_nothing: bool = False, wait_s: float = 0.0
    ) -> None:
        super().__init__(message, hint, code)
        self.cost_nothing = cost_nothing
        self.wait_s = wait_s


class RateLimited(ProviderError):
    default_code = "rate_limited"

    def __init__(self, message: str, hint: str = "", *, wait_s: float = 1.0) -> None:
        super().__init__(message, hint, cost_nothing=True, wait_s=wait_s)


class Rejected(ProviderError):
    """The provider refused the request itself (content, size, value): another provider may take it."""

    default_code = "rejected"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, cost_nothing=True)


class Unavailable(ProviderError):
    """The provider could not be reached before anything was sent."""

    default_code = "unavailable"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, cost_nothing=True)


class OutcomeUnknown(ProviderError):
    """A paid request was sent and nobody knows whether it was billed. A person decides; nothing is repeated."""

    default_code = "outcome_unknown"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, cost_nothing=False)


def error_from(fields: dict[str, Any]) -> StudioError:
    """The exception that `as_dict` described, for a reader who was not there when it was raised."""
    pending: list[type[StudioError]] = [StudioError]
    kind: type[StudioError] = StudioError
    while pending:
        candidate = pending.pop()
        if candidate.__name__ == fields.get("kind"):
            kind = candidate
        pending.extend(candidate.__subclasses__())
    known = {name: str(fields.get(name, "")) for name in ("message", "hint", "code")}
    extra = {"cost_nothing": False, "wait_s": 0.0} if issubclass(kind, ProviderError) else {}
    return _rebuild(kind, known | extra)
