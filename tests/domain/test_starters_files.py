"""The files in `email_templates/`: every starter can be saved and reaches every partner."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from rxapp.db.models import TemplateKind, TemplateVersion
from rxapp.domain import compose, starters
from rxapp.domain.render import Context, Rendered, render
from rxapp.domain.starters import Starter

WEBSITE = "https://partners.acme.com/start"
FULL_PARTNER = {"first_name": "Zoë", "company": "Rivera & Söhne", "email": "zoe@example.com"}
FULL_PROGRAM = {
    "name": "Acme Partners",
    "website": WEBSITE,
    "address": "Acme Inc.\n12 Harbour Street",
    "logo_url": "https://acme.com/logo.png",
    "color": "#ffd43b",
}
UNSUBSCRIBE = "https://rxapp.example/unsubscribe/token"
LAYOUT = (starters.FOLDER / "layout.html").read_text(encoding="utf-8")

every_starter = pytest.mark.parametrize("starter", starters.starters(), ids=lambda one: one.slug)


def source(starter: Starter) -> compose.Source:
    return compose.Source(starter.subject, starter.preheader, starter.body)


def composed(starter: Starter, kind: TemplateKind | None = None) -> compose.Composed:
    return compose.compose(source(starter), kind=kind or starter.kind, known_fields=())


def sent(
    starter: Starter,
    partner: Mapping[str, str],
    program: Mapping[str, str],
    kind: TemplateKind | None = None,
) -> Rendered:
    """The email as it goes out, once the starter is saved as a version."""
    made = composed(starter, kind)
    version = TemplateVersion(
        template_id=0,
        number=1,
        kind=kind or starter.kind,
        subject=made.subject,
        preheader=starter.preheader,
        body=starter.body,
        html=made.html,
        text=made.text,
    )
    return render(version, Context(partner, starter.tag, program, UNSUBSCRIBE))


def full(starter: Starter) -> Rendered:
    return sent(starter, FULL_PARTNER, FULL_PROGRAM)


def test_the_starters_are_the_five_use_cases() -> None:
    assert {(one.name, one.tag, one.subject) for one in starters.starters()} == {
        ("VIP Welcome", "vip", "Welcome to VIP"),
        ("Re-engagement", "at-risk", "We haven't seen you in a while"),
        ("Onboarding Nudge", "needs-onboarding", "Let's get you set up"),
        ("Tier Upgrade", "gold", "You've unlocked Gold Tier"),
        ("Win Back", "win-back", "We'd love to have you back"),
    }


def test_a_caller_cannot_change_the_starters_of_the_next() -> None:
    starters.starters().clear()
    assert len(starters.starters()) == 5


@every_starter
def test_a_starter_is_saved_without_a_problem(starter: Starter) -> None:
    assert compose.check(source(starter), kind=starter.kind, known_fields=()) == []


@every_starter
def test_a_starter_reaches_a_partner_we_know_nothing_of(starter: Starter) -> None:
    assert [one.name for one in composed(starter).variables if not one.has_fallback] == []
    email = sent(starter, partner={"email": "a@example.com"}, program={})
    assert "Partner program" in email.html
    assert 'class="button"' not in email.html
    assert "<img" not in email.html
    # With no portal to lead to, answering is the one thing to do.
    assert "reply" in email.text.lower()


@every_starter
def test_a_starter_is_personal_and_has_one_clear_action(starter: Starter) -> None:
    email = full(starter)
    assert "Zoë" in email.text
    assert "Rivera & Söhne" in email.text.replace("\n", " ")
    assert email.html.count('class="button"') == 1
    assert email.html.count(f'href="{WEBSITE}"') == 1
    assert WEBSITE in email.text


@every_starter
def test_a_starter_wears_the_look_of_the_program(starter: Starter) -> None:
    html = full(starter).html
    assert 'src="https://acme.com/logo.png"' in html
    assert "background-color: #ffd43b" in html
    # Dark words on a light brand colour.
    button = html[html.index('class="button"') :].partition(">")[0]
    assert "color: #111111" in button


@every_starter
def test_a_starter_says_who_sent_it_and_how_to_unsubscribe(starter: Starter) -> None:
    email = full(starter)
    assert "12 Harbour Street" in email.html
    assert f'href="{UNSUBSCRIBE}"' in email.html
    assert UNSUBSCRIBE in email.text


@every_starter
def test_transactional_mail_keeps_the_footer_but_no_unsubscribe_link(starter: Starter) -> None:
    email = sent(starter, FULL_PARTNER, FULL_PROGRAM, TemplateKind.TRANSACTIONAL)
    assert "12 Harbour Street" in email.html
    assert "nsubscribe" not in email.html + email.text


@every_starter
def test_styles_for_dark_mode_and_small_screens_outlive_inlining(starter: Starter) -> None:
    html = full(starter).html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 600px)" in html
    assert '<meta name="color-scheme" content="light dark">' in html
    # Gmail cuts off what is longer than 102 kB.
    assert len(html.encode()) < 30_000


def test_each_marker_of_the_layout_stands_once_and_in_order() -> None:
    markers = [
        "{{ preheader }}", "{{ content }}", "<!-- footer -->", "<!-- unsubscribe -->",
        "{{ unsubscribe_url }}", "<!-- /unsubscribe -->", "<!-- /footer -->",
    ]  # fmt: skip
    assert [LAYOUT.count(marker) for marker in markers] == [1] * len(markers)
    places = [LAYOUT.index(marker) for marker in markers]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "text",
    [
        "<p>No facts</p>\n",
        "---\nname: Never closed\n",
        "---\nname: A\nsubject: B\nkind: marketing\n---\n<p>No tag, no preheader</p>\n",
        "---\nname: A\nsubject: B\npreheader: C\nkind: personal\ntag: D\n---\n<p>Kind</p>\n",
        "---\nname: A\nsubject: B\npreheader: C\nkind: marketing\ntag: D\nx: E\n---\n<p>x</p>\n",
        "---\nname\nsubject: B\npreheader: C\nkind: marketing\ntag: D\n---\n<p>No value</p>\n",
    ],
)
def test_a_file_that_is_not_well_formed_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.html"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.html"):
        starters.read(path)
