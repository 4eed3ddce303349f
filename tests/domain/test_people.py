"""People: who is let in, and that an admin always is."""

import threading

import pytest

from rxapp.auth import sessions
from rxapp.db import audit, users
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role, User
from rxapp.domain import passwords, people
from rxapp.errors import AlreadyExists, Conflict, InvalidInput, NotFound

pytestmark = pytest.mark.usefixtures("database")

GOOD = "four words to remember"


def add(email: str = "ada@example.com", role: Role = Role.ADMIN) -> User:
    """A person, written without the slow hash."""
    with writing() as session:
        return users.save(
            session, User(email=email, email_key=email, password_hash="kept", role=role)
        )


def test_a_person_is_made_with_a_password_that_works() -> None:
    with writing() as session:
        made = people.create_user(session, " Ada@Example.COM ", " Ada  L ", GOOD, Role.EDITOR)
    assert (made.email, made.email_key) == ("Ada@example.com", "ada@example.com")
    assert (made.name, made.role) == ("Ada L", Role.EDITOR)
    assert passwords.verify(GOOD, made.password_hash)[0]


@pytest.mark.parametrize("email", ["admin@localhost", "admin@nas.local", "ada@program.test"])
def test_an_address_of_the_own_network_is_good_for_signing_in(email: str) -> None:
    with writing() as session:
        assert people.create_user(session, email, "", GOOD, Role.ADMIN).email == email


@pytest.mark.parametrize("email", ["", "ada", "@example.com", "ada@", "a b@local", "local"])
def test_what_is_no_address_is_refused_at_its_field(email: str) -> None:
    with writing() as session, pytest.raises(InvalidInput) as refused:
        people.create_user(session, email, "Ada", GOOD, Role.ADMIN)
    assert refused.value.field == "email"


def test_an_easy_password_is_refused_at_its_field() -> None:
    with writing() as session, pytest.raises(InvalidInput) as refused:
        people.create_user(session, "ada@example.com", "Ada", "short", Role.ADMIN)
    assert refused.value.field == "password"


def test_two_people_cannot_share_an_address() -> None:
    add("ada@example.com")
    with writing() as session, pytest.raises(AlreadyExists):
        people.create_user(session, "ADA@example.com", "Other", GOOD, Role.VIEWER)


def test_the_first_admin_is_made_once() -> None:
    with writing() as session:
        people.create_first_admin(session, "ada@example.com", "Ada", GOOD)
    with writing() as session, pytest.raises(Conflict):
        people.create_first_admin(session, "eve@example.com", "Eve", GOOD)


def test_of_two_first_admins_at_the_same_time_one_is_made() -> None:
    def make(name: str) -> None:
        try:
            with writing() as session:
                people.create_first_admin(session, f"{name}@example.com", name, GOOD)
        except Conflict:
            refused.append(name)

    refused: list[str] = []
    threads = [threading.Thread(target=make, args=(name,)) for name in ("ada", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    with reading() as session:
        assert len(users.everyone(session)) == 1


def test_the_last_admin_cannot_be_removed() -> None:
    ada, grace = add("ada@example.com"), add("grace@example.com")
    add("viewer@example.com", Role.VIEWER)
    with writing() as session:
        people.disable(session, grace.id)
    with writing() as session, pytest.raises(Conflict, match="only admin"):
        people.disable(session, ada.id)
    with writing() as session, pytest.raises(Conflict, match="only admin"):
        people.change_role(session, ada.id, Role.EDITOR)
    with writing() as session:
        people.enable(session, grace.id)
        assert people.change_role(session, ada.id, Role.EDITOR).role == Role.EDITOR


def test_two_admins_cannot_remove_each_other_at_the_same_time() -> None:
    admins = [add("ada@example.com"), add("grace@example.com")]
    refused: list[int] = []

    def disable(user_id: int) -> None:
        try:
            with writing() as session:
                people.disable(session, user_id)
        except Conflict:
            refused.append(user_id)

    threads = [threading.Thread(target=disable, args=(user.id,)) for user in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_a_disabled_person_is_signed_out_everywhere() -> None:
    add("grace@example.com")
    ada = add()
    with writing() as session:
        token = sessions.start(session, ada)
    with writing() as session:
        people.disable(session, ada.id)
        people.enable(session, ada.id)
    assert sessions.resolve(token) is None


def test_a_new_password_ends_every_other_session() -> None:
    ada = add()
    with writing() as session:
        here, there = sessions.start(session, ada), sessions.start(session, ada)
    with writing() as session:
        people.set_password(session, ada.id, GOOD, keep=sessions.token_hash(here))
    assert sessions.resolve(here) is not None
    assert sessions.resolve(there) is None
    with reading() as session:
        kept = users.by_id(session, ada.id)
        assert kept is not None
        assert passwords.verify(GOOD, kept.password_hash)[0]


def test_a_new_password_must_be_a_good_one() -> None:
    ada = add()
    with writing() as session, pytest.raises(InvalidInput):
        people.set_password(session, ada.id, "ada@example.com")


def test_whoever_does_not_exist_cannot_be_changed() -> None:
    with writing() as session, pytest.raises(NotFound):
        people.rename(session, 17, "Nobody")


def test_every_change_is_audited_and_repeating_one_is_no_change() -> None:
    add("grace@example.com")
    ada = add()
    with writing() as session:
        for _ in range(2):
            people.change_role(session, ada.id, Role.EDITOR, actor="grace@example.com")
        for _ in range(2):
            people.disable(session, ada.id, actor="grace@example.com")
        for _ in range(2):
            people.enable(session, ada.id, actor="grace@example.com")
        people.rename(session, ada.id, "Ada", actor="grace@example.com")
        people.set_password(session, ada.id, GOOD, actor="grace@example.com")
    with reading() as session:
        log = audit.entries(session, subject="user", subject_id=ada.id)
    assert {entry.actor for entry in log} == {"grace@example.com"}
    assert [entry.action for entry in reversed(log)] == [
        "role_changed",
        "disabled",
        "enabled",
        "renamed",
        "password_set",
    ]
