"""Tests of the email that is being written, one for each address, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass

from rxapp.db.engine import reading, writing
from rxapp.domain import preview, trials
from rxapp.errors import InvalidInput
from rxapp.state.email_draft import Draft, version_of

TEST_SECONDS = 15.0


@dataclass
class TestLine:
    """A test, and what became of it: `waiting`, `sent`, `captured` or `refused`."""

    # Not a test of our own, whatever its name looks like to pytest.
    __test__ = False

    address: str = ""
    status: str = "waiting"
    words: str = "On its way…"


def send(draft: Draft, partner: str, number: int, addresses: list[str], actor: str) -> list[int]:
    """Send what is written to these addresses, as a partner would get it; returns the tests."""
    if not addresses or len(addresses) > trials.MOST_ADDRESSES:
        raise InvalidInput(f"Enter one to {trials.MOST_ADDRESSES} addresses.", "to")
    with writing() as session:
        version = version_of(session, draft)
        return [
            preview.send_trial(session, version, [to], actor, who=partner, template_id=number)
            for to in addresses
        ]


def left(actor: str) -> int:
    """How many more tests this person may send now."""
    with reading() as session:
        return trials.left(session, actor)


async def answer(test: int, address: str) -> tuple[int, TestLine]:
    """Wait for what becomes of a test; returns it again, with that."""
    return test, _told(await trials.wait(test, TEST_SECONDS), address)


def _told(trial: trials.Trial, address: str) -> TestLine:
    words = {
        "sent": "Sent",
        "captured": "Kept by the sandbox: no email left",
        "refused": f"The provider refused it: {trial.problem}",
        "waiting": f"Still waits for the provider. {trial.problem}".strip(),
    }
    return TestLine(address, trial.status, words[trial.status])
