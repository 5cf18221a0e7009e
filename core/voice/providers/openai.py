"""Speech from OpenAI, or from any server that speaks its API (`base_url`), through the official SDK.

All of OpenAI's own speech models end on 2027-01-06 (data/reference/voices/openai.yaml). Another's server goes by the same
names of models, but has its own voices and no such end. Nothing is tried twice here: core.calls.metered alone repeats.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from core.kit.addresses import is_loopback
from core.kit.clock import today
from core.kit.errors import OutcomeUnknown, ProviderError, Rejected, SetupError, Unavailable, UserError
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.providers.refusals import lost, refused, unreachable
from core.voice.engine import Utterance
from core.voice.languages import name_of
from core.voice.providers import openai_models as catalogue
from core.voice.providers.openai_answer import TITLE, receive
from core.voice.types import Emotion, Voice

KEY = "openai_api_key"
OWN_URL = "https://api.openai.com/v1"
_CONNECT_S, _WRITE_S = 10.0, 30.0
_READ_S = 180.0
"""Between two pieces of the answer; before the first, 4,096 characters take most of a minute."""
_MANNERS: dict[Emotion, str] = {
    "neutral": "Speak in a neutral, even tone.",
    "happy": "Sound happy and warm.",
    "sad": "Sound sad and subdued.",
    "angry": "Sound angry.",
    "excited": "Sound excited and full of energy.",
    "whisper": "Whisper.",
}
_POLICY = ("content_policy_violation", "moderation_blocked")


class OpenaiSpeech:
    def __init__(self, base_url: str = "") -> None:
        self._base_url = base_url.strip() or OWN_URL
        host = _host(self._base_url)
        self._own = host == "api.openai.com" or host.endswith(".api.openai.com")
        self._local = is_loopback(host)

    @property
    def info(self) -> ProviderInfo:
        return ProviderInfo(
            name="openai",
            title=TITLE,
            kind="speech",
            resource="net",
            units=catalogue.UNITS,
            settings_key=KEY,
            key_optional=self._local,
            capabilities=frozenset({"instructions", "emotion", "language"}),
            licence="openai-output",
            models=tuple(catalogue.models()),
            concurrency=4,
            retired_on=catalogue.all_gone_on() if self._own else None,
            retired_why="OpenAI shut all its speech models down",
        )

    @property
    def speeds(self) -> tuple[float, float]:
        return 0.25, 4.0

    @property
    def default_model(self) -> str:
        return next(iter(catalogue.models()))

    def longest(self, model: str) -> int:
        return catalogue.find_model(model).longest

    def voices(self) -> tuple[Voice, ...]:
        return catalogue.voices()

    def tells(self, model: str) -> bool:
        """The language is asked for in words, of models that take instructions; all others hear it from the text."""
        return catalogue.find_model(model).instructions

    def maximum(self, request: Utterance) -> Units:
        """UserError for a request that cannot work, so that nothing is reserved for it."""
        model = self._checked(request)
        return catalogue.most(model, request, _manner(request, model))

    def make(self, request: Utterance, call: Call) -> Made:
        model = self._checked(request)
        if self._own:  # only here: what was bought on the last day must still be settled after it
            catalogue.refuse_retired(model, today())
        key = self._usable(call.key)
        if call.cancelled():
            # Not Cancelled, which books the maximum: nothing was sent. The metered call, told so, looks and stops.
            raise Unavailable("The job was cancelled before anything was sent.", "Submit it again whenever you like.")
        import httpx2
        import openai

        longest_s = catalogue.longest_seconds(request.text, request.speed)
        try:
            with self._client(key) as client:
                speech = client.audio.speech.with_streaming_response
                with speech.create(**self._asked(request, model)) as response:
                    call.progress("Generating", 0.5)
                    seconds, units = receive(response, call.folder, longest_s, call.cancelled)
                    request_id = str(response.headers.get("x-request-id", ""))
        except openai.APIStatusError as error:
            raise _refusal(error) from None
        except openai.APIConnectionError as error:
            raise _broken(error.__cause__ or error) from None
        except (httpx2.HTTPError, httpx2.StreamError, openai.OpenAIError) as error:
            raise lost(TITLE, _words(error)) from None
        if model.billed == "characters":
            units = catalogue.most(model, request, "")
        facts = {"model": model.name, "voice": request.voice, "request_id": request_id}
        sound = Output("primary", call.folder / "speech.wav", "voiceover", {"duration_s": round(seconds, 4)})
        return Made((sound,), units=units, facts=facts)

    def _checked(self, request: Utterance) -> catalogue.Model:
        model = catalogue.find_model(request.model)
        if self._own and request.voice not in model.voices:
            raise UserError(
                f"{model.name} has no voice {request.voice[:60]!r}.", f"It has: {', '.join(model.voices)}.", "no_voice"
            )
        if not request.text.strip():
            raise UserError("There is nothing to say.", "Give at least one word.")
        if len(request.text) > model.longest:
            raise UserError(
                f"{len(request.text):,} characters are too many for one request to {model.name}.",
                f"At most {model.longest:,}.",
            )
        slowest, fastest = self.speeds
        if not slowest <= request.speed <= fastest:
            raise UserError(f"Speed {request.speed:g} cannot be asked of OpenAI.", f"From {slowest:g} to {fastest:g}.")
        if not model.instructions and (request.instructions.strip() or request.emotion not in ("", "neutral")):
            able = " or ".join(other.name for other in catalogue.models().values() if other.instructions)
            raise UserError(f"{model.name} takes no instructions and no emotion.", f"Leave them out, or choose {able}.")
        return model

    def _usable(self, key: str) -> str:
        if not key and self._local:
            return "none"  # the SDK wants one, a server of one's own does not
        if not key:
            raise SetupError(f"{TITLE} needs a key.", f"Run: studio secrets set {KEY}")
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise SetupError(
                "The key for OpenAI has characters in it that no key has.", f"Run: studio secrets set {KEY}"
            )
        return key

    def _client(self, key: str) -> Any:
        import openai

        if urlsplit(self._base_url).scheme not in ("http", "https") or not _host(self._base_url):
            raise SetupError(
                f"{self._base_url[:100]!r} is no address of a server.",
                "Set STUDIO_OPENAI_BASE_URL to one such as http://127.0.0.1:8880/v1, or leave it empty.",
            )
        limits = openai.Timeout(_READ_S, connect=_CONNECT_S, write=_WRITE_S, pool=_CONNECT_S)
        # Redirects are not followed: they would send a paid request a second time, and the text somewhere else.
        web = openai.DefaultHttpxClient(timeout=limits, follow_redirects=False)
        client = openai.OpenAI(api_key=key, base_url=self._base_url, max_retries=0, timeout=limits, http_client=web)
        # Whatever the environment says of them: providers are told everything by the studio.
        client.organization = client.project = None
        return client

    def _asked(self, request: Utterance, model: catalogue.Model) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": model.name, "input": request.text, "voice": request.voice, "response_format": "wav",
        }  # fmt: skip
        if request.speed != 1.0:
            asked["speed"] = request.speed
        if manner := _manner(request, model):
            asked["instructions"] = manner
        if model.billed == "tokens":
            asked["stream_format"] = "sse"  # the only form that says what was billed
        return asked


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def _manner(request: Utterance, model: catalogue.Model) -> str:
    if not model.instructions:
        return ""
    tongue = f"Speak {name_of(request.language)}." if request.language else ""
    return " ".join(part for part in (request.instructions.strip(), _MANNERS.get(request.emotion, ""), tongue) if part)


def _refusal(error: Any) -> ProviderError:
    """From openai.APIStatusError."""
    said = error.body.get("message") if isinstance(error.body, dict) else ""
    codes = {error.code, error.type}
    if error.status_code == 429 and "insufficient_quota" in codes:
        return Rejected(
            f"{TITLE} wants to be paid first: the account's credit is used up.",
            "Add credit or raise the limit in OpenAI's billing settings, or choose another engine. Waiting does not help.",
        )
    if error.status_code == 400 and codes & set(_POLICY):
        return Rejected(f"{TITLE} refuses this text (its content rules).", "Change the text, or choose another engine.")
    wait = _seconds(error.response.headers)
    return refused(TITLE, error.status_code, said if isinstance(said, str) else "", key=KEY, wait_s=wait)


def _seconds(headers: Any) -> float | None:
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * unit
        except (KeyError, ValueError):
            continue
        if 0 <= seconds < 86_400:
            return seconds
    return None


def _broken(cause: BaseException) -> Unavailable | OutcomeUnknown:
    """The transport's error under the SDK's: those named here come before a byte of the request has left."""
    import httpx2

    before = (
        httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol,
    )  # fmt: skip
    return unreachable(TITLE, _words(cause)) if isinstance(cause, before) else lost(TITLE, _words(cause))


def _words(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
