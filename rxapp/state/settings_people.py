"""Settings, people: who works in the app, what each may do, and the links that let them in."""

from __future__ import annotations

from dataclasses import dataclass, field

from reflex.event import Event

from rxapp import routes
from rxapp.auth.sessions import Identity
from rxapp.config import get_settings
from rxapp.db import access, users
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role, User
from rxapp.db.types import utcnow
from rxapp.domain import invitations, people
from rxapp.errors import InvalidInput
from rxapp.state import say
from rxapp.state.base import AppState, current_user, given_back, handler, run


@dataclass
class PersonRow:
    """Somebody who works in the app, or did; moments are ISO 8601."""

    id: int = 0
    name: str = ""
    email: str = ""
    role: str = ""
    active: bool = True
    me: bool = False
    # Nobody else is an admin: their role and access cannot be taken away.
    last_admin: bool = False
    # "in 2 browsers"; empty when they are signed in nowhere.
    browsers: str = ""
    seen: str = ""


@dataclass
class InviteRow:
    """An invitation nobody has used yet."""

    id: int
    email: str
    role: str
    actor: str
    expires: str


@dataclass
class Question:
    """What is asked before a person's access changes."""

    deed: str = ""
    person: PersonRow = field(default_factory=PersonRow)
    role: str = ""


@given_back
class PeopleState(AppState):
    """Everybody, the open invitations, and the dialogs about one person."""

    people: list[PersonRow] = []
    invites: list[InviteRow] = []
    loading: bool = True
    inviting: bool = False
    # A link that was just made, shown this once, and what it is for.
    link: str = ""
    link_title: str = ""
    link_text: str = ""
    question: Question = Question()
    asking: bool = False

    @handler("admin")
    async def load(self) -> None:
        """Read everybody; forget what was open."""
        if not self._goes_on:
            self.inviting = self.asking = False
            self.link, self.errors = "", {}
        await self._read()
        self.loading = False

    @handler("admin")
    async def set_inviting(self, opened: bool) -> None:
        """Open or close the dialog that invites somebody."""
        self.inviting, self.errors = opened, {}

    @handler("admin", form=True)
    async def invite(self, form: dict[str, str]) -> None:
        """Make a link for somebody new, and show it once."""
        email, role = form.get("invite_email", ""), form.get("invite_role", "")
        token = await run(_invite, email, role, current_user())
        self.inviting = False
        self._show_link(
            token,
            f"Invitation for {email.strip()}" if email.strip() else "Invitation",
            f"Give this link to whoever is to join as {role}. It works once, within 7 days, and "
            "is not shown again.",
        )
        await self._read()

    @handler("admin")
    async def withdraw(self, number: int) -> Event:
        """End an invitation."""
        await run(_withdraw, number, current_user().label)
        await self._read()
        return say.success("Withdrawn: the link no longer works.")

    @handler("admin")
    async def close_link(self, opened: bool) -> None:
        """Forget the link that was shown."""
        if not opened:
            self.link = ""

    @handler("admin")
    async def ask(self, deed: str, number: int, role: str) -> None:
        """Ask before something happens to somebody; `role` is the new one, if that is it."""
        await self._read()
        person = next((one for one in self.people if one.id == number), None)
        if person is not None:
            self.question, self.asking = Question(deed, person, role), True

    @handler("admin")
    async def set_asking(self, opened: bool) -> None:
        """Close the question."""
        self.asking = opened

    @handler("admin")
    async def confirm(self) -> Event | None:
        """Do what was asked about."""
        asked, me = self.question, current_user()
        actor = me.label
        self.asking = False
        told: str | None
        match asked.deed:
            case "role":
                told = await run(_change_role, asked.person.id, asked.role, actor)
            case "deactivate":
                told = await run(_set_active, asked.person.id, False, actor)
            case "activate":
                told = await run(_set_active, asked.person.id, True, actor)
            case "sign_out":
                told = await run(_sign_out, asked.person.id, actor)
            case "reset":
                told = None
                self._show_link(
                    await run(_reset, asked.person.id, me),
                    f"New password for {asked.person.email}",
                    "Give this link to them. It works once, within 24 hours, and is not shown "
                    "again. Until they use it, their present password holds.",
                )
            case _:
                raise InvalidInput("There is no such thing to do.")
        await self._read()
        return say.success(told) if told else None

    def _show_link(self, token: str, title: str, text: str) -> None:
        self.link = f"{get_settings().base_url}{routes.join(token)}"
        self.link_title, self.link_text = title, text

    async def _read(self) -> None:
        self.people, self.invites = await run(_read, current_user().user_id)


def _read(me: int | None) -> tuple[list[PersonRow], list[InviteRow]]:
    with reading() as session:
        everyone = users.everyone(session)
        browsers, seen = access.session_counts(session, utcnow()), access.last_seen(session)
        admins = [one.id for one in everyone if one.role == Role.ADMIN and not one.disabled_at]
        rows = [
            PersonRow(
                id=one.id,
                name=one.name,
                email=one.email,
                role=one.role,
                active=one.disabled_at is None,
                me=one.id == me,
                last_admin=admins == [one.id],
                browsers=_browsers(browsers.get(one.id, 0)),
                seen=_seen(one, seen),
            )
            for one in everyone
        ]
        invites = [
            InviteRow(one.id, one.email, one.role, one.actor, one.expires_at.isoformat())
            for one in invitations.pending(session)
        ]
        return rows, invites


def _browsers(number: int) -> str:
    return f"in {number} browser{'s' if number != 1 else ''}" if number else ""


def _seen(user: User, seen: dict[int, str]) -> str:
    times = [seen.get(user.id, ""), user.last_login_at.isoformat() if user.last_login_at else ""]
    return max(times)


def _invite(email: str, role: str, me: Identity) -> str:
    if role not in set(Role):
        raise InvalidInput("Choose what they may do.", "invite_role")
    try:
        with writing() as session:
            return invitations.invite(session, email, Role(role), maker=me.user_id, actor=me.label)
    except Exception as error:
        if getattr(error, "extra", {}).get("field") == "email":
            raise InvalidInput(str(error), "invite_email") from error
        raise


def _withdraw(number: int, actor: str) -> None:
    with writing() as session:
        invitations.withdraw(session, number, actor=actor)


def _reset(number: int, me: Identity) -> str:
    with writing() as session:
        return invitations.reset(session, number, maker=me.user_id, actor=me.label)


def _change_role(number: int, role: str, actor: str) -> str:
    if role not in set(Role):
        raise InvalidInput("Choose what they may do.")
    with writing() as session:
        changed = people.change_role(session, number, Role(role), actor=actor)
        return f"{changed.email} is {role} from now on."


def _set_active(number: int, active: bool, actor: str) -> str:
    with writing() as session:
        if active:
            return f"{people.enable(session, number, actor=actor).email} can sign in again."
        return f"{people.disable(session, number, actor=actor).email} is out, everywhere."


def _sign_out(number: int, actor: str) -> str:
    with writing() as session:
        ended = people.sign_out(session, number, actor=actor)
    return f"Signed out of {ended} browser{'s' if ended != 1 else ''}."
