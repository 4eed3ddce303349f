"""What saving makes of an email, and what it refuses."""

import pytest

from rxapp.db.models import TemplateKind
from rxapp.domain.compose import Composed, Source, check, compose
from rxapp.domain.render import Context, Rendered, render
from rxapp.errors import InvalidTemplate, MissingVariable

MARKETING, TRANSACTIONAL = TemplateKind.MARKETING, TemplateKind.TRANSACTIONAL
ADA = {"first_name": "Ada", "email": "ada@partners.test", "tier": "gold", "site": "ada.example"}


def composed(
    body: str, subject: str = "Hi", preheader: str = "", kind: TemplateKind = MARKETING
) -> Composed:
    return compose(Source(subject, preheader, body), kind=kind, known_fields=["tier", "site"])


def rendered(made: Composed, partner: dict[str, str] | None = None) -> Rendered:
    program = {"name": "Acme & Co", "color": "#123456"}
    people = ADA if partner is None else partner
    return render(made, Context(people, "vip", program, "https://x.test/unsubscribe/1"))


def problem(body: str, subject: str = "Hi") -> str:
    with pytest.raises(InvalidTemplate) as caught:
        composed(body, subject)
    return str(caught.value)


def test_a_variable_is_filled_in_everywhere() -> None:
    made = composed("<p>Hello {{ partner.first_name }}</p>", "For {{ partner.first_name }}")
    seen = rendered(made)
    assert seen.subject == "For Ada"
    assert "Hello Ada" in seen.html
    assert "Hello Ada" in seen.text


def test_an_empty_value_takes_its_fallback() -> None:
    made = composed("<p>Hello {{ partner.first_name | default('there') }}</p>")
    assert "Hello there" in rendered(made, {"first_name": "  "}).html


def test_an_empty_value_without_fallback_is_missing() -> None:
    with pytest.raises(MissingVariable, match="first_name"):
        rendered(composed("<p>{{ partner.first_name }}</p>"), {})


def test_an_unknown_variable_is_refused_with_what_was_probably_meant() -> None:
    assert "first_name" in problem("<p>{{ partner.frist_name }}</p>")


@pytest.mark.parametrize(
    "body",
    [
        "{% for x in partner %}{% endfor %}",
        "{{ partner.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ partner.first_name.upper() }}",
        "{{ partner['first_name'] }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{{ self }}",
        "{{ config }}",
        "{{ range(10) }}",
        "{{ partner.first_name | attr('x') }}",
        "{{ partner.first_name | format }}",
        "{{ lipsum }}",
        "{{ cycler }}",
        "{% if partner.first_name %}",
        "{{ partner.first_name ",
        "{% raw %}{{ x }}{% endraw %}",
        "{{ [1] }}",
        "{{ {} }}",
        "{{ partner.first_name ~ 'x' }}",
        "<script>alert(1)</script>",
        "<p onclick='x()'>x</p>",
        "<iframe src='https://x.test'></iframe>",
        "<div>" * 5000,
    ],
)
def test_what_is_not_allowed_is_refused_in_words(body: str) -> None:
    assert len(problem(body)) > 10


def test_values_are_data_and_never_markup() -> None:
    made = composed("<p>{{ partner.first_name }}</p><b title='{{ partner.first_name }}'>x</b>")
    html = rendered(made, {"first_name": "<script>'\"{{ 7 }}"}).html
    assert "<script>" not in html
    assert "{{ 7 }}" in html


def test_a_value_in_a_link_cannot_become_a_script() -> None:
    made = composed('<a href="{{ partner.site }}">x</a>')
    assert "javascript" not in rendered(made, {"site": "javascript:alert(1)"}).html
    assert 'href="https://ada.example"' in rendered(made).html


def test_a_value_in_a_link_is_kept_inside_its_parameter() -> None:
    made = composed('<a href="https://x.test/?to={{ partner.site }}&amp;a=1">x</a>')
    assert "to=a%26b%3Dc&amp;a=1" in rendered(made, {"site": "a&b=c"}).html


def test_a_subject_cannot_carry_line_breaks() -> None:
    made = composed("<p>x</p>", "Hi {{ partner.first_name }}")
    seen = rendered(made, {"first_name": "Ada\r\nBcc: all@x.test"})
    assert seen.subject == "Hi Ada Bcc: all@x.test"


def test_a_subject_is_text_and_not_escaped() -> None:
    assert rendered(composed("<p>x</p>", "{{ program.name }}")).subject == "Acme & Co"


def test_a_condition_shows_its_part_only_when_it_holds() -> None:
    made = composed("{% if partner.tier == 'gold' %}<p>Gold</p>{% else %}<p>Not</p>{% endif %}")
    assert "Gold" in rendered(made).html
    assert "Gold" not in rendered(made, {}).html


def test_a_condition_between_table_rows_stays_where_it_is() -> None:
    made = composed(
        "<table><tbody>{% if partner.tier %}<tr><td>Tier {{ partner.tier }}</td></tr>{% endif %}"
        "<tr><td>Always</td></tr></tbody></table>"
    )
    assert "Tier gold" in rendered(made).html
    assert "Tier" not in rendered(made, {}).html
    assert "Always" in rendered(made, {}).html


def test_marketing_mail_has_an_unsubscribe_link_and_transactional_does_not() -> None:
    link = "https://x.test/unsubscribe/1"
    assert link in rendered(composed("<p>x</p>")).html
    assert link in rendered(composed("<p>x</p>")).text
    assert link not in rendered(composed("<p>x</p>", kind=TRANSACTIONAL)).html


def test_a_whole_document_keeps_its_own_frame_and_gets_the_missing_unsubscribe_link() -> None:
    made = composed("<html><head><title>Own</title></head><body><p>Mine</p></body></html>")
    html = rendered(made).html
    assert html.count("<html") == 1
    assert html.index("Mine") < html.index("unsubscribe/1") < html.index("</body>")


def test_a_whole_document_with_its_own_unsubscribe_link_is_left_alone() -> None:
    made = composed('<html><body><a href="{{ unsubscribe_url }}">Stop</a></body></html>')
    assert rendered(made).html.count("unsubscribe/1") == 1


def test_css_is_inlined_and_media_queries_are_kept() -> None:
    made = composed(
        "<html><head><style>p { color: red } @media (max-width: 9px) { p { color: blue } }"
        "</style></head><body><p>x</p></body></html>",
        kind=TRANSACTIONAL,
    )
    assert '<p style="color: red' in made.html
    assert "@media" in made.html


def test_quotes_inside_a_variable_survive_html_processing() -> None:
    made = composed('<a href="https://x.test/{{ partner.tier | default("a\'b") }}">x</a>')
    assert 'href="https://x.test/gold"' in rendered(made).html


def test_the_preheader_comes_first_and_is_not_seen() -> None:
    seen = rendered(composed("<p>Body</p>", preheader="A peek for {{ partner.first_name }}"))
    assert seen.html.index("A peek for Ada") < seen.html.index("Body")
    assert "A peek" not in seen.text


def test_the_plain_text_reads_like_the_email() -> None:
    text = rendered(
        composed(
            "<h1>News</h1><p>One<br>two</p><ul><li>a</li><li>b</li></ul>"
            '<p><a href="https://x.test/go">Go there</a></p>',
            kind=TRANSACTIONAL,
        )
    ).text
    assert "News\n\nOne\ntwo\n\n- a\n- b\n\nGo there (https://x.test/go)" in text


def test_the_same_email_gives_the_same_bytes() -> None:
    body = "<p>{{ partner.first_name }} {% if partner.tier %}x{% endif %}</p>"
    assert composed(body) == composed(body)
    assert rendered(composed(body)) == rendered(composed(body))


def test_the_variables_it_reads_are_listed_with_whether_all_are_provided_for() -> None:
    made = composed("<p>{{ partner.first_name | default('x') }}{{ partner.company }}</p>")
    assert [(u.name, u.has_fallback) for u in made.variables] == [
        ("partner.company", False),
        ("partner.first_name", True),
    ]


def test_warnings_do_not_stop_saving() -> None:
    source = Source("Hi", "", "<img src='https://x.test/a.png'><a href='#'>x</a>")
    found = check(source, kind=MARKETING, known_fields=[])
    assert [problem.severity for problem in found] == ["warning", "warning"]
    compose(source, kind=MARKETING, known_fields=[])


def test_unicode_is_carried_through() -> None:
    made = composed("<p>مرحبا {{ partner.first_name }} 🎉</p>", "🎉 {{ partner.first_name }}")
    seen = rendered(made, {"first_name": "Zoë 李"})
    assert "مرحبا Zoë 李 🎉" in seen.html
    assert seen.subject == "🎉 Zoë 李"
