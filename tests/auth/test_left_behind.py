"""What a person left behind ends with their rights."""

from collections.abc import Callable

import pytest
from sqlmodel import Session

from rxapp.auth import keys, sessions
from rxapp.db import audit, users
from rxapp.db.engine import reading, writing
from rxapp.db.models import Job, JobKind, JobStatus, Role, User
from rxapp.domain import invitations, jobs, people
from rxapp.errors import Conflict, NotFound
from tests import factory

pytestmark = pytest.mark.usefixtures("database")

GOOD, NEW = "four words to remember", "some other words"
GRACE = "grace@example.com"


def add(email: str, role: Role = Role.ADMIN) -> User:
    with writing() as s:
        user = User(email=email, email_key=email, password_hash="kept", role=role)
        return users.save(s, user)


@pytest.fixture
def ada() -> User:
    """An admin who will lose their rights; grace stays."""
    add(GRACE)
    return add("ada@example.com")


def demote(s: Session, user: User) -> None:
    people.change_role(s, user.id, Role.EDITOR, actor=GRACE)


def disable(s: Session, user: User) -> None:
    people.disable(s, user.id, actor=GRACE)


def again(s: Session, user: User) -> None:
    people.enable(s, user.id, actor=GRACE)
    people.change_role(s, user.id, Role.ADMIN, actor=GRACE)


LOSSES = pytest.mark.parametrize("lose", [demote, disable])


def is_over(token: str) -> bool:
    with reading() as s:
        try:
            invitations.find(s, token)
        except NotFound:
            return True
        return False


@LOSSES
def test_links_an_admin_made_end_with_their_being_one_and_stay_over(
    ada: User, lose: Callable[[Session, User], None]
) -> None:
    bob = add("bob@example.com")
    with writing() as s:
        invited = invitations.invite(s, "", Role.ADMIN, maker=ada.id, actor=ada.email)
        reset = invitations.reset(s, bob.id, maker=ada.id, actor=ada.email)
        of_another = invitations.invite(s, "", Role.ADMIN, maker=bob.id, actor=bob.email)
    with writing() as s:
        lose(s, ada)
    assert (is_over(invited), is_over(reset), is_over(of_another)) == (True, True, False)
    with writing() as s:
        (listed,) = invitations.pending(s)
        assert listed.actor == bob.email
        with pytest.raises(NotFound):
            invitations.accept(s, invited, name="", email="eve@example.com", password=GOOD)
    with writing() as s:
        again(s, ada)
        (entry,) = [one for one in audit.entries(s) if one.action == "links_ended"]
    assert (entry.actor, entry.subject_id, entry.data["number"]) == (GRACE, ada.id, 2)
    assert is_over(invited)
    assert is_over(reset)


def test_a_link_made_while_its_maker_loses_their_rights_does_not_work(ada: User) -> None:
    """The handler was let in as an admin's; the change was committed before it wrote."""
    with writing() as s:
        demote(s, ada)
    with writing() as s:
        late = invitations.invite(s, "", Role.ADMIN, maker=ada.id, actor=ada.email)
    assert is_over(late)
    with reading() as s:
        assert invitations.pending(s) == []


def test_a_key_may_never_do_more_than_its_owner_may_now(ada: User) -> None:
    with writing() as s:
        key = keys.create(s, "CRM", Role.ADMIN, owner=ada.id, actor=ada.email)
        reads = keys.create(s, "Chart", Role.VIEWER, owner=ada.id, actor=ada.email)
        programs_own = keys.create(s, "CI", Role.ADMIN)

    def may() -> list[Role | None]:
        known = [keys.resolve(one) for one in (key, reads, programs_own)]
        return [one.role if one else None for one in known]

    assert may() == [Role.ADMIN, Role.VIEWER, Role.ADMIN]
    with writing() as s:
        demote(s, ada)
    assert may() == [Role.EDITOR, Role.VIEWER, Role.ADMIN]
    with writing() as s:
        disable(s, ada)
    assert may() == [None, None, Role.ADMIN]
    with writing() as s:
        again(s, ada)
    assert may() == [Role.ADMIN, Role.VIEWER, Role.ADMIN]


@LOSSES
def test_bulk_work_under_way_stops_where_it_is(
    ada: User, lose: Callable[[Session, User], None]
) -> None:
    with writing() as s:
        vip, partners = factory.tag(s), factory.partners(s, 3)
        theirs, others = (
            jobs.start_bulk(s, JobKind.ASSIGN, vip, partners, actor=who, hold_seconds=0).id
            for who in (ada.email, GRACE)
        )
        lose(s, ada)
        assert s.get_one(Job, theirs).status == JobStatus.CANCELED
        assert s.get_one(Job, others).status == JobStatus.WAITING
        stopped = audit.entries(s, subject="job", subject_id=theirs)[0]
    assert (stopped.actor, stopped.action) == (GRACE, "canceled")


def test_a_link_for_a_new_password_ends_with_the_password_and_with_the_next_link(
    ada: User,
) -> None:
    def link() -> str:
        with writing() as s:
            return invitations.reset(s, ada.id, actor=GRACE)

    def set_password(password: str) -> None:
        with writing() as s:
            people.set_password(s, ada.id, password)

    first = link()
    second = link()
    assert (is_over(first), is_over(second)) == (True, False)
    set_password(NEW)
    assert is_over(second)
    third = link()
    with writing() as s:
        session = sessions.start(s, ada)
        invitations.accept(s, third, name="", email="", password=GOOD)
    assert sessions.resolve(session) is None
    fourth = link()
    with writing() as s:
        disable(s, ada)
    assert is_over(fourth)
    with writing() as s, pytest.raises(Conflict):
        invitations.reset(s, ada.id, actor=GRACE)
