"""All settings in one place: the only module that reads the environment."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.kit.addresses import is_loopback
from core.kit.errors import SetupError
from core.kit.paths import ROOT
from core.kit.secrecy import keep_secret


class Settings(BaseSettings):
    """Read from `STUDIO_…` variables and `.env`. Caps, alerts and provider order are only defaults here: what is
    changed on the page is stored in the database and wins."""

    model_config = SettingsConfigDict(env_prefix="STUDIO_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(default=ROOT / "data" / "runtime", description="folder for everything made at run time")
    database_url: str = Field(
        default="", repr=False, description="empty: SQLite under home; or postgresql://user:pw@host/db"
    )
    database_wait_seconds: float = Field(default=15.0, gt=0, description="how long a write waits for another's lock")
    database_connections: int = Field(default=10, ge=2, description="to PostgreSQL, from each process, at most")
    storage_url: str = Field(default="", description="empty: files under home; or s3://bucket/folder")
    storage_endpoint: str = Field(default="", description="for S3-compatible services other than AWS")
    storage_region: str = "us-east-1"
    storage_access_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_STORAGE_ACCESS_KEY", "AWS_ACCESS_KEY_ID")
    )
    storage_secret_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_STORAGE_SECRET_KEY", "AWS_SECRET_ACCESS_KEY")
    )
    storage_cache_gb: float = Field(default=20.0, gt=0, description="local copies of stored files, at most")
    host: str = "127.0.0.1"
    port: int = 7860
    dashboards_port: int = 8501
    log_level: str = "WARNING"
    require_sign_in: bool = Field(default=False, description="demand sign-in on this machine too")
    allowed_hosts: str = Field(default="", description="names, by commas, a proxy on this machine may call it by")
    allow_private_urls: bool = Field(default=False, description="webhooks may go into one's own network")

    cap_job_usd: Decimal = Decimal("2.00")
    cap_day_usd: Decimal = Decimal("10.00")
    cap_month_usd: Decimal = Decimal("50.00")
    cap_user_day_usd: Decimal = Decimal("5.00")

    cpu_jobs: int = Field(default=2, ge=1, le=64, description="local jobs at the same time")
    net_jobs: int = Field(default=16, ge=1, le=256, description="remote jobs at the same time")
    flow_jobs: int = Field(default=32, ge=1, le=256, description="batches and other flows at the same time")
    lease_seconds: float = Field(default=15.0, ge=1.0, description="a worker silent this long is taken for dead")
    mart_seconds: float = Field(default=5.0, ge=1.0, description="shortest time between two refreshes of the mart")
    draft_hours: float = Field(default=24.0, gt=0, description="previews are purged after this")
    max_upload_mb: int = Field(default=512, ge=1)
    max_audio_minutes: float = Field(default=120.0, gt=0)
    max_video_minutes: float = Field(default=60.0, gt=0, description="longest film that is taken apart and scored")
    watch_dir: Path | None = Field(
        default=None,
        description="automations may watch folders under this one; empty: none. With sign-in: one for each user",
    )
    export_dir: Path | None = Field(
        default=None, description="automations put finished files into this folder; empty: exports under home"
    )
    cache_search_seconds: float = Field(default=3600.0, ge=0, description="found tracks are good for; 0: not kept")
    cache_details_seconds: float = Field(default=7200.0, ge=0, description="a track's details are good for")
    cache_validation_seconds: float = Field(default=86400.0, ge=0, description="a licence found valid is good for")
    prices_dir: Path | None = Field(default=None, description="your own price files; they win over the shipped ones")
    c2pa_cert: Path | None = Field(
        default=None, description="PEM file of your own certificate (leaf first, then its chain) that signs exports"
    )
    c2pa_key: Path | None = Field(default=None, description="PEM file of its private key, without a passphrase")

    secret_key: SecretStr | None = Field(
        default=None, description="encrypts stored secrets; empty: a key file under home, made once"
    )
    elevenlabs_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_ELEVENLABS_API_KEY", "ELEVENLABS_API_KEY")
    )
    elevenlabs_url: str = Field(default="", description="a regional host of theirs; empty: api.elevenlabs.io")
    elevenlabs_format: str = Field(
        default="", description="such as pcm_44100; empty: mp3_44100_128. Better ones need their larger plans"
    )
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_OPENAI_API_KEY", "OPENAI_API_KEY")
    )
    openai_base_url: str = Field(
        default="", description="such as http://127.0.0.1:8880/v1: any server with OpenAI's API"
    )
    stability_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_STABILITY_API_KEY", "STABILITY_API_KEY")
    )
    stability_url: str = Field(default="", description="a gateway to it; empty: api.stability.ai")
    mubert_api_key: SecretStr | None = Field(
        default=None, description="both parts as Mubert mailed them, with a colon between: company-id:license-token"
    )
    mubert_url: str = Field(default="", description="a gateway to it; empty: music-api.mubert.com/api/v3")
    soundraw_api_key: SecretStr | None = Field(default=None, description="the token of its API plan")
    soundraw_url: str = Field(default="", description="a gateway to it; empty: soundraw.io/api/v3")
    beatoven_api_key: SecretStr | None = None
    beatoven_url: str = Field(default="", description="a gateway to it; empty: public-api.beatoven.ai")
    google_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY")
    )
    google_url: str = Field(default="", description="a gateway to it; empty: generativelanguage.googleapis.com")
    soundstripe_api_key: SecretStr | None = Field(default=None, description="of a partner agreement")
    soundstripe_scheme: Literal["Token", "Bearer"] = Field(
        default="Token", description="the word before the key; some accounts are asked with Bearer"
    )
    soundstripe_url: str = Field(default="", description="a gateway to it; empty: api.soundstripe.com")
    artlist_client_id: SecretStr | None = Field(default=None, description="of an enterprise agreement, first half")
    artlist_client_secret: SecretStr | None = Field(default=None, description="its second half")
    artlist_url: str = Field(default="", description="a gateway to it; empty: business.artlist.io")
    artlist_token_url: str = Field(default="", description="where its tokens come from; empty: Artlist's own")
    hooksounds_key: SecretStr | None = Field(default=None, description="the public key of your account page")
    hooksounds_token: SecretStr | None = Field(default=None, description="the token that stands beside it")
    hooksounds_url: str = Field(default="", description="a gateway to it; empty: www.hooksounds.com/edd-api")
    epidemic_api_key: SecretStr | None = Field(default=None, description="epidemic_live_…, of a partner agreement")
    epidemic_url: str = Field(default="", description="a gateway to it; empty: partner-content-api.epidemicsound.com")
    openverse_url: str = Field(default="", description="a gateway to it; empty: api.openverse.org")
    jamendo_client_id: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_JAMENDO_CLIENT_ID", "JAMENDO_CLIENT_ID")
    )
    jamendo_url: str = Field(default="", description="a gateway to it; empty: api.jamendo.com/v3.0")
    freesound_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_FREESOUND_API_KEY", "FREESOUND_API_KEY")
    )
    freesound_url: str = Field(default="", description="a gateway to it; empty: freesound.org/apiv2")
    models_dir: Path | None = Field(default=None, description="weights of neural models; empty: models under home")
    models_url: str = Field(default="https://huggingface.co", description="the hub they are pulled from, or a mirror")
    model_device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        default="auto",
        description="what neural models run on; auto: an NVIDIA card if there is one, else the processor",
    )
    model_threads: int = Field(default=0, ge=0, le=256, description="of a neural model on the processor; 0: all cores")
    model_idle_minutes: float = Field(
        default=10.0, gt=0, description="a loaded model that nobody asks is given up after"
    )
    musicgen_backend: Literal["transformers", "audiocraft"] = Field(
        default="transformers", description="the library that runs MusicGen; audiocraft for whoever installed it"
    )
    musicgen_8bit: bool = Field(
        default=False, description="MusicGen on the processor with its weights in 8 bits: quicker, a little less true"
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STUDIO_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY")
    )
    space_id: str = Field(default="", validation_alias=AliasChoices("SPACE_ID", "STUDIO_SPACE_ID"))

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not url.startswith("postgresql://"):
            raise ValueError("only postgresql:// URLs are known; leave it empty for SQLite")
        return url

    @field_validator("storage_url")
    @classmethod
    def _known_storage(cls, url: str) -> str:
        if url and not (url.startswith("s3://") and len(url) > len("s3://")):
            raise ValueError("only s3://bucket/folder is known; leave it empty for files under home")
        return url

    @property
    def demo(self) -> bool:
        """Demo mode: a user per browser session, paid providers off, small limits, purge after two hours."""
        return bool(self.space_id)

    @property
    def sign_in_required(self) -> bool:
        """Asked of everybody as soon as others can reach the studio; the public demo knows its visitors otherwise."""
        return self.require_sign_in or not (self.demo or is_loopback(self.host))

    @property
    def store_url(self) -> str:
        if not self.database_url:
            return f"sqlite:///{self.home.resolve() / 'studio.sqlite'}"
        # Bare postgresql:// would look for psycopg2; what we ship is psycopg 3.
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def cache_ttls(self) -> dict[str, float]:
        """Seconds by class of cached answers, where a provider has no times of its own."""
        return {
            "search": self.cache_search_seconds, "details": self.cache_details_seconds,
            "validation": self.cache_validation_seconds,
        }  # fmt: skip

    @property
    def workflows_url(self) -> str:
        """The database dbos keeps its steps in: beside ours on SQLite, the same server on PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{self.home.resolve() / 'workflows.sqlite'}"
        return self.database_url

    @property
    def mart_path(self) -> Path:
        return self.home / "mart.duckdb"

    @property
    def blobs(self) -> Path:
        return self.home / "blobs"

    @property
    def exports(self) -> Path:
        """What automations hand out. Not in backups: it can be had again."""
        return (self.export_dir or self.home / "exports").expanduser().resolve()

    @property
    def models(self) -> Path:
        """Weights of neural models, a folder each. Not in backups: they can be had again."""
        return (self.models_dir or self.home / "models").expanduser().resolve()

    @property
    def work(self) -> Path:
        """One folder a job, removed when its outputs are kept."""
        return self.home / "work"

    @property
    def cache(self) -> Path:
        """Safe to delete at any time: voice previews, note banks."""
        return self.home / "cache"


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment; keyword arguments win (tests, notebooks)."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        variable = name if name.isupper() else f"STUDIO_{name.upper()}"
        raise SetupError(
            f"{variable} cannot be used: {first['msg'].lower()}.", "Correct it in .env or the environment."
        ) from None
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            keep_secret(value.get_secret_value())
    with suppress(ValueError):
        keep_secret(unquote(urlsplit(settings.database_url).password or ""))
    return settings.model_copy(update={"home": settings.home.expanduser().resolve()})


def child_environment(threads: int = 1) -> dict[str, str]:
    """For the working children: one BLAS thread each, since the pool of children is what fills the cores, and since
    sums must not depend on how many cores there are. A child that keeps a neural model has several."""
    counted = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    # Models are loaded from files alone; the hub is asked by `studio models pull` and nobody else.
    quiet = {"HF_HUB_OFFLINE": "1", "PYTORCH_ENABLE_MPS_FALLBACK": "1"}
    return dict(os.environ) | counted | quiet


def process_environment(settings: Settings) -> dict[str, str]:
    """The environment for the studio's own processes: ours, with this interpreter's folder first on the path and the
    settings that were changed on the command line."""
    own = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "STUDIO_HOME": str(settings.home),
        "STUDIO_HOST": settings.host,
        "STUDIO_PORT": str(settings.port),
        "STUDIO_DASHBOARDS_PORT": str(settings.dashboards_port),
        "PYTHONUNBUFFERED": "1",
    }
    return dict(os.environ) | own
