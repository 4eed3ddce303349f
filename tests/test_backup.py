"""A backup is whole, whatever the app is doing; restored, it emails nobody by itself."""

import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlmodel import select

from rxapp import config
from rxapp.auth import sessions
from rxapp.db import batches, migrate, workers
from rxapp.db.engine import get_engine, reading, writing
from rxapp.db.models import (
    Batch,
    BatchStatus,
    Job,
    JobKind,
    JobStatus,
    LoginSession,
    Partner,
    Role,
    Send,
    SendStatus,
    Source,
)
from rxapp.db.types import utcnow
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.sandbox import SandboxProvider
from rxapp.domain import delivery, images, jobs, people, restored, settings
from rxapp.domain.tags import assign_tags
from rxapp.errors import BadBackup
from rxapp.installation import prepare
from tests import factory as f
from tests import postgres
from tests.installations import at, rxapp

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0" * 20


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An installation of its own, `old`; tests move on to others with `at`."""
    for name in ("DATABASE_URL", "RXAPP_SECRET_KEY", "RESEND_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with at(tmp_path / "old", monkeypatch):
        yield


def queue(number: int, *, bulk: bool = False) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, f.partners(s, number), source=Source.API, actor="a test", bulk=bulk)


def statuses() -> list[str]:
    with reading() as s:
        return sorted(str(send.status) for send in f.rows(s, Send))


def drain() -> None:
    dispatcher = Dispatcher(SandboxProvider(), "a-test")
    dispatcher.drain()
    dispatcher.close()


def resume(held: settings.Held) -> int:
    with writing() as s:
        return settings.resume(s, "ann", held)


# what is in it


def test_a_backup_is_one_private_file_that_never_replaces_another(tmp_path: Path) -> None:
    prepare()
    images.save(PNG)
    file = tmp_path / "a.backup"
    said = rxapp("backup", file)
    assert "The secret key is not in it." in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"a.backup", "old"}
    with zipfile.ZipFile(file) as archive:
        kinds = {name.partition("/")[0] for name in archive.namelist()}
    assert kinds == {"rxapp.db", "images", "manifest.json"}
    before = file.read_bytes()
    with pytest.raises(BadBackup, match="is there already"):
        rxapp("backup", file)
    assert file.read_bytes() == before


def test_everything_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare()
    name, secret = images.save(PNG), config.get_settings().secret_key
    with writing() as s:
        f.partner(s, "ada")
        delivery.use_key(s, "re_live", "ann", "send")
    file = tmp_path / "a.backup"
    rxapp("backup", file, "--with-secret")
    with at(tmp_path / "new", monkeypatch) as new:
        assert "starts paused" in rxapp("restore", file)
        assert images.find(name)[0] == PNG
        assert config.get_settings().secret_key == secret
        with reading() as s:
            assert [one.email for one in f.rows(s, Partner)] == ["ada@partners.test"]
            assert delivery.delivery(s).key.value == "re_live"
        assert not [path for path in new.rglob("*") if path.stat().st_mode & 0o077]
        assert {path.name for path in new.iterdir()} >= {"rxapp.db", "images", "secret_key"}
        assert not [path for path in new.iterdir() if "restoring" in path.name]


def test_without_the_secret_restoring_says_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    rxapp("backup", tmp_path / "a.backup")
    with at(tmp_path / "new", monkeypatch) as new:
        said = rxapp("restore", tmp_path / "a.backup")
        assert "unsubscribe links" in said
        assert not (new / "secret_key").exists()


def test_a_backup_of_an_older_version_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with get_engine().connect() as connection, connection.begin():
        command.upgrade(migrate._config(connection), "head-1")
    assert not migrate.is_current()
    rxapp("backup", tmp_path / "a.backup")
    with at(tmp_path / "new", monkeypatch):
        rxapp("restore", tmp_path / "a.backup")
        assert migrate.is_current()


# what is refused


def rewritten(
    file: Path, change: Callable[[zipfile.ZipFile, dict[str, bytes], dict[str, object]], None]
) -> Path:
    """A copy of a backup that `change` has written anew."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    target = file.with_name("altered.backup")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        change(archive, members, manifest)
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return target


def newer_format(_archive: object, _members: object, manifest: dict[str, object]) -> None:
    manifest["format"] = 2


def newer_schema(_archive: object, _members: object, manifest: dict[str, object]) -> None:
    manifest |= {"schema": "2999_wonders", "version": "9.9"}


def out_of_the_directory(
    _archive: object, members: dict[str, bytes], manifest: dict[str, object]
) -> None:
    members["images/../../evil"] = b"x"
    listed = manifest["files"]
    assert isinstance(listed, dict)
    listed["images/../../evil"] = {"size": 1, "sha256": "2d711642b726b04401627ca9fbac32f5"}


def something_unlisted(
    _archive: object, members: dict[str, bytes], _manifest: dict[str, object]
) -> None:
    members["evil"] = b"x"


def a_link(archive: zipfile.ZipFile, members: dict[str, bytes], _manifest: object) -> None:
    link = zipfile.ZipInfo("rxapp.db")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(link, members.pop("rxapp.db"))


def a_bomb(_archive: object, members: dict[str, bytes], _manifest: object) -> None:
    members["rxapp.db"] = b"\0" * 50_000_000


def a_huge_one(_archive: object, _members: object, manifest: dict[str, object]) -> None:
    listed = manifest["files"]
    assert isinstance(listed, dict)
    listed["rxapp.db"]["size"] = 10**18


def other_bytes(_archive: object, members: dict[str, bytes], _manifest: object) -> None:
    content = bytearray(members["rxapp.db"])
    content[5000] ^= 1
    members["rxapp.db"] = bytes(content)


def no_list(_archive: object, _members: object, manifest: dict[str, object]) -> None:
    manifest.clear()


@pytest.mark.parametrize(
    "change",
    [
        newer_format, newer_schema, out_of_the_directory, something_unlisted, a_link, a_bomb,
        a_huge_one, other_bytes, no_list,
    ],
)  # fmt: skip
def test_an_altered_backup_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[..., None]
) -> None:
    prepare()
    rxapp("backup", tmp_path / "a.backup")
    file = rewritten(tmp_path / "a.backup", change)
    with at(tmp_path / "new", monkeypatch) as new:
        with pytest.raises(BadBackup):
            rxapp("restore", file)
        assert not new.exists() or list(new.iterdir()) == []
    assert not (tmp_path / "evil").exists()


def test_a_file_cut_short_anywhere_or_of_another_kind_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    rxapp("backup", tmp_path / "a.backup")
    whole = (tmp_path / "a.backup").read_bytes()
    others = [whole[: len(whole) * part // 7] for part in range(7)]
    others += [whole[:-1], b"", b"PK\x03\x04", b"SQLite format 3\0" + b"\0" * 4096]
    with at(tmp_path / "new", monkeypatch) as new:
        for content in others:
            (tmp_path / "cut").write_bytes(content)
            with pytest.raises(BadBackup):
                rxapp("restore", tmp_path / "cut")
        with pytest.raises(BadBackup):
            rxapp("restore", tmp_path)
        with pytest.raises(BadBackup):
            rxapp("restore", tmp_path / "none")
        assert not new.exists() or list(new.iterdir()) == []


def test_a_directory_with_something_in_it_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    rxapp("backup", tmp_path / "a.backup")
    with at(tmp_path / "new", monkeypatch) as new:
        new.mkdir()
        (new / "notes.txt").write_text("mine")
        with pytest.raises(BadBackup, match="not empty"):
            rxapp("restore", tmp_path / "a.backup")
        assert [path.name for path in new.iterdir()] == ["notes.txt"]


def test_a_disk_of_its_own_counts_as_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare()
    rxapp("backup", tmp_path / "a.backup")
    with at(tmp_path / "new", monkeypatch) as new:
        (new / "lost+found").mkdir(parents=True)
        rxapp("restore", tmp_path / "a.backup")


def test_a_backup_of_a_damaged_database_is_not_made(tmp_path: Path) -> None:
    prepare()
    get_engine().dispose()
    (tmp_path / "old" / "rxapp.db").write_bytes(b"no database" * 1000)
    with pytest.raises(BadBackup, match="could not be made"):
        rxapp("backup", tmp_path / "a.backup")
    assert {path.name for path in tmp_path.iterdir()} == {"old"}


def test_what_a_killed_restore_left_does_not_stop_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    images.save(PNG)
    rxapp("backup", tmp_path / "a.backup")
    with at(tmp_path / "new", monkeypatch) as new:
        (new / ".images.restoring").mkdir(parents=True)
        (new / ".images.restoring" / "half").write_text("x")
        (new / ".rxapp.db.restoring").write_text("half a database")
        (new / ".rxapp.db.restoring-wal").write_text("x")
        rxapp("restore", tmp_path / "a.backup")
        assert {path.name for path in new.iterdir()} == {"rxapp.db", "images"}


# what leaves after it


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """A backup of an app in the middle of things: emails due, for later, frozen, posted; a job."""
    prepare()
    queue(6)
    with writing() as s:
        ids = [send.id for send in f.rows(s, Send)]
        s.get_one(Send, ids[0]).due_at = utcnow() + timedelta(days=3)
        for posted, members in ((False, ids[1:3]), (True, ids[3:4])):
            batch = batches.new(
                f"key-{posted}", b"[{},{}]", size=2, provider="resend", bulk=False, now=utcnow()
            )
            s.add(batch)
            s.flush()
            batches.join(s, batch.id, members)
            if posted:
                batches.lease(batch, "a worker", "an account", utcnow(), 90)
            for one in members:
                send = s.get_one(Send, one)
                send.status, send.recipient = SendStatus.SENDING, "x@x.com"
        jobs.start_bulk(s, JobKind.ASSIGN, f.tag(s, "gold"), [1, 2, 3], actor="ann")
        ann = people.create_user(
            s, "ann@acme.com", "", "a fine long passphrase", Role.ADMIN, actor="x"
        )
        sessions.start(s, ann)
    rxapp("backup", tmp_path / "a.backup")
    return tmp_path / "a.backup"


def test_a_restored_backup_sends_nothing_without_a_persons_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: Path
) -> None:
    with at(tmp_path / "new", monkeypatch):
        assert "unknown in the log: 1 emails" in rxapp("restore", waiting)
        drain()
        assert statuses() == ["queued"] * 5 + ["unknown"]
        with reading() as s:
            asked = restored.question(s)
            assert asked is not None
            assert restored.waiting(s, asked) == restored.Waiting(due=4, later=1)
            assert {job.status for job in f.rows(s, Job)} == {JobStatus.FAILED}
            assert s.exec(select(LoginSession)).all() == []
            assert [one for one in f.rows(s, Batch) if one.status == BatchStatus.OPEN] == []


@pytest.mark.parametrize(
    ("held", "after"),
    [
        ("send", ["captured"] * 4 + ["queued", "unknown"]),
        ("discard", ["canceled"] * 5 + ["unknown"]),
        ("discard_due", ["canceled"] * 4 + ["queued", "unknown"]),
    ],
)
def test_a_person_says_what_becomes_of_what_waited(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    waiting: Path,
    held: settings.Held,
    after: list[str],
) -> None:
    with at(tmp_path / "new", monkeypatch):
        rxapp("restore", waiting)
        resume(held)
        drain()
        assert statuses() == after
        with reading() as s:
            assert restored.question(s) is None


def test_discarding_what_waited_keeps_what_was_decided_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: Path
) -> None:
    with at(tmp_path / "new", monkeypatch):
        rxapp("restore", waiting)
        with writing() as s:
            silver = f.tag(s, "silver")
            f.automation(s, silver, f.email(f.template(s, "Silver")))
            new = f.partner(s, "new")
            assign_tags(s, silver, [new], source=Source.API, actor="a test")
        assert new > 1_000_000, "an old unsubscribe link could be about somebody else"
        assert resume("discard") == 5
        drain()
        assert statuses() == ["canceled"] * 5 + ["captured", "unknown"]


def test_a_backup_without_partners_gives_no_number_a_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    rxapp("backup", tmp_path / "a.backup")
    with at(tmp_path / "new", monkeypatch):
        rxapp("restore", tmp_path / "a.backup")
        queue(1)
        with reading() as s:
            ids = [s.exec(select(table.id)).one() for table in (Partner, Send)]
        assert min(ids) > 1_000_000, "links and events of the first ones made since are theirs"


# on PostgreSQL, and by other means


def test_a_database_restored_by_other_means_starts_paused_too(database: str) -> None:
    queue(3)
    assert "starts paused" in rxapp("restore", "--database-is-restored")
    drain()
    assert statuses() == ["queued"] * 3
    with writing() as s:
        new = f.partner(s, "new")
    assert new > 1_000_000
    assert resume("discard") == 3
    assert statuses() == ["canceled"] * 3


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_dump_of_postgres_restored_by_its_own_tool_starts_paused(
    database: str, tmp_path: Path
) -> None:
    queue(3)
    dump = str(tmp_path / "rxapp.dump")
    postgres.tool("pg_dump", database, "--format=custom", f"--file={dump}")
    drain()
    assert statuses() == ["captured"] * 3
    get_engine(database).dispose()
    postgres.tool("pg_restore", database, "--no-owner", "--clean", "--if-exists", dump)
    rxapp("restore", "--database-is-restored")
    drain()
    assert statuses() == ["queued"] * 3
    assert resume("discard") == 3


def test_a_database_somebody_works_on_is_not_taken_for_a_restored_one(database: str) -> None:
    with writing() as s:
        workers.beat(s, "a worker", "resend", utcnow())
    with pytest.raises(BadBackup, match="works on this database"):
        rxapp("restore", "--database-is-restored")
    with reading() as s:
        assert not settings.program(s).paused


def test_with_postgres_the_rest_is_backed_up_and_the_command_says_how_to_dump(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated_postgres: str
) -> None:
    prepare()
    name = images.save(PNG)
    file = tmp_path / "a.backup"
    monkeypatch.setenv("DATABASE_URL", migrated_postgres)
    with at(tmp_path / "old", monkeypatch):
        assert "pg_dump" in rxapp("backup", file)
    with at(tmp_path / "new", monkeypatch):
        assert "starts paused" in rxapp("restore", file)
        assert images.find(name)[0] == PNG
        assert resume("send") == 0
    monkeypatch.delenv("DATABASE_URL")
    with at(tmp_path / "other", monkeypatch) as other:
        with pytest.raises(BadBackup, match="pg_restore"):
            rxapp("restore", file)
        assert not other.exists() or list(other.iterdir()) == []


def test_a_backup_of_sqlite_does_not_go_into_postgres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated_postgres: str
) -> None:
    prepare()
    rxapp("backup", tmp_path / "a.backup")
    monkeypatch.setenv("DATABASE_URL", migrated_postgres)
    with at(tmp_path / "new", monkeypatch), pytest.raises(BadBackup, match="DATABASE_URL"):
        rxapp("restore", tmp_path / "a.backup")
