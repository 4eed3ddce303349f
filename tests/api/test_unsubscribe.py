"""The unsubscribe page and one-click."""

from datetime import timedelta

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import AuditEntry, Partner
from rxapp.db.types import utcnow
from rxapp.domain import partners, settings, unsubscribe
from tests import factory as f
from tests.api.conftest import Client


@pytest.fixture
def ada(database: str) -> int:
    with writing() as s:
        settings.update(s, {"name": "Acme Partners"}, "a test")
        return f.partner(s)


def consent(partner_id: int) -> str:
    with reading() as s:
        partner = s.get(Partner, partner_id)
        assert partner is not None
        return partner.consent


def path(partner_id: int) -> str:
    return f"/unsubscribe/{unsubscribe.token(partner_id)}"


def test_opening_the_page_changes_nothing(anybody: Client, ada: int) -> None:
    page = anybody.get(path(ada))
    assert page.status_code == 200
    assert "Unsubscribe from Acme Partners?" in page.text
    assert "ada@partners.test" in page.text
    assert "<script" not in page.text
    assert consent(ada) == "subscribed"


def test_the_button_unsubscribes_and_the_way_back_is_open(anybody: Client, ada: int) -> None:
    done = anybody.post(path(ada), data={"action": "unsubscribe"})
    assert (done.status_code, consent(ada)) == (200, "unsubscribed")
    assert "You are unsubscribed" in done.text
    assert "You are unsubscribed" in anybody.get(path(ada)).text
    back = anybody.post(path(ada), data={"action": "resubscribe"})
    assert (back.status_code, consent(ada)) == (200, "subscribed")


def unsubscribed(partner_id: int, *, by: str, ago: timedelta = timedelta(0)) -> None:
    with writing() as s:
        partner = partners.unsubscribe(s, partner_id, by)
        partner.consent_at = utcnow() - ago


@pytest.mark.parametrize(
    ("by", "ago"),
    [
        (unsubscribe.ACTOR, timedelta(hours=1, seconds=1)),
        (unsubscribe.ACTOR, timedelta(days=-1)),
        ("ann", timedelta(0)),
    ],
    ids=["long ago", "by a clock that was ahead", "by somebody else"],
)
def test_a_link_subscribes_again_only_who_it_unsubscribed_and_only_shortly_after(
    anybody: Client, ada: int, by: str, ago: timedelta
) -> None:
    unsubscribed(ada, by=by, ago=ago)
    assert "Subscribe again" not in anybody.get(path(ada)).text
    # Unsubscribing again changes nothing, so it opens no way back either.
    assert "Subscribe again" not in anybody.post(path(ada)).text
    back = anybody.post(path(ada), data={"action": "resubscribe"})
    assert (back.status_code, consent(ada)) == (409, "unsubscribed")
    assert "please write to them" in back.text


def test_the_way_back_of_somebody_who_is_subscribed_changes_nothing(
    anybody: Client, ada: int
) -> None:
    assert anybody.post(path(ada), data={"action": "resubscribe"}).status_code == 200
    with reading() as s:
        assert not [one for one in f.rows(s, AuditEntry) if one.subject == "partner"]


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {},
    ],
    ids=["form", "multipart", "empty"],
)
def test_one_click_unsubscribes_without_a_session_or_redirect(
    anybody: Client, ada: int, body: dict[str, object]
) -> None:
    assert anybody.post(path(ada), **body).status_code == 200
    assert consent(ada) == "unsubscribed"


def test_unsubscribing_twice_is_one_change_in_the_log(anybody: Client, ada: int) -> None:
    for _ in range(2):
        assert anybody.post(path(ada)).status_code == 200
    with reading() as s:
        changes = [one for one in f.rows(s, AuditEntry) if one.subject == "partner"]
    assert [one.actor for one in changes] == ["the partner, by unsubscribe link"]


def test_a_damaged_link_is_told_calmly_and_changes_nothing(anybody: Client, ada: int) -> None:
    for damaged in ("made-up", path(ada)[len("/unsubscribe/") :][:-1], "1"):
        for answer in (
            anybody.get(f"/unsubscribe/{damaged}"),
            anybody.post(f"/unsubscribe/{damaged}"),
        ):
            assert answer.status_code == 404
            assert "This link does not work" in answer.text
    assert consent(ada) == "subscribed"


@pytest.mark.parametrize(
    "damaged",
    [
        "{})", "{}/", "{}%3E", "{}]", "{}.", "{},", "{}%20", "{}%C2%A0", "{}&amp;utm_source=mail",
        "{}&utm=1", "{}?utm_source=mail", "{}%29.", "%3C{}%3E", "{}%E2%80%8B",
        "%E2%81%A8{}%E2%81%A9", "{}=%0D%0A", "{}/a%2F..%2F..%2Findex.html", "{};jsessionid=1",
        "/{}", "?token={}", "?x=3D{}",
        "{}%253E", "{}%20to%20leave%20Acme%2FPartners", "3D{}", "2026{}", "%25253C{}",
    ],
)  # fmt: skip
def test_a_link_damaged_by_a_mail_program_works(anybody: Client, ada: int, damaged: str) -> None:
    link = "/unsubscribe/" + damaged.format(unsubscribe.token(ada))
    assert "Unsubscribe from Acme Partners?" in anybody.get(link).text
    assert consent(ada) == "subscribed"
    assert anybody.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert consent(ada) == "unsubscribed"


@pytest.mark.parametrize(
    "broken", ["=%0D%0A", "%0A", "%20", "%3D%0D%0A", "=", "%C2%AD", "%E2%80%8B", "%0A%3E%20"]
)
@pytest.mark.parametrize("at", [1, 2, 20])
def test_a_link_broken_in_two_lines_works(anybody: Client, ada: int, broken: str, at: int) -> None:
    token = unsubscribe.token(ada)
    assert anybody.post(f"/unsubscribe/{token[:at]}{broken}{token[at:]}").status_code == 200
    assert consent(ada) == "unsubscribed"


def test_a_token_that_quoted_printable_escaped_works(anybody: Client, ada: int) -> None:
    escaped = path(ada).replace(".", "=2E").replace("-", "=2D").replace("_", "=5f")
    assert anybody.post(escaped).status_code == 200
    assert consent(ada) == "unsubscribed"


@pytest.mark.parametrize(
    "prefix",
    [
        "/Unsubscribe/", "/UNSUBSCRIBE/", "/%2Funsubscribe/", "/unsubsc=%0D%0Aribe/",
        "/unsub%20scribe/", "/%20unsubscribe/", "/unsubscribe%252F", "/unsubscribe%5C",
        "/unsubscribe=", "/unsubscribe;x=1/",
    ],
)  # fmt: skip
def test_what_is_damaged_before_the_token_does_not_matter(
    anybody: Client, ada: int, prefix: str
) -> None:
    assert anybody.post(prefix + unsubscribe.token(ada)).status_code == 200
    assert consent(ada) == "unsubscribed"


@pytest.mark.parametrize(
    "path",
    [
        "/unsubscribe",
        "/unsubscribe/",
        "/unsubscribe/%0A",
        "/unsubscribe/a/b",
        "/unsubscribe/..%2Findex.html",
        "/unsubscribe/%5C..",
        "/UNSUBSCRIBE?x",
        "/unsubscribe)",
        "/unsubscribe%3E",
        "/unsubscribe.",
        "/%2Funsubscribe",
        "/unsubscribe/" + "1" * 5_000,
    ],
)
def test_whatever_begins_like_the_link_is_answered_calmly(anybody: Client, path: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        answer = anybody.request(method, path)
        assert answer.status_code == 404
        assert method == "HEAD" or "This link does not work" in answer.text


def test_a_form_that_cannot_be_read_unsubscribes_as_well(anybody: Client, ada: int) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert anybody.post(path(ada), content=b"--y", headers=headers).status_code == 200
    assert consent(ada) == "unsubscribed"


def test_the_link_of_an_erased_partner_is_told_calmly(anybody: Client, database: str) -> None:
    assert anybody.get(path(999)).status_code == 404
    assert anybody.post(path(999)).status_code == 404
