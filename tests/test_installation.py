"""Starting: what is wrong is said in a sentence, and what is kept is kept from others."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from rxapp import config
from rxapp.cli import app
from rxapp.db.engine import get_engine
from rxapp.domain import images
from rxapp.errors import CannotStart
from rxapp.installation import keep_to_owner, prepare

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0" * 20
COMMANDS = (
    ("run",),
    ("worker",),
    ("db", "upgrade"),
    ("user", "create", "ann@acme.com"),
    ("api-key", "create", "--name", "x"),
    ("demo",),
    ("doctor",),
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of its own, and nothing else said."""
    for name in ("DATABASE_URL", "RXAPP_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RXAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PORT", "8159")
    config.get_settings.cache_clear()
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def _forget_settings() -> object:
    yield
    config.get_settings.cache_clear()


def refused(*command: str) -> str:
    """The sentence a command ends with; it must be one, whatever the command."""
    config.get_settings.cache_clear()
    result = CliRunner().invoke(app, command or ("db", "upgrade"), input="a long passphrase\n")
    if command == ("doctor",):
        assert result.exit_code == 1
        return result.output
    assert isinstance(result.exception, CannotStart), result.exception
    return result.exception.sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RXAPP_SECRET_KEY", ""),
        ("RXAPP_SECRET_KEY", "   "),
        ("RXAPP_SECRET_KEY", "short"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("RXAPP_BASE_URL", "partners.acme.com"),
        ("RXAPP_BASE_URL", "https://"),
        ("RXAPP_BASE_URL", "https://acme.com:port"),
        ("RXAPP_BASE_URL", "https://[acme"),
        ("RXAPP_BASE_URL", "https://acme.com/?x"),
        ("RXAPP_BASE_URL", "https://ann:secret-word@acme.com"),
        ("RXAPP_BASE_URL", 'https://acme.com/"><a>'),
        # Bytes that are no text, as the system hands them on.
        ("RXAPP_SECRET_KEY", "a long \udc80 enough key"),
        ("RXAPP_ADMIN_PASSWORD", "a long \udc80 enough one"),
        ("HOST", "a\udc80b"),
        ("RESEND_API_KEY", "re_\udc80"),
        ("RESEND_API_URL", "api"),
        ("RXAPP_FROM", "Acme"),
        ("RXAPP_WORKER", "maybe"),
        ("RXAPP_TRUSTED_PROXIES", "the proxy"),
        ("RESEND_RATE_LIMIT", "fast"),
        ("RESEND_RATE_LIMIT", "1e-300"),
        ("REDIS_URL", "cache:6379"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "mysql://u:secret-word@h/d"),
        ("DATABASE_URL", "postgresql://u:secret-word@h:port/d"),
        ("DATABASE_URL", "postgresql+asyncpg://u:secret-word@h/d"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_a_sentence(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    sentence = refused()
    assert name in sentence
    assert "secret-word" not in sentence
    assert not list(data.glob("*.db"))


def test_a_file_of_settings_begins_with_a_name_whatever_wrote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_bytes("\ufeffRXAPP_SECRET_KEY=a key from the file\r\n".encode())
    monkeypatch.delenv("RXAPP_SECRET_KEY", raising=False)
    monkeypatch.setitem(config.Settings.model_config, "env_file", tmp_path / ".env")
    config.get_settings.cache_clear()
    assert config.get_settings().secret_key == "a key from the file"


def test_a_database_is_the_same_file_wherever_the_process_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///kept/here.db")
    monkeypatch.chdir(tmp_path)
    config.get_settings.cache_clear()
    settings = config.get_settings()
    monkeypatch.chdir("/")
    assert settings.database == f"sqlite:///{tmp_path}/kept/here.db"


def empty(path: Path) -> None:
    path.write_text("\n")


def directory(path: Path) -> None:
    path.mkdir()


def no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\0")


@pytest.mark.parametrize("spoil", [empty, directory, no_text])
def test_a_kept_secret_that_is_none_is_refused_and_not_made_anew(
    data: Path, spoil: Callable[[Path], None]
) -> None:
    data.mkdir()
    spoil(data / "secret_key")
    assert "secret" in refused()
    assert not list(data.glob("*.db"))


def test_a_data_directory_that_cannot_be_used_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.write_text("a file")
    assert str(data) in refused()
    monkeypatch.setenv("RXAPP_DATA_DIR", "/proc/rxapp")
    assert "/proc/rxapp" in refused()
    monkeypatch.setenv("DATABASE_URL", "sqlite:////proc/rxapp/x.db")
    monkeypatch.setenv("RXAPP_DATA_DIR", str(data.with_name("other")))
    assert "/proc/rxapp" in refused()


def newer(url: str) -> None:
    with get_engine(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2999_wonders'"))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_of_a_newer_version_gets_a_sentence_from_every_command(
    data: Path, migrated_sqlite: Path, command: tuple[str, ...]
) -> None:
    data.mkdir()
    shutil.copy(migrated_sqlite, data / "rxapp.db")
    newer(f"sqlite:///{data / 'rxapp.db'}")
    assert "newer version" in refused(*command)


def test_a_newer_database_is_refused_on_postgres_too(database: str) -> None:
    with get_engine(database).connect() as connection:
        ours = connection.scalar(text("SELECT version_num FROM alembic_version"))
    newer(database)
    try:
        assert "newer version" in refused()
    finally:
        with get_engine(database).begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :ours"), {"ours": ours}
            )


def text_file(path: Path) -> None:
    path.write_text("Dear database, " * 500)


def truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def without_its_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE alembic_version")


def between_two_versions(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO alembic_version VALUES ('another')")


def read_only(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil", [text_file, truncated, without_its_version, between_two_versions, read_only]
)
def test_a_file_that_is_no_database_of_ours_gets_a_sentence(
    data: Path, migrated_sqlite: Path, spoil: Callable[[Path], None]
) -> None:
    data.mkdir()
    shutil.copy(migrated_sqlite, data / "rxapp.db")
    spoil(data / "rxapp.db")
    sentence = refused()
    assert "database" in sentence
    assert "SELECT" not in sentence


def test_a_database_nobody_answers_at_gets_a_sentence(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret-word@127.0.0.1:1/d")
    sentence = refused()
    assert "database" in sentence
    assert "secret-word" not in sentence


def test_a_stranger_at_the_prompt_sees_the_sentence_and_no_traceback(data: Path) -> None:
    command = [sys.executable, "-c", "from rxapp.cli import main; main()", "worker"]
    done = subprocess.run(
        command,
        env=os.environ | {"RXAPP_SECRET_KEY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("RXAPP_SECRET_KEY is empty.")
    assert done.stderr.count("\n") == 1


def readable_by_others(directory: Path) -> list[Path]:
    return [
        path
        for path in (directory, *directory.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def test_what_is_kept_is_readable_for_its_owner_only(data: Path) -> None:
    command = [sys.executable, "-c", "from rxapp.cli import main; main()", "demo"]
    subprocess.run(command, env=os.environ, umask=0o000, capture_output=True, check=True)
    assert (data / "rxapp.db").exists()
    assert (data / "secret_key").exists()
    assert readable_by_others(data) == []


def test_an_existing_installation_is_corrected_when_it_starts(data: Path) -> None:
    prepare()
    images.save(PNG)
    with sqlite3.connect(data / "rxapp.db") as held:  # so that its companions are there
        held.execute("PRAGMA journal_mode=WAL")
        held.execute("SELECT count(*) FROM partners").fetchone()
        for path in (data, *data.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        prepare()
        assert {path.name for path in data.iterdir()} >= {"rxapp.db-wal", "rxapp.db-shm", "images"}
        assert readable_by_others(data) == []
    held.close()
    get_engine(config.get_settings().database).dispose()


def test_what_a_mistyped_setting_names_is_left_as_it_is(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    device, directory = tmp_path / "a device", tmp_path / "everybody's"
    os.mkfifo(device)
    directory.mkdir()
    for path in (device, directory):
        path.chmod(0o777)
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
        config.get_settings.cache_clear()
        keep_to_owner(config.get_settings())
        assert stat.S_IMODE(path.stat().st_mode) == 0o777


@pytest.mark.parametrize(("mode", "holds"), [(0o1777, ""), (0o755, "somebody else's")])
def test_a_directory_that_is_not_ours_alone_stays_as_it_is(
    data: Path, mode: int, holds: str
) -> None:
    (data / holds).mkdir(parents=True, exist_ok=True)
    data.chmod(mode)
    prepare()
    assert stat.S_IMODE(data.stat().st_mode) == mode
    assert stat.S_IMODE((data / "rxapp.db").stat().st_mode) & 0o077 == 0
    get_engine(config.get_settings().database).dispose()
