"""Sign-ins, good and bad, are in the audit log, and nobody can fill it with them."""

import anyio
import pytest
from sqlmodel import select

from rxapp.auth import account, sessions
from rxapp.auth.signin import Knock, sign_in
from rxapp.db import audit, users
from rxapp.db.engine import reading, writing
from rxapp.db.models import AuditEntry, LoginAttempt, Role, User
from rxapp.domain import passwords, signins
from rxapp.domain.audit_words import say
from rxapp.errors import InvalidInput, NotAuthenticated, TooManyRequests

pytestmark = pytest.mark.usefixtures("database")

GOOD = "four words to remember"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
HERE = "203.0.113.9"


@pytest.fixture(scope="module")
def kept() -> str:
    return passwords.hash_password(GOOD)


@pytest.fixture
def ada(database: str, kept: str) -> User:
    with writing() as session:
        user = User(
            email="ada@example.com",
            email_key="ada@example.com",
            password_hash=kept,
            role=Role.ADMIN,
        )
        return users.save(session, user)


def knock(email: str, password: str, address: str = HERE) -> str:
    """Try to sign in; the token, or empty."""
    try:
        return anyio.run(sign_in, Knock(email, address, FIREFOX), password)
    except (NotAuthenticated, TooManyRequests):
        return ""


def log() -> list[str]:
    """The log as it is read, the oldest first."""
    with reading() as session:
        entries = audit.entries(session, limit=1000)[::-1]
        return [
            _sentence(entry, audit.names(session, entry.subject, [entry.subject_id or 0]))
            for entry in entries
        ]


def _sentence(entry: AuditEntry, names: dict[int, str]) -> str:
    said = say(entry, names.get(entry.subject_id or 0, ""))
    return f"{said.actor} {said.did} {said.name}{said.rest}".replace("  ", " ").strip()


def test_who_signs_in_and_out_is_written_down(ada: User) -> None:
    token = knock(" Ada@example.com", GOOD)
    other = knock("ada@example.com", GOOD)
    with writing() as session:
        name = sessions.token_hash(other)[: account.NAME_LENGTH]
        account.end(session, ada.id, name, actor=ada.email)
        sessions.end(session, token)
        sessions.end(session, token)
    signed_in = "ada@example.com signed in from 203.0.113.9 (Firefox on Windows)"
    assert log() == [
        signed_in,
        signed_in,
        "ada@example.com signed out of another browser (Firefox on Windows)",
        "ada@example.com signed out",
    ]


def test_failures_are_summed_and_say_who_was_meant_and_from_where(ada: User) -> None:
    for _ in range(3):
        knock("ada@example.com", "wrong")
    # However slow the machine: from now on they must wait.
    with writing() as session:
        for row in session.scalars(select(LoginAttempt)).all():
            session.add_all(LoginAttempt(subject=row.subject, at=row.at) for _ in range(4))
    for _ in range(2):
        knock("ada@example.com", "wrong")
    knock("Eve@example.com", "wrong", "2001:db8::1")
    knock("eve@example.com", "wrong", "2001:db8::2")
    assert log() == [
        "somebody failed to sign in as ada@example.com: 3 times, turned away 2 times, "
        "from 203.0.113.9 (Firefox on Windows)",
        "somebody failed to sign in as eve@example.com: 2 times, "
        "from 2001:db8::/64 (Firefox on Windows)",
    ]


@pytest.mark.parametrize("typed", ["hunter2 is my password", "P@ssw0rd", "", "x" * 1000, "a@b\n@"])
def test_what_is_no_address_is_not_kept_for_it_may_be_a_password(typed: str) -> None:
    knock(typed, "and this one too")
    (entry,) = log()
    assert entry.startswith("somebody failed to sign in as (no address): 1 time")


def test_a_stranger_cannot_fill_the_log(ada: User) -> None:
    def fail(email: str, number: int) -> None:
        with writing() as session:
            signins.failed(
                session, email, address=f"192.0.2.{number}", browser="Firefox", checked=True
            )

    for number in range(60):
        fail("ada@example.com", number)
        fail(f"eve{number}@example.com", number)
    fail("ada@example.com", 0)
    written = log()
    assert len(written) == signins.MOST_PER_PERSON + signins.MOST_FOR_NOBODY + 2
    assert sum("as ada@example.com" in one for one in written) == signins.MOST_PER_PERSON + 1
    # The same one again is still told apart, and the rest is counted.
    assert "somebody failed to sign in as ada@example.com: 2 times, from 192.0.2.0 (Firefox)" in (
        written
    )
    others = "55 times, from many addresses (any browser)"
    assert f"somebody failed to sign in as ada@example.com: {others}" in written
    others = "50 times, from many addresses (any browser)"
    assert f"somebody failed to sign in as many addresses: {others}" in written


def test_a_wrong_current_password_is_written_down_without_it(ada: User) -> None:
    token = knock("ada@example.com", GOOD)
    with pytest.raises(InvalidInput):
        account.change_password(token, "not it", "some other words")
    account.change_password(token, GOOD, "some other words")
    assert log()[1:] == [
        "ada@example.com gave a wrong current password for a new one",
        "ada@example.com set the password of ada@example.com",
    ]
