"""Settings, people: links are shown once, questions name the person, the last admin stays."""

import pytest

from rxapp.auth import sessions
from rxapp.config import get_settings
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role, User
from rxapp.domain import invitations, people
from rxapp.state.settings_people import PeopleState, PersonRow
from tests.state.support import call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
GOOD = "four words to remember"


@pytest.fixture
def page() -> PeopleState:
    """The page, opened by Ada, an admin."""
    tab = signed_in(PeopleState)
    call(tab, "load")
    return tab


def bob(role: Role = Role.EDITOR) -> User:
    with writing() as session:
        return people.create_user(session, "bob@example.com", "Bob", GOOD, role)


def row(page: PeopleState, email: str) -> PersonRow:
    return next(one for one in page.people if one.email == email)


def do(page: PeopleState, deed: str, user: User, role: str = "") -> str:
    call(page, "ask", deed, user.id, role)
    assert (page.asking, page.question.person.email) == (True, user.email)
    return effect(call(page, "confirm"))


def test_an_invitation_is_a_link_shown_once_that_gives_the_chosen_role(page: PeopleState) -> None:
    call(page, "invite", {"invite_email": "new@example.com", "invite_role": "viewer"})
    start, _, token = page.link.rpartition("/")
    assert start == f"{get_settings().base_url}/join"
    assert [(one.email, one.role) for one in page.invites] == [("new@example.com", "viewer")]
    call(page, "close_link", False)
    assert page.link == ""
    with writing() as session:
        joined = invitations.accept(
            session, token, name="New", email="new@example.com", password=GOOD
        )
    assert joined.role == Role.VIEWER
    call(page, "load")
    assert page.invites == []
    assert row(page, "new@example.com").role == "viewer"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"invite_email": "nobody", "invite_role": "viewer"}, "invite_email"),
        ({"invite_email": "ada@example.com", "invite_role": "viewer"}, "invite_email"),
        ({"invite_email": "", "invite_role": "owner"}, "invite_role"),
    ],
)
def test_what_is_wrong_with_an_invitation_stands_at_its_field(
    page: PeopleState, form: dict[str, str], field: str
) -> None:
    call(page, "invite", form)
    assert (list(page.errors), page.link, page.invites) == ([field], "", [])


def test_a_withdrawn_invitation_is_gone(page: PeopleState) -> None:
    call(page, "invite", {"invite_email": "", "invite_role": "editor"})
    call(page, "withdraw", page.invites[0].id)
    assert page.invites == []


def test_a_role_holds_at_once(page: PeopleState) -> None:
    user = bob()
    with writing() as session:
        token = sessions.start(session, user)
    assert "is viewer from now on" in do(page, "role", user, "viewer")
    identity = sessions.resolve(token)
    assert identity is not None
    assert identity.role == Role.VIEWER
    assert row(page, user.email).role == "viewer"


def test_who_is_deactivated_is_out_and_can_be_let_in_again(page: PeopleState) -> None:
    user = bob()
    with writing() as session:
        token = sessions.start(session, user)
    call(page, "ask", "deactivate", user.id, "")
    assert page.question.person.browsers == "in 1 browser"
    call(page, "confirm")
    assert sessions.resolve(token) is None
    assert not row(page, user.email).active
    do(page, "activate", user)
    assert row(page, user.email).active


def test_signing_out_everywhere_says_where(page: PeopleState) -> None:
    user = bob()
    with writing() as session:
        sessions.start(session, user)
        sessions.start(session, user)
    assert "2 browsers" in do(page, "sign_out", user)


def test_a_link_for_a_new_password_is_shown_once(page: PeopleState) -> None:
    user = bob()
    do(page, "reset", user)
    token = page.link.rpartition("/")[2]
    with reading() as session:
        assert invitations.find(session, token).user_id == user.id
    assert "bob@example.com" in page.link_title


@pytest.mark.parametrize(("deed", "role"), [("role", "viewer"), ("deactivate", "")])
def test_the_last_admin_stays_one(page: PeopleState, deed: str, role: str) -> None:
    me = row(page, "ada@example.com")
    assert (me.me, me.last_admin) == (True, True)
    call(page, "ask", deed, me.id, role)
    assert "only admin" in effect(call(page, "confirm"))
    assert sessions.resolve(session_of(page)) is not None
    bob(Role.ADMIN)
    call(page, "load")
    assert not row(page, "ada@example.com").last_admin


def test_who_is_not_there_is_not_asked_about(page: PeopleState) -> None:
    call(page, "ask", "deactivate", 999, "")
    assert not page.asking


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("load", ()),
        ("invite", ({"invite_role": "admin"},)),
        ("ask", ("role", 1, "admin")),
        ("confirm", ()),
        ("withdraw", (1,)),
    ],
)
def test_only_admins_see_and_change_people(name: str, arguments: tuple[object, ...]) -> None:
    tab = signed_in(PeopleState, Role.EDITOR)
    assert "this needs “admin”" in effect(call(tab, name, *arguments))
    assert (tab.people, tab.link) == ([], "")
