"""Settings: the only reader of the environment.

Every field is documented in the README's settings table; a test holds the two together.
"""

import ipaddress
import re
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, computed_field, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    SettingsConfigDict,
)

from rxapp.errors import CannotStart
from rxapp.files import fresh

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_FROM = "rxapp <onboarding@resend.dev>"
SECRET_FILE = "secret_key"  # noqa: S105 (the name of a file)
# Fewer characters are guessed in no time by whoever has one of the links it signs.
SHORTEST_SECRET = 8
# The bounds of any limit on requests a second: one request carries up to 100 emails.
SLOWEST = 0.1
FASTEST = 1000.0


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseSettings):
    """Where the app runs and what it talks to, from the environment or a `.env` file."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    database_url: str = ""
    redis_url: str = ""
    resend_api_key: str = Field("", repr=False)
    resend_api_url: str = "https://api.resend.com"
    resend_webhook_secret: str = Field("", repr=False)
    resend_rate_limit: float | None = Field(None, ge=SLOWEST, le=FASTEST)
    rxapp_from: str = DEFAULT_FROM
    rxapp_secret_key: str = Field("", repr=False)
    rxapp_base_url: str = ""
    rxapp_admin_email: str = ""
    rxapp_admin_password: str = Field("", repr=False)
    rxapp_trusted_proxies: str = ""
    rxapp_worker: Literal["on", "off"] = "on"
    rxapp_data_dir: Path = ROOT / "data"

    @field_validator("*", mode="before")
    @classmethod
    def _is_text(cls, given: object) -> object:
        # Bytes of an environment that are none: they would raise wherever they are signed or sent.
        if isinstance(given, str):
            given.encode()
        return given

    @field_validator("rxapp_data_dir")
    @classmethod
    def _wherever_the_process_goes(cls, path: Path) -> Path:
        return path.resolve()

    @field_validator("database_url")
    @classmethod
    def _wherever_the_file_is_looked_for(cls, address: str) -> str:
        kind, slashes, path = address.partition(":///")
        relative = kind.startswith("sqlite") and path and not path.startswith(("/", ":"))
        return f"{kind}{slashes}{Path(path).resolve()}" if relative else address

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, address: str) -> str:
        if address and not address.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError
        return address

    @field_validator("resend_api_url", "rxapp_base_url")
    @classmethod
    def _leads_somewhere(cls, address: str) -> str:
        parts = urlsplit(address)
        # Reading the port checks it.
        if address and not (parts.scheme in ("http", "https") and parts.hostname):
            raise ValueError(address)
        if parts.query or parts.fragment or parts.port == 0 or re.search(r'[\s<>"@]', address):
            raise ValueError(address)
        return address

    @field_validator("rxapp_secret_key")
    @classmethod
    def _is_hard_to_guess(cls, key: str) -> str:
        if 0 < len(key.strip()) < SHORTEST_SECRET:
            raise ValueError
        return key

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
        """Key that signs links and forms; made once into the data directory unless given.

        Raises CannotStart when the file is there but holds no key.
        """
        return self.rxapp_secret_key or _kept_secret(self.rxapp_data_dir / SECRET_FILE)


def _kept_secret(path: Path) -> str:
    """The key in a file, which is made the first time; of two processes at once, one makes it."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError), fresh(path) as file:
                file.write(secrets.token_urlsafe(48).encode())
        key = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise CannotStart(f"The secret key in {path} cannot be read: {why}.") from error
    if len(key) < SHORTEST_SECRET:
        raise CannotStart(
            f"The file {path} holds no secret key. Put the one that was there back: links in "
            "emails already sent are signed with it. Without one to put back, delete the file, "
            "and a new one is made."
        )
    return key


def _networks(said: str) -> tuple[Network, ...]:
    named = [one for one in re.split(r"[,\s]+", said) if one]
    return tuple(ipaddress.ip_network(one, strict=False) for one in named)


@lru_cache
def get_settings() -> Settings:
    """The process's settings, read once; raises CannotStart, with a sentence, for a bad one."""
    try:
        _refuse_blank_secret()
        return Settings()
    except ValidationError as error:
        wrong = [str(one["loc"][0]) for one in error.errors()]
        raise CannotStart(" ".join(map(_refusal, dict.fromkeys(wrong)))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"The file {ROOT / '.env'} cannot be read: {error}.") from error


def _refuse_blank_secret() -> None:
    # Settings takes what is empty for not given. Here it would let each process make a key and
    # sign with its own, because somebody's variable was not filled in.
    for source in (EnvSettingsSource, DotEnvSettingsSource):
        given = source(Settings, env_ignore_empty=False).env_vars.get("rxapp_secret_key")
        if given is not None and not given.strip():
            raise CannotStart(
                "RXAPP_SECRET_KEY is empty. Give it a value, or leave it out: a key is then made "
                "once, into the data directory."
            )


# What a setting that cannot be used should have been. Its value is not repeated: some are secret.
_WANTED = {
    "port": "a number from 1 to 65535",
    "redis_url": "the address of a Redis, such as redis://cache:6379",
    "resend_api_url": "a web address, such as https://api.resend.com",
    "resend_rate_limit": f"requests a second, a number from {SLOWEST:g} to {FASTEST:g}",
    "rxapp_base_url": "the web address people reach the app at, such as https://partners.acme.com",
    "rxapp_secret_key": f"a text of at least {SHORTEST_SECRET} characters that nobody can guess",
    "rxapp_trusted_proxies": "addresses or networks, such as 10.0.0.0/8, separated by commas",
    "rxapp_worker": "on or off",
    "rxapp_data_dir": "the path of a directory",
}


def _refusal(name: str) -> str:
    return f"The setting {name.upper()} cannot be used: it must be {_WANTED.get(name, 'text')}."
