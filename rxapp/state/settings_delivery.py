"""Settings, delivery: the provider's key, its domains and webhook, the pace, and pausing."""

from __future__ import annotations

from typing import Any, Literal, cast, get_args

from reflex.event import Event, EventCallback

from rxapp.config import get_settings
from rxapp.db.engine import reading, writing
from rxapp.dispatch.resend_account import Access, Account, ResendAccount
from rxapp.domain import delivery, look, senders, settings, trials
from rxapp.domain.sealed import seal, unseal
from rxapp.domain.text import email_address
from rxapp.errors import Conflict, InvalidInput
from rxapp.state import say
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.delivery_domains import DomainLine, domain_lines, sender_sentence, statuses
from rxapp.state.delivery_way import WEBHOOK_PATH, Way, read_way
from rxapp.state.meanwhile import mine

TEST_SECONDS = 15.0
# What the form of the pace asks for.
PACE = ("rate", "undo_seconds")


@given_back
class DeliveryState(AppState):
    """What is in force, what the provider says of it, and the dialogs that change it."""

    way: Way = Way()
    loading: bool = True
    # Counted up to have the forms show what was loaded.
    revision: int = 0
    domains: list[DomainLine] = []
    # What the key may do ("full", "sending", ...), once the provider has said; see Access.
    access: str = ""
    sender_note: str = ""
    sender_ready: bool = False
    asking: bool = False
    # The dialogs: pasting a key, going live with it, removing it, resuming.
    pasting: bool = False
    checking: bool = False
    going_live: bool = False
    removing: bool = False
    resuming: bool = False
    pasting_secret: bool = False
    testing: bool = False
    # A key that was found good and waits for an answer: sealed, for states are stored.
    _found_good: str = ""
    # Emails that the account used so far may have, should the key change: they become unknown.
    perhaps_taken: int = 0
    # Why no partner would get an email by that key, as far as its account says.
    warning: str = ""
    _test: int = 0

    @handler("admin")
    async def load(self) -> None:
        """Read what is in force; forget what was open."""
        await self._read()
        if self.loading or not self._goes_on:
            self.pasting = self.going_live = self.removing = self.resuming = False
            self.pasting_secret = self.testing = self.checking = False
            self._found_good, self.errors = "", {}
            self.revision += 1
        self.loading = False

    @handler("admin")
    async def refresh(self) -> None:
        """Keep what changes by itself current: events, the queue, whether we were stopped."""
        await self._read()

    @handler("admin", background=True)
    async def ask_provider(self) -> None:
        """Read the account's domains from the provider, which may take a while."""
        async with self:
            self.asking = True
        account = await run(_account)
        async with self:
            self.access = account.access.value if account else ""
            self.domains = domain_lines(account)
            self.sender_note, self.sender_ready = sender_sentence(account, self.way.sender)
            self.asking = False
            verified = self.sender_ready and self.way.stopped_code == delivery.DOMAIN_REFUSED
        if verified:
            await run(_try_now)

    @handler("admin")
    async def check_domain(self, domain_id: str) -> list[Any]:
        """Have the provider look at a domain's DNS records again."""
        if not await run(_verify, domain_id):
            raise Conflict("Resend did not take the request. Try again in a minute.")
        told = say.success("Resend is looking at the records again. It may take some minutes.")
        return [told, DeliveryState.ask_provider]

    async def _come_back(self, forms: dict[str, dict[str, str]]) -> None:  # noqa: ARG002
        # What was under way ended with the server, and so did the key that waited for an answer.
        self.going_live = self.checking = self.testing = False

    # the key

    @handler("admin")
    async def set_pasting(self, opened: bool) -> None:
        """Open or close the dialog that takes a key."""
        self.pasting, self.errors, self._found_good = opened, {}, ""

    @handler("admin", form=True)
    async def try_key(self, form: dict[str, str]) -> Any:
        """Try a pasted key at the provider; a good one is kept, or first asked about."""
        key = delivery.api_key(form.get("key", ""))
        self.checking = True
        yield
        self.checking = False
        account = await run(_look, key)
        _refuse_bad(account)
        await self._read()
        note, ready = sender_sentence(account, self.way.sender)
        # Whoever is live with the test sender knows whom it reaches.
        known = self.way.live and self.way.sender.endswith("@resend.dev")
        self.warning = "" if ready or known else note
        self.pasting = False
        self.perhaps_taken = await run(_perhaps_taken, key)
        if self.way.live and not (self.perhaps_taken or self.warning):
            for step in await self._keep(key, "send"):
                yield step
        else:
            self._found_good, self.going_live = seal(key), True

    @handler("admin")
    async def set_going_live(self, opened: bool) -> None:
        """Close the question before a key is used; the key is forgotten."""
        self.going_live = opened
        if not opened:
            self._found_good = ""

    @handler("admin")
    async def go_live(self, waiting: str) -> list[Any]:
        """Use the key; what waits is sent ("send") or discarded ("discard")."""
        key = unseal(self._found_good) if self._found_good else None
        if key is None:
            raise Conflict("The key was not kept. Paste it again.")
        self.going_live, self._found_good = False, ""
        return await self._keep(key, waiting)

    @handler("admin")
    async def set_removing(self, opened: bool) -> None:
        """Open or close the question before the key is removed, with the numbers of now."""
        await self._read()
        self.perhaps_taken = await run(_perhaps_taken, None)
        self.removing = opened

    @handler("admin")
    async def remove_key(self, waiting: str) -> list[Any]:
        """Forget the key; what waits is kept ("keep") or discarded ("discard")."""
        told = self.perhaps_taken
        discarded = await run(_forget_key, waiting, told, current_user().label)
        self.removing = False
        await self._read()
        now = "The environment's key is used." if self.way.live else "No email leaves any more."
        words = f"The key was removed. {now}{_discarded(discarded)}"
        return [AppState.enter, say.success(words), DeliveryState.ask_provider]

    # the webhook

    @handler("admin")
    async def set_pasting_secret(self, opened: bool) -> None:
        """Open or close the dialog that takes the webhook's secret."""
        self.pasting_secret, self.errors = opened, {}

    @handler("admin", form=True)
    async def save_secret(self, form: dict[str, str]) -> Event:
        """Check the provider's events with this secret."""
        await run(_use_secret, form.get("secret", ""), current_user().label)
        self.pasting_secret = False
        await self._read()
        return say.success("Saved. The next event from Resend is checked with it.")

    @handler("admin")
    async def remove_secret(self) -> Event:
        """Forget the secret that was set in the app."""
        await run(_forget_secret, current_user().label)
        await self._read()
        return say.success("The signing secret was removed.")

    @handler("admin")
    async def make_webhook(self) -> Event:
        """Have the provider make the webhook, and keep its secret."""
        if not await run(_make_webhook, current_user().label):
            raise Conflict("Resend did not make the webhook. Set it up by hand, as described.")
        await self._read()
        return say.success("The webhook is set up: Resend reports what becomes of emails.")

    # pace, pausing, and trying it out

    @handler("admin")
    async def try_now(self) -> Event:
        """Find out at once whether the provider takes emails again."""
        await run(_try_now)
        await self._read()
        return say.info("The next email is being tried. If it is taken, the others follow.")

    @handler("admin", form=True)
    async def save_pace(self, form: dict[str, str]) -> Event:
        """Set the rate and the time bulk actions can be undone."""
        shown = {name: getattr(self.way, name) for name in PACE}
        await run(_set_pace, shown, form, current_user().label)
        await self._read()
        self.revision += 1
        return say.success("Saved.")

    @handler("admin")
    async def pause(self) -> list[EventCallback[()]]:
        """Stop sending."""
        await run(_pause, current_user().label)
        await self._read()
        return [AppState.enter]

    @handler("admin")
    async def set_resuming(self, opened: bool) -> None:
        """Ask what to do with the emails that were held, with how many there are now."""
        await self._read()
        self.resuming = opened

    @handler("admin")
    async def resume(self, held: str) -> list[Any]:
        """Send again; the held emails are sent, discarded, or discarded if due: `Held`."""
        discarded = await run(_resume, held, current_user().label)
        self.resuming = False
        await self._read()
        words = f"Sending is resumed.{_discarded(discarded)} {self.way.note}".strip()
        return [AppState.enter, say.success(words)]

    @handler("admin", form=True)
    async def send_test(self, form: dict[str, str]) -> list[Any]:
        """Send a test email to one address, the way every email leaves."""
        to = email_address(form.get("test_to", ""), "test_to")
        self._test = await run(_send_test, to, current_user().label)
        self.testing = True
        return [DeliveryState.watch_test]

    @handler("admin", background=True)
    async def watch_test(self) -> Event:
        """Wait for the provider's answer to the test, and tell it."""
        async with self:
            test = self._test
        told = await trials.wait(test, TEST_SECONDS)
        async with self:
            self.testing = False
        return _told(told)

    async def _keep(self, key: str, waiting: str) -> list[Any]:
        told = self.perhaps_taken
        discarded = await run(_use_key, key, waiting, told, current_user().label)
        await self._read()
        now = f"The key ending in {self.way.ending} is used from now on.{_discarded(discarded)}"
        return [AppState.enter, say.success(now), DeliveryState.ask_provider]

    async def _read(self) -> None:
        self.way = await run(read_way)


def _refuse_bad(account: Account) -> None:
    if account.access is Access.REFUSED:
        raise InvalidInput(f"Resend does not accept this key: {account.message}", "key")
    if account.access is Access.UNREACHABLE:
        raise InvalidInput(
            "Resend did not answer, so the key was not kept. Try again in a minute.", "key"
        )


def _discarded(number: int) -> str:
    return f" {number:,} waiting email{'s' if number != 1 else ''} discarded." if number else ""


def _told(trial: trials.Trial) -> Event:
    match trial.status:
        case "sent":
            return say.success("Resend took the test. Look into your inbox.", stays=say.LONG)
        case "captured":
            return say.success("The sandbox kept the test: no email left.")
        case "refused":
            words = f"Resend refused the test: {trial.problem}"
            return say.error(words, stays=say.LONGER)
    why = f" Its last answer: {trial.problem}" if trial.problem else ""
    return say.warning(f"The test still waits to leave.{why}", stays=say.LONGER)


def _look(key: str, *, records: bool = False) -> Account:
    """What the provider says of a key's account; its domains are remembered for other doors."""
    account = ResendAccount(key, get_settings().resend_api_url).look(records=records)
    domains = statuses(account)
    if domains is not None:
        with writing() as session:
            senders.note_domains(session, key, domains)
    return account


def _key() -> str:
    with reading() as session:
        return delivery.delivery(session).key.value


def _current() -> ResendAccount | None:
    key = _key()
    return ResendAccount(key, get_settings().resend_api_url) if key else None


def _account() -> Account | None:
    key = _key()
    return _look(key, records=True) if key else None


def _verify(domain_id: str) -> bool:
    asked = _current()
    # Only what the account listed: the rest of the address is not for a browser to choose.
    return asked is not None and any(
        one.id == domain_id and asked.verify(one.id) for one in asked.look().domains
    )


def _make_webhook(actor: str) -> bool:
    asked = _current()
    secret = asked.add_webhook(f"{get_settings().base_url}{WEBHOOK_PATH}") if asked else None
    if secret is None:
        return False
    _use_secret(secret, actor)
    return True


def _perhaps_taken(key: str | None) -> int:
    with reading() as session:
        return delivery.perhaps_taken(session, key)


def _try_now() -> None:
    with writing() as session:
        delivery.try_now(session)


def _use_key(key: str, waiting: str, told: int, actor: str) -> int:
    if waiting not in ("send", "discard"):
        raise InvalidInput("Choose what happens to the emails that wait.")
    with writing() as session:
        choice = cast(Literal["send", "discard"], waiting)
        return delivery.use_key(session, key, actor, choice, told=told)


def _forget_key(waiting: str, told: int, actor: str) -> int:
    if waiting not in ("keep", "discard"):
        raise InvalidInput("Choose what happens to the emails that wait.")
    with writing() as session:
        choice = cast(Literal["keep", "discard"], waiting)
        return delivery.forget_key(session, actor, choice, told=told)


def _use_secret(typed: str, actor: str) -> None:
    with writing() as session:
        delivery.use_webhook_secret(session, typed, actor)


def _forget_secret(actor: str) -> None:
    with writing() as session:
        delivery.forget_webhook_secret(session, actor)


def _set_pace(shown: dict[str, str], form: dict[str, str], actor: str) -> None:
    """Set what the person changed: the other one somebody else may have set meanwhile."""
    with writing() as session:
        changes = mine(shown, {name: form.get(name, "") for name in PACE}, shown)
        if "undo_seconds" in changes:
            settings.update(session, {"undo_seconds": changes["undo_seconds"]}, actor)
        if "rate" in changes:
            delivery.set_rate(session, changes["rate"], actor)


def _pause(actor: str) -> None:
    with writing() as session:
        settings.pause(session, actor)


def _resume(held: str, actor: str) -> int:
    if held not in get_args(settings.Held):
        raise InvalidInput("Choose what happens to the emails that were held.")
    with writing() as session:
        return settings.resume(session, actor, cast(settings.Held, held))


def _send_test(to: str, actor: str) -> int:
    with writing() as session:
        email = look.check_email(settings.program(session))
        return trials.send(session, email, [to], actor)
