"""Sessions in the table and in the cookie."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from rxapp.auth import sessions
from rxapp.config import get_settings
from rxapp.db.engine import reading, writing
from rxapp.db.models import LoginSession, Role
from rxapp.db.types import utcnow
from rxapp.domain import people
from rxapp.errors import NotAuthenticated
from tests.auth.support import add_user, sign_in

pytestmark = pytest.mark.usefixtures("database")


def rows() -> list[LoginSession]:
    with reading() as session:
        return list(session.scalars(select(LoginSession)))


def last_seen(ago: timedelta) -> datetime:
    """Pretend the one session was last used then; gives the moment it would have ended."""
    expires_at = utcnow() - ago + sessions.LIFETIME
    with writing() as session:
        session.connection().execute(
            update(LoginSession).values(seen_at=utcnow() - ago, expires_at=expires_at)
        )
    return expires_at


def test_the_table_holds_no_token() -> None:
    token = sign_in(add_user())
    (row,) = rows()
    assert len(token) == 43  # 256 bits in base64
    assert token not in {row.token_hash, row.csrf}
    assert row.token_hash == sessions.token_hash(token)


def test_a_session_in_use_lives_on_and_one_left_alone_ends() -> None:
    token = sign_in(add_user())
    before = last_seen(timedelta(days=13))
    assert sessions.resolve(token) is not None
    (row,) = rows()
    assert row.expires_at - before > timedelta(days=12)
    last_seen(timedelta(days=14))
    assert sessions.resolve(token) is None


def test_a_session_in_use_is_not_written_with_every_request() -> None:
    token = sign_in(add_user())
    before = last_seen(timedelta(minutes=59))
    assert sessions.resolve(token) is not None
    assert rows()[0].expires_at == before


def test_a_role_change_counts_at_once() -> None:
    user = add_user()
    add_user("grace@example.com")
    token = sign_in(user)
    with writing() as session:
        people.change_role(session, user.id, Role.VIEWER)
    who = sessions.resolve(token)
    assert who is not None
    assert who.role is Role.VIEWER


def test_people_without_a_name_go_by_their_address() -> None:
    who = sessions.resolve(sign_in(add_user()))
    assert who is not None
    assert who.name == who.label == "ada@example.com"


def test_signing_out_everywhere_leaves_other_people_alone() -> None:
    ada, grace = add_user(), add_user("grace@example.com")
    tokens = [sign_in(ada), sign_in(ada), sign_in(grace)]
    with writing() as session:
        sessions.end_all(session, ada.id)
    assert [sessions.resolve(token) is None for token in tokens] == [True, True, False]


def test_a_sign_in_clears_away_sessions_that_ran_out() -> None:
    user = add_user()
    sign_in(user)
    last_seen(timedelta(days=15))
    sign_in(user)
    assert len(rows()) == 1


def test_each_session_has_its_own_form_secret_and_an_ended_one_has_none() -> None:
    user = add_user()
    first, second = sign_in(user), sign_in(user)
    assert sessions.csrf_for(first) != sessions.csrf_for(second)
    with writing() as session:
        sessions.end(session, first)
    with pytest.raises(NotAuthenticated):
        sessions.csrf_for(first)


def test_the_cookie_is_for_this_site_only_and_not_for_scripts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sessions.cookie("abc") == (
        "rxapp_session=abc; Max-Age=1209600; Path=/; HttpOnly; SameSite=Lax"
    )
    assert "Max-Age=0;" in sessions.cookie("")
    monkeypatch.setenv("RXAPP_BASE_URL", "https://partners.example.com")
    get_settings.cache_clear()
    assert sessions.cookie("abc").endswith("; Secure")


def test_a_person_is_found_by_no_hash() -> None:
    sign_in(add_user())
    with reading() as session:
        kept = session.scalars(select(col(LoginSession.token_hash))).one()
    assert sessions.resolve(kept) is None
