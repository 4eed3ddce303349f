"""Settings: the only reader of the environment.

Every field is documented in the README's settings table; a test holds the two together.
"""

import ipaddress
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, computed_field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_FROM = "rxapp <onboarding@resend.dev>"


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseSettings):
    """Where the app runs and what it talks to, from the environment or a `.env` file."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = ""
    redis_url: str = ""
    resend_api_key: str = Field("", repr=False)
    resend_api_url: str = "https://api.resend.com"
    resend_webhook_secret: str = Field("", repr=False)
    resend_rate_limit: float | None = Field(None, gt=0)
    rxapp_from: str = DEFAULT_FROM
    rxapp_secret_key: str = Field("", repr=False)
    rxapp_base_url: str = ""
    rxapp_admin_email: str = ""
    rxapp_admin_password: str = Field("", repr=False)
    rxapp_trusted_proxies: str = ""
    rxapp_worker: Literal["on", "off"] = "on"
    rxapp_data_dir: Path = ROOT / "data"

    @field_validator("rxapp_data_dir")
    @classmethod
    def _wherever_the_process_goes(cls, path: Path) -> Path:
        return path.resolve()

    @field_validator("rxapp_trusted_proxies")
    @classmethod
    def _networks_can_be_read(cls, said: str) -> str:
        _networks(said)
        return said

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        """The networks whose word on where a request comes from is believed."""
        return _networks(self.rxapp_trusted_proxies)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def database(self) -> str:
        """SQLAlchemy address of the database; SQLite in the data directory unless told."""
        if not self.database_url:
            return f"sqlite:///{(self.rxapp_data_dir / 'rxapp.db').resolve()}"
        # The driver is ours to choose: plain addresses, as hosting companies give them, work.
        for prefix in ("postgres://", "postgresql://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url

    @property
    def base_url(self) -> str:
        """Address of the app as people and inboxes reach it, without a trailing slash."""
        return (self.rxapp_base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def secret_key(self) -> str:
        """Key that signs links and forms; made once into the data directory unless given."""
        if self.rxapp_secret_key:
            return self.rxapp_secret_key
        path = self.rxapp_data_dir / "secret_key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text().strip()


def _networks(said: str) -> tuple[Network, ...]:
    named = [one for one in re.split(r"[,\s]+", said) if one]
    return tuple(ipaddress.ip_network(one, strict=False) for one in named)


@lru_cache
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
