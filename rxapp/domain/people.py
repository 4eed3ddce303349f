"""People who work in the app: making them, changing what they may do, and turning them off.

There is always at least one admin who can sign in. Nobody is deleted: history names them.
`actor` is who did it, in the audit log's words; without one it was done on the machine itself.
"""

from sqlmodel import Session

from rxapp.characters import bare
from rxapp.db import access, account_links, users
from rxapp.db.models import Role, User
from rxapp.db.types import utcnow
from rxapp.domain import audit, jobs, passwords, settings
from rxapp.domain.text import email_address, email_key, one_line
from rxapp.errors import AlreadyExists, Conflict, InvalidInput, NotFound

OPERATOR = "command line"
NAME_LENGTH = 120
# Names of a machine's own network: good for signing in, though no mail would arrive there.
LOCAL_DOMAINS = frozenset({"local", "localhost"})


def create_user(
    session: Session, email: str, name: str, password: str, role: Role, *, actor: str = OPERATOR
) -> User:
    """Add a person. Raises InvalidInput (naming the field) or AlreadyExists."""
    checked = address(email)
    passwords.check(password, checked, name, settings.program(session).name)
    return _add(session, checked, name, password, role=role, actor=actor)


def create_first_admin(
    session: Session, email: str, name: str, password: str, *, actor: str = OPERATOR
) -> User:
    """Add the person who sets the app up; raises InvalidInput, and Conflict once anybody is there.

    How good the password must be is up to the caller: who runs the machine is asked for less.
    """
    users.lock(session)
    if users.any_user(session):
        raise Conflict("The app is set up already. Please sign in.")
    return _add(session, address(email), name, password, role=Role.ADMIN, actor=actor)


def change_role(session: Session, user_id: int, role: Role, *, actor: str = OPERATOR) -> User:
    """Let a person do more or less, at once: in every open tab, and by what they left behind.

    Raises NotFound or Conflict.
    """
    user = _find(session, user_id)
    if user.role == role:
        return user
    if role != Role.ADMIN:
        _keep_an_admin(session, user)
    audit.record(
        session,
        actor,
        "user",
        user.id,
        "role_changed",
        email=user.email,
        role=role,
        before=user.role,
    )
    user.role = role
    if role != Role.ADMIN:
        _end_what_they_left(session, user, actor)
    return users.save(session, user)


def disable(session: Session, user_id: int, *, actor: str = OPERATOR) -> User:
    """Keep a person out, at once and everywhere; their API keys are refused meanwhile.

    Raises NotFound or Conflict.
    """
    user = _find(session, user_id)
    if user.disabled_at is not None:
        return user
    _keep_an_admin(session, user)
    access.delete_sessions(session, user.id)
    # Nobody comes in by what they left behind, neither they nor whom they invited.
    account_links.end_resets(session, user.id, utcnow())
    audit.record(session, actor, "user", user.id, "disabled", email=user.email)
    _end_what_they_left(session, user, actor)
    user.disabled_at = utcnow()
    return users.save(session, user)


def enable(session: Session, user_id: int, *, actor: str = OPERATOR) -> User:
    """Let a disabled person sign in again, with the password they had. Raises NotFound."""
    user = _find(session, user_id)
    if user.disabled_at is None:
        return user
    audit.record(session, actor, "user", user.id, "enabled", email=user.email)
    user.disabled_at = None
    return users.save(session, user)


def rename(session: Session, user_id: int, name: str, *, actor: str = OPERATOR) -> User:
    """Change what a person is called. Raises NotFound or InvalidInput."""
    user = _find(session, user_id)
    user.name = one_line(name, "name", NAME_LENGTH)
    audit.record(session, actor, "user", user.id, "renamed", email=user.email)
    return users.save(session, user)


def set_password(
    session: Session, user_id: int, password: str, *, keep: str = "", actor: str = OPERATOR
) -> User:
    """Change a person's password, sign them out everywhere else, and end their links for a new one.

    `keep` is the hash of the one session that may go on (`auth.sessions.token_hash`). Raises
    NotFound or InvalidInput.
    """
    user = _find(session, user_id)
    passwords.check(password, user.email, user.name, settings.program(session).name)
    user.password_hash = passwords.hash_password(password)
    access.delete_sessions(session, user.id, keep)
    account_links.end_resets(session, user.id, utcnow())
    audit.record(session, actor, "user", user.id, "password_set", email=user.email)
    return users.save(session, user)


def sign_out(session: Session, user_id: int, *, actor: str = OPERATOR) -> int:
    """Sign a person out everywhere; returns in how many browsers. Raises NotFound."""
    user = _find(session, user_id)
    ended = access.delete_sessions(session, user.id)
    audit.record(session, actor, "user", user.id, "signed_out", email=user.email, sessions=ended)
    return ended


def _add(session: Session, email: str, name: str, password: str, *, role: Role, actor: str) -> User:
    if users.by_email_key(session, email_key(email)):
        raise AlreadyExists(f"{email} is one of your people already.", field="email")
    user = users.save(
        session,
        User(
            email=email,
            email_key=email_key(email),
            name=one_line(name, "name", NAME_LENGTH),
            password_hash=passwords.hash_password(password),
            role=role,
        ),
    )
    # Who is here needs no invitation: kept, it would be a way back in once they may not.
    account_links.end_invitations(session, [email], utcnow())
    audit.record(session, actor, "user", user.id, "created", email=email, role=role)
    return user


def _find(session: Session, user_id: int) -> User:
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    return user


def _end_what_they_left(session: Session, user: User, actor: str) -> None:
    """What takes an admin ends with being one: bulk work under way, and links made for others.

    Such links do not work anyway; ended, they stay so if the person is made an admin again.
    """
    jobs.cancel_of(session, user.email, actor)
    ended = account_links.end_made_by(session, user.id, utcnow())
    if ended:
        audit.record(session, actor, "user", user.id, "links_ended", email=user.email, number=ended)


def _keep_an_admin(session: Session, user: User) -> None:
    users.lock(session)
    if user.role == Role.ADMIN and not users.other_admins(session, user.id):
        raise Conflict("This is the only admin. Make somebody else an admin first.")


def address(email: str) -> str:
    """Somebody's address as it is written down; raises InvalidInput."""
    email = bare(email)
    if not email:
        raise InvalidInput("Enter an email address.", "email")
    local, _, domain = email.lower().rpartition("@")
    if domain.rpartition(".")[2] in LOCAL_DOMAINS:
        # Checked in the guise of a domain the rules for real addresses let through.
        return email_address(f"{local}@{domain}.test").removesuffix(".test")
    return email_address(email)
