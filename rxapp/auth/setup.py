"""The first start: an admin from the environment, or a link that lets one be made.

The link is signed, so it is the same after a restart and for every process; with the first person
it stops working for good.
"""

import logging
import secrets

from itsdangerous import URLSafeSerializer

from rxapp.auth import sessions
from rxapp.config import Settings, get_settings
from rxapp.db import users
from rxapp.db.engine import reading, writing
from rxapp.domain import passwords, people
from rxapp.domain import settings as program_settings
from rxapp.domain.text import one_line
from rxapp.errors import CannotStart, InvalidInput

logger = logging.getLogger(__name__)


def ensure_admin(settings: Settings) -> str | None:
    """Make the first admin if the environment names one; else the link for setting up.

    None when somebody is there. Raises InvalidInput when RXAPP_ADMIN_EMAIL is no address, and
    CannotStart when RXAPP_ADMIN_PASSWORD is among the first that are guessed.
    """
    if anybody():
        return None
    if not (settings.rxapp_admin_email and settings.rxapp_admin_password):
        return f"{settings.base_url}/setup/{_token(settings)}"
    _check_given(settings.rxapp_admin_password, settings.rxapp_admin_email)
    with writing() as session:
        # Asked again: another process may have started at the same time.
        if not users.any_user(session):
            people.create_first_admin(
                session, settings.rxapp_admin_email, "", settings.rxapp_admin_password
            )
    return None


def _check_given(password: str, email: str) -> None:
    """Refuse what a stranger guesses at once; of what is merely too short, say so and go on."""
    try:
        passwords.check(password, email)
    except InvalidInput as weak:
        if passwords.guessed_at_once(password, email):
            raise CannotStart(
                "RXAPP_ADMIN_PASSWORD is among the first passwords that are guessed. Set another "
                "one: a few words that do not belong together are hard to guess."
            ) from weak
        logger.warning("RXAPP_ADMIN_PASSWORD should be a better one. %s", weak.sentence)


def anybody() -> bool:
    """Whether the app is set up."""
    with reading() as session:
        return users.any_user(session)


def is_token(token: str) -> bool:
    """Whether the token is the one of the link."""
    return secrets.compare_digest(token.encode(), _token(get_settings()).encode())


def set_up(
    program: str, name: str, email: str, password: str, *, address: str = "", agent: str = ""
) -> str:
    """Name the program, make its first admin and sign them in; the token of their session.

    Raises InvalidInput (naming the field), and Conflict when somebody was faster.
    """
    program = _answer(program, "program", "Enter the name of your program.")
    name = _answer(name, "name", "Enter your name.")
    with writing() as session:
        admin = people.create_first_admin(session, email, name, password, actor=email.strip())
        passwords.check(password, admin.email, name, program)
        program_settings.update(session, {"name": program}, admin.email)
        return sessions.start(session, admin, address=address, agent=agent)


def _answer(typed: str, field: str, missing: str) -> str:
    answer = one_line(typed, field, 100)
    if not answer:
        raise InvalidInput(missing, field)
    return answer


def _token(settings: Settings) -> str:
    signer = URLSafeSerializer(settings.secret_key, salt="rxapp.auth.setup")
    token = signer.dumps("first admin")
    return token if isinstance(token, str) else token.decode()
