"""The studio's previews: what the person who writes sees is what would be sent."""

from collections.abc import Callable
from typing import Any

import pytest

from rxapp.db.engine import writing
from rxapp.db.models import Role, TemplateKind, TemplateVersion
from rxapp.domain import personas, preview, templates, unsubscribe
from tests import factory
from tests.api.conftest import Client

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DRAFT = {
    "kind": "marketing",
    "subject": "Welcome, {{ partner.first_name | default('there') }}",
    "preheader": "A word to {{ partner.company | default('you') }}",
    "body": "<p>Hello {{ partner.first_name | default('there') }}</p>\r\n<p>Bye</p>",
}


@pytest.fixture
def viewer(client_of: Any) -> Client:
    client: Client = client_of(Role.VIEWER)
    return client


def _look(viewer: Client, **changes: Any) -> dict[str, Any]:
    answer = viewer.post("/api/studio/preview", DRAFT | changes)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_draft_is_shown_as_the_chosen_partner_gets_it(viewer: Client) -> None:
    with writing() as session:
        grace = factory.partner(session, "grace", company="Navy")
    look = _look(viewer, who=str(grace), text=True)
    assert (look["subject"], look["inbox"]) == ("Welcome, Grace", "A word to Navy")
    assert "Hello Grace" in look["html"]
    assert "Hello Grace" in look["text"]
    assert look["size"] == len(look["html"].encode())
    assert _look(viewer)["subject"] == "Welcome, Alex"


@pytest.mark.parametrize("text", [True, False])
def test_the_preview_is_what_would_be_sent(client_of: Callable[[Role], Client], text: bool) -> None:
    with writing() as session:
        grace = factory.partner(session, "grace", company="<Navy> & Søn")
        version = templates.draft(
            session,
            kind=TemplateKind.MARKETING,
            subject=DRAFT["subject"],
            preheader=DRAFT["preheader"],
            body=DRAFT["body"].replace("\r", ""),
        )
        sent = preview.of_version(session, version, preview.recipient(session, str(grace)))
    look = _look(client_of(Role.ADMIN), who=str(grace), text=text)
    assert unsubscribe.link(grace) in look["html"]
    assert (look["subject"], look["html"]) == (sent.subject, sent.html)
    assert look["text"] == (sent.text if text else "")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_a_partners_own_link_is_read_only_by_who_may_also_subscribe_them_again(
    client_of: Callable[[Role], Client], role: Role
) -> None:
    client = client_of(role)
    with writing() as session:
        grace, welcome = factory.partner(session, "grace"), factory.template(session)
        session.get_one(TemplateVersion, 1).html = "{{ unsubscribe_url }}"
    token = unsubscribe.token(grace)
    draft = _look(client, who=str(grace), text=True)
    frame = client.get(f"/api/studio/emails/{welcome}?who={grace}").text
    rest = client.post(f"/api/v1/templates/{welcome}/preview", {"partner": grace}).text
    for shown in (str(draft), frame, rest):
        assert unsubscribe.link(unsubscribe.NOBODY) in shown
        assert token not in shown


def test_a_mistake_is_told_with_its_place_and_what_was_meant(viewer: Client) -> None:
    look = _look(viewer, body="<p>Hello</p>\n<p>{{ partner.fist_name }}</p>")
    (problem,) = look["problems"]
    assert (problem["part"], problem["line"], problem["severity"]) == ("body", 2, "error")
    assert "Did you mean “partner.first_name”?" in problem["message"]
    assert look["html"] == ""


def test_a_partner_who_would_get_nothing_is_told_of(viewer: Client) -> None:
    with writing() as session:
        ada = factory.partner(session, "ada", first_name="")
        factory.partner(session, "grace")
    look = _look(viewer, who=str(ada), subject="Hello {{ partner.first_name }}")
    assert "first_name" in look["refused"]
    gaps = viewer.post("/api/studio/gaps", {"uses": look["uses"]}).json()
    assert [(gap["message"], gap["stops"]) for gap in gaps] == [
        ("1 of 2 partners has no first name: this email will not be sent to them.", True),
        ("2 of 2 partners have no company: they read “you”.", False),
    ]


@pytest.mark.parametrize("who", personas.WORST)
def test_the_worst_cases_are_shown_unbroken(viewer: Client, who: str) -> None:
    look = _look(viewer, who=who)
    assert look["refused"] == ""
    name = personas.WORST[who][1]["first_name"]
    assert look["subject"] == f"Welcome, {name or 'there'}"
    assert "<O'Brien>" not in look["html"]


@pytest.mark.parametrize("who", ["999", "nobody", "-1", "9" * 40])
def test_a_partner_who_is_gone_is_not_found(viewer: Client, who: str) -> None:
    assert viewer.post("/api/studio/preview", DRAFT | {"who": who}).status_code == 404


def test_an_email_without_preheader_is_listed_with_its_first_words(viewer: Client) -> None:
    look = _look(viewer, preheader="", body="<style>p{}</style><p>First&nbsp;words <b>here</b></p>")
    assert look["inbox"].endswith("First words here") or "First words here" in look["inbox"]


def test_a_frame_holds_a_version_and_nothing_can_run_in_it(viewer: Client) -> None:
    with writing() as session:
        number = factory.template(session)
        changes = templates.TemplateChanges(body="<p>Second</p>")
        templates.save(session, number, changes, "grace@example.com")
    newest = viewer.get(f"/api/studio/emails/{number}")
    assert "Second" in newest.text
    assert "Second" not in viewer.get(f"/api/studio/emails/{number}?version=1").text
    policy = newest.headers["content-security-policy"]
    assert "sandbox;" in policy
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert viewer.get(f"/api/studio/emails/{number}?version=9").status_code == 404


def test_a_frame_holds_a_starter(viewer: Client) -> None:
    assert "Alex" in viewer.get("/api/studio/starters/vip-welcome").text
    assert viewer.get("/api/studio/starters/none").status_code == 404


def test_only_what_the_sandbox_kept_is_unsubscribed_from_and_only_by_who_may(
    client_of: Callable[[Role], Client],
) -> None:
    with writing() as session:
        grace, vip = factory.partner(session, "grace"), factory.tag(session)
        factory.automation(session, vip, factory.email(factory.template(session)))
    editor, admin = client_of(Role.EDITOR), client_of(Role.ADMIN)
    (send,) = editor.post(f"/api/v1/partners/{grace}/tags", {"tag": "vip"}).json()["sends"]
    address = f"/api/studio/sends/{send['id']}/unsubscribe"
    assert editor.get(address).status_code == 403
    # Nothing has been kept yet.
    assert admin.get(address).status_code == 404
    assert admin.get("/api/studio/sends/999/unsubscribe").status_code == 404
