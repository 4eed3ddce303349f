"""Links that let a person in: once, not for long, and with what their maker chose."""

import contextlib
import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from rxapp.auth import sessions
from rxapp.db.engine import reading, writing
from rxapp.db.models import AccountLink, Role, User
from rxapp.db.types import utcnow
from rxapp.domain import invitations, passwords, people
from rxapp.errors import AlreadyExists, InvalidInput, NotFound

pytestmark = pytest.mark.usefixtures("database")

GOOD = "four words to remember"
NEW = "some other words"


def add(email: str = "ada@example.com", role: Role = Role.ADMIN) -> User:
    with writing() as s:
        return people.create_user(s, email, "", GOOD, role)


def invite(email: str = "", role: Role = Role.EDITOR, actor: str = "ada@example.com") -> str:
    with writing() as s:
        return invitations.invite(s, email, role, actor=actor)


def accept(token: str, email: str = "new@example.com", password: str = GOOD) -> User:
    with writing() as s:
        return invitations.accept(s, token, name="New", email=email, password=password)


def test_who_joins_gets_the_role_that_was_chosen_and_the_link_is_used_up() -> None:
    token = invite("new@example.com", Role.VIEWER)
    assert accept(token).role == Role.VIEWER
    with pytest.raises(NotFound):
        accept(token, "second@example.com")


def test_what_is_wrong_with_the_form_does_not_use_the_link_up() -> None:
    token = invite()
    with pytest.raises(InvalidInput):
        accept(token, password="short")
    add("taken@example.com")
    with pytest.raises(AlreadyExists):
        accept(token, "Taken@example.com")
    assert accept(token).email == "new@example.com"


def test_two_who_use_a_link_at_once_are_not_both_let_in() -> None:
    token = invite()
    joined: list[str] = []

    def join(email: str) -> None:
        with contextlib.suppress(NotFound):
            joined.append(accept(token, email).email)

    threads = [
        threading.Thread(target=join, args=(f"{name}@example.com",)) for name in ("ann", "bob")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(joined) == 1


def test_a_link_expires() -> None:
    token = invite()
    with writing() as s:
        s.connection().execute(update(AccountLink).values(expires_at=utcnow()))
    with reading() as s, pytest.raises(NotFound):
        invitations.find(s, token)


def test_nobody_is_invited_who_is_there_already() -> None:
    add("taken@example.com")
    with pytest.raises(AlreadyExists):
        invite("taken@example.com")


def test_who_is_here_has_no_other_way_in_left() -> None:
    lost, used = invite("new@example.com"), invite("New@example.com")
    accept(used, "other@example.com")
    meant = invite("third@example.com")
    add("Third@Example.com")
    for kept in (lost, meant):
        with pytest.raises(NotFound):
            accept(kept, "back@example.com")
    with reading() as s:
        assert invitations.pending(s) == []


def test_an_invitation_can_be_withdrawn_once() -> None:
    token = invite()
    with writing() as s:
        (pending,) = invitations.pending(s)
        invitations.withdraw(s, pending.id, actor="ada@example.com")
    with writing() as s:
        assert invitations.pending(s) == []
        with pytest.raises(NotFound):
            invitations.withdraw(s, pending.id, actor="ada@example.com")
    with pytest.raises(NotFound):
        accept(token)


def test_a_reset_changes_the_password_signs_out_and_ends_earlier_links() -> None:
    ada = add()
    with writing() as s:
        session = sessions.start(s, ada)
        first = invitations.reset(s, ada.id, actor="grace@example.com")
        second = invitations.reset(s, ada.id, actor="grace@example.com")
    assert sessions.resolve(session) is not None
    with pytest.raises(NotFound):
        accept(first, password=NEW)
    after = accept(second, "ignored@example.com", NEW)
    assert (after.id, after.email, after.role) == (ada.id, ada.email, Role.ADMIN)
    assert passwords.verify(NEW, after.password_hash)[0]
    assert sessions.resolve(session) is None


def test_a_link_is_nowhere_to_be_read_in_the_database() -> None:
    token = invite()
    with reading() as s:
        link = invitations.find(s, token)
    assert token not in repr(vars(link))
    assert link.expires_at - link.created_at == timedelta(days=7)
