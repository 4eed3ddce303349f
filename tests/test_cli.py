"""The commands of the operator: what they print, what they leave behind, how they end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rxapp import config
from rxapp.auth import keys, sessions
from rxapp.cli import app
from rxapp.db import audit, workers
from rxapp.db.engine import reading, writing
from rxapp.db.models import Automation, Partner, Role, Send, User
from rxapp.db.types import utcnow
from rxapp.domain import invitations, passwords, people, settings
from rxapp.errors import InvalidInput, NotFound, RxappError
from tests import factory as f

PASSWORD = "correct horse battery"


def rxapp(*arguments: str, stdin: str = "", fails: bool = False) -> Result:
    result = CliRunner().invoke(app, arguments, input=stdin)
    assert (result.exit_code != 0) is fails, result.output
    assert isinstance(result.exception, SystemExit | RxappError | None)
    return result


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """A file with two good rows and a bad one."""
    path = tmp_path / "partners.csv"
    path.write_text(
        "email,first_name,last_name,company,key,tags\n"
        "ada@x.com,Ada,,,A,vip;gold\n"
        "not an address,,,,,\n"
        "eve@x.com,Eve,,,,vip\n"
    )
    return path


@pytest.mark.usefixtures("database")
def test_a_person_made_at_the_machine_can_sign_in() -> None:
    result = rxapp("user", "create", "Ann@acme.com", "--role", "editor", stdin=f"{PASSWORD}\n")
    assert result.output.strip() == "Ann@acme.com can sign in now, as editor."
    with reading() as s:
        (user,) = f.rows(s, User)
    assert (user.email_key, user.role) == ("ann@acme.com", "editor")
    assert passwords.verify(PASSWORD, user.password_hash)[0]


@pytest.mark.usefixtures("database")
def test_a_weak_password_makes_nobody() -> None:
    result = rxapp("user", "create", "ann@acme.com", stdin="short\n", fails=True)
    assert isinstance(result.exception, InvalidInput)
    with reading() as s:
        assert not f.rows(s, User)


@pytest.mark.usefixtures("database")
def test_a_new_password_ends_sessions_and_links_and_is_audited() -> None:
    with writing() as s:
        ann = people.create_user(s, "ann@acme.com", "Ann", PASSWORD, Role.ADMIN)
        session = sessions.start(s, ann)
        link = invitations.reset(s, ann.id, actor="bob@acme.com")
    told = rxapp("user", "password", " Ann@acme.com", stdin="quite some other words\n")
    assert "ann@acme.com has a new password" in told.output
    assert "quite" not in told.output
    assert sessions.resolve(session) is None
    with writing() as s:
        (user,) = f.rows(s, User)
        assert passwords.verify("quite some other words", user.password_hash)[0]
        with pytest.raises(NotFound):
            invitations.find(s, link)
        latest = audit.entries(s, subject="user", subject_id=ann.id)[0]
    assert (latest.actor, latest.action) == ("the command line", "password_set")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("email", "password", "error"),
    [
        ("ann@acme.com", "password123", InvalidInput),
        ("eve@acme.com", "quite some other words", NotFound),
    ],
)
def test_a_new_password_must_be_good_and_somebodys(
    email: str, password: str, error: type[Exception]
) -> None:
    with writing() as s:
        people.create_user(s, "ann@acme.com", "Ann", PASSWORD, Role.ADMIN)
    refused = rxapp("user", "password", email, stdin=f"{password}\n", fails=True)
    assert isinstance(refused.exception, error)


@pytest.mark.usefixtures("database")
def test_making_a_key_prints_the_key_and_nothing_else() -> None:
    result = rxapp("api-key", "create", "--name", "CI", "--role", "viewer")
    identity = keys.resolve(result.stdout.removesuffix("\n"))
    assert identity is not None
    assert (identity.name, identity.role) == ("CI", "viewer")


def test_a_key_can_be_made_before_the_app_ever_ran(tmp_path: Path) -> None:
    environment = {**os.environ, "RXAPP_DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    command = [sys.executable, "-c", "from rxapp.cli import main; main()"]
    made = subprocess.run(
        [*command, "api-key", "create", "--name", "first"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        check=True,
    )
    assert made.stdout.startswith("rx_")
    assert made.stdout.count("\n") == 1
    assert made.stderr == ""
    refused = subprocess.run(
        [*command, "import", __file__],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        check=False,
    )
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.usefixtures("database")
def test_demo_loads_a_program_once() -> None:
    first, second = rxapp("demo"), rxapp("demo")
    assert "Loaded 300 partners" in first.output
    assert "Loaded 0 partners" in second.output
    with reading() as s:
        assert all(row.enabled for row in f.rows(s, Automation))


@pytest.mark.usefixtures("database")
def test_demo_says_when_it_leaves_automations_off() -> None:
    with writing() as s:
        f.partner(s)
    assert "switched off" in rxapp("demo").output


@pytest.mark.usefixtures("database")
def test_import_writes_the_good_rows_and_names_the_others(csv: Path) -> None:
    with writing() as s:
        f.automation(s, f.tag(s, "vip"), f.email(f.template(s)))
    result = rxapp("import", str(csv))
    assert result.stdout == (
        "Partners: 2 added, 0 updated, 0 skipped, 1 left out. Tags: 3 assigned, 0 held already.\n"
    )
    assert result.stderr.startswith("Row 3 is left out: “not an address” is not an email address.")
    with reading() as s:
        assert [row.email for row in f.rows(s, Partner)] == ["ada@x.com", "eve@x.com"]
        assert not f.rows(s, Send)


@pytest.mark.usefixtures("database")
def test_import_emails_when_asked_and_leaves_existing_partners_when_asked(csv: Path) -> None:
    with writing() as s:
        f.automation(s, f.tag(s, "vip"), f.email(f.template(s)))
        f.partner(s, email="ada@x.com")
    result = rxapp("import", str(csv), "--run-automations", "--existing", "skip")
    assert "1 added, 0 updated, 1 skipped" in result.stdout
    assert "Emails: 1 decided, 0 withheld. Emails wait: the worker does not run." in result.stdout
    wrong = rxapp("import", str(csv), "--existing", "merge", fails=True)
    assert isinstance(wrong.exception, InvalidInput)


def findings(result: Result) -> dict[str, str]:
    """Each finding's first words, with its mark."""
    return {line[2:]: line[0] for line in result.output.splitlines()}


def marked(result: Result, mark: str) -> list[str]:
    return [sentence for sentence, found in findings(result).items() if found == mark]


@pytest.mark.usefixtures("database")
def test_doctor_is_content_with_a_running_sandbox() -> None:
    with writing() as s:
        workers.beat(s, "w", "sandbox", utcnow())
        settings.update(s, {"address": "1 Main Street"}, "ann")
    result = rxapp("doctor")
    assert marked(result, "✗") == []
    notes = marked(result, "•")
    assert len(notes) == 2
    assert notes[0].startswith("There is no Resend API key")
    assert notes[1].startswith("Nobody can sign in yet")


@pytest.mark.usefixtures("database")
def test_doctor_names_what_keeps_real_emails_from_arriving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESEND_API_KEY", "re_123")
    monkeypatch.setenv("RESEND_WEBHOOK_SECRET", "whsec_ä")
    config.get_settings.cache_clear()
    with writing() as s:
        settings.pause(s, "ann")
    result = rxapp("doctor", fails=True)
    assert result.exit_code == 1
    bad, notes = " ".join(marked(result, "✗")), " ".join(marked(result, "•"))
    assert "Set RXAPP_BASE_URL to the address partners can reach" in bad
    assert "signing secret is not complete" in bad
    assert "No worker is running" in bad
    assert "Resend's own test address" in notes
    assert "no postal address" in notes
    assert "Sending is paused" in notes


@pytest.mark.usefixtures("database")
def test_doctor_notes_a_proxy_that_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with writing() as s:
        workers.beat(s, "w", "sandbox", utcnow())
    monkeypatch.setenv("RXAPP_BASE_URL", "https://partners.acme.com")
    config.get_settings.cache_clear()
    assert "RXAPP_TRUSTED_PROXIES" in " ".join(marked(rxapp("doctor"), "•"))
    monkeypatch.setenv("RXAPP_TRUSTED_PROXIES", "10.0.0.0/8")
    config.get_settings.cache_clear()
    assert "RXAPP_TRUSTED_PROXIES" not in rxapp("doctor").output


def test_doctor_says_so_when_there_is_no_database_and_makes_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    config.get_settings.cache_clear()
    assert any("no database yet" in one for one in marked(rxapp("doctor", fails=True), "✗"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    config.get_settings.cache_clear()
    assert any("cannot be used" in one for one in marked(rxapp("doctor", fails=True), "✗"))
    monkeypatch.setenv("PORT", "eighty")
    config.get_settings.cache_clear()
    assert any("PORT cannot be used" in one for one in marked(rxapp("doctor", fails=True), "✗"))
    monkeypatch.undo()
    config.get_settings.cache_clear()
    assert list(tmp_path.iterdir()) == []
