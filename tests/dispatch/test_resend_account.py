"""What a key may do, and which domains may send, as the provider tells it."""

import pytest
import resend

from rxapp.dispatch.resend_account import Access, ResendAccount
from tests.fakes.resend import FakeResend


def account(fake: FakeResend, key: str = "re_test") -> ResendAccount:
    return ResendAccount(key, fake.url)


def test_a_full_key_reads_the_domains_and_their_records(fake: FakeResend) -> None:
    found = account(fake).look(records=True)
    assert found.access is Access.FULL
    assert [(one.name, one.status) for one in found.domains] == [
        ("partners.example", "verified"),
        ("pending.example", "pending"),
    ]
    first = found.domains[1].records[0]
    assert (first.purpose, first.kind, first.name, first.priority) == ("SPF", "MX", "send", "10")


def test_a_key_that_may_only_send_is_good_and_reads_no_domains(fake: FakeResend) -> None:
    fake.configure(restricted_keys=["re_sending"])
    found = account(fake, "re_sending").look(records=True)
    assert (found.access, found.domains) == (Access.SENDING, ())


@pytest.mark.parametrize("status", [401, 403])
def test_an_unknown_key_is_refused_with_the_providers_words(fake: FakeResend, status: int) -> None:
    fake.configure(api_keys=["re_known"], unknown_key_status=status)
    found = account(fake, "re_wrong").look()
    assert (found.access, found.message) == (Access.REFUSED, "API key is invalid")


def test_a_provider_that_is_away_says_nothing_about_the_key(fake: FakeResend) -> None:
    fake.stop()
    assert account(fake).look().access is Access.UNREACHABLE


def test_asking_leaves_the_sdks_own_key_alone(fake: FakeResend) -> None:
    before = resend.api_key
    account(fake, "re_pasted").look()
    assert resend.api_key == before


def test_a_domain_can_be_looked_at_again_and_a_webhook_made(fake: FakeResend) -> None:
    asked = account(fake)
    assert asked.verify(asked.look().domains[0].id)
    assert not asked.verify("nothing")
    secret = asked.add_webhook("https://partners.example/webhooks/resend")
    assert secret is not None
    assert secret.startswith("whsec_")
