"""Settings, the sender: who emails come from and what they look like."""

from __future__ import annotations

from email.utils import parseaddr

from reflex.event import Event

from rxapp.config import DEFAULT_FROM
from rxapp.db.engine import reading, writing
from rxapp.domain import look, settings
from rxapp.domain.settings import Program
from rxapp.state import say
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.meanwhile import ChangedMeanwhile, mine

FIELDS = ("name", "website", "address", "from_", "reply_to", "logo_url", "color")


@given_back
class SettingsState(AppState):
    """The sender as it is, and what an email looks like with what is typed."""

    values: dict[str, str] = {}
    # Counted up to have the form show what was loaded.
    revision: int = 0
    loading: bool = True
    test_sender: bool = False
    sample: str = ""
    subject: str = ""
    sender_name: str = ""
    sender_address: str = ""

    @handler("admin")
    async def load(self) -> None:
        """Read everything."""
        if self.loading or not self._goes_on:
            self.errors = {}
            await self._show(await run(_read))
        self.loading = False

    @handler("admin", form=True)
    async def save(self, form: dict[str, str]) -> Event:
        """Change the sender."""
        typed = {name: form[name] for name in FIELDS if name in form}
        try:
            program = await run(_update, dict(self.values), typed, current_user().label)
        except ChangedMeanwhile as clash:
            self.values = self.values | {clash.name: clash.now}
            raise
        await self._show(program)
        self.program = self.values["name"]
        return say.success("Saved. Emails that leave from now on look like this.")

    @handler("admin", debounce=250)
    async def look(self, form: dict[str, str]) -> None:
        """Show an email with what is typed so far; nothing is saved."""
        await self._preview(await run(_draft, {name: form.get(name, "") for name in FIELDS}))

    async def _show(self, program: Program) -> None:
        self.values = _values(program)
        self.revision += 1
        await self._preview(program)

    async def _preview(self, program: Program) -> None:
        rendered = await run(look.sample, program)
        self.sample, self.subject = rendered.html, rendered.subject
        name, address = parseaddr(program.from_)
        self.sender_name, self.sender_address = name or address, address
        self.test_sender = program.from_ == DEFAULT_FROM


def _read() -> Program:
    with reading() as session:
        return settings.program(session)


def _draft(typed: dict[str, str]) -> Program:
    with reading() as session:
        return settings.draft(session, typed)


def _values(program: Program) -> dict[str, str]:
    return {name: str(getattr(program, name)) for name in FIELDS}


def _update(shown: dict[str, str], typed: dict[str, str], actor: str) -> Program:
    with writing() as session:
        changes = mine(shown, typed, _values(settings.program(session)))
        return settings.update(session, changes, actor)
