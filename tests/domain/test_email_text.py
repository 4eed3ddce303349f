"""The plain-text part reads like the email, whatever a condition leaves out."""

import pytest

from rxapp.db.models import TemplateKind
from rxapp.domain.compose import Source, compose
from rxapp.domain.render import Context, render


def text(body: str, **partner: str) -> str:
    """The text of a whole document with this body, which nothing is added to."""
    document = f"<html><body>{body}</body></html>"
    source = Source("Hi", "", document)
    email = compose(source, kind=TemplateKind.TRANSACTIONAL, known_fields=[])
    return render(email, Context(partner, "vip", {"website": "https://p.test"}, "")).text


@pytest.mark.parametrize(
    ("body", "reads"),
    [
        ("<h1>News</h1><p>One<br>two</p>", "News\n\nOne\ntwo\n"),
        ("<p>One\n   two&nbsp;three</p>", "One two three\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("<div><div><p>a</p></div></div><table><tr><td>b</td></tr></table>", "a\n\nb\n"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b\n"),
        ("<ol><li>a<li>b</ol><p>c</p>", "1. a\n2. b\n\nc\n"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c\n"),
        ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n- b\n"),
        ("<table><tr><th>Tier</th><td>Gold</td></tr><tr><td>x</table>", "Tier Gold\nx\n"),
        ("<p>a</p><hr><p>b</p>", "a\n\n--------------------\n\nb\n"),
        ("<p>a<b>b</b><i> c</i></p>", "ab c\n"),
        ("<p><img src=x alt='Our logo'></p>", "Our logo\n"),
        ("<p style='display: none'>unseen</p><p>seen</p>", "seen\n"),
        ("<p class=x>unseen</p><style>.x{display:none}</style>seen", "seen\n"),
        ("<!--[if mso]><p>unseen</p><![endif]--><p>seen</p>", "seen\n"),
        ("", "\n"),
    ],
)
def test_the_text_keeps_the_shape_of_the_email(body: str, reads: str) -> None:
    assert text(body) == reads


@pytest.mark.parametrize(
    ("link", "reads"),
    [
        ("<a href='https://x.test/?a=1&amp;b=2'>Go</a>", "Go (https://x.test/?a=1&b=2)\n"),
        ("<a href='https://x.test'>https://x.test</a>", "https://x.test\n"),
        ("<a href='mailto:a@b.test'>a@b.test</a>", "a@b.test\n"),
        ("<a href='#'>Go</a>", "Go\n"),
        ("<a name=top>Go</a>", "Go\n"),
        ("<a href='https://x.test'><img src=x alt=Shop></a>", "Shop (https://x.test)\n"),
        ("<a href='https://x.test'><img src=x alt=''></a>", "https://x.test\n"),
        ("<a href='{{ program.website }}'>Go</a>.", "Go (https://p.test).\n"),
        ("<a href='https://x.test/?q={{ partner.key }}'>Go</a>", "Go (https://x.test/?q=a%20b)\n"),
    ],
)
def test_links_are_written_out_once(link: str, reads: str) -> None:
    assert text(link, key="a b") == reads


IF = "{% if partner.company %}"


@pytest.mark.parametrize(
    ("body", "with_company", "without"),
    [
        (f"<p>a</p>{IF}<p>b</p>{{% endif %}}<p>c</p>", "a\n\nb\n\nc\n", "a\n\nc\n"),
        (f"{IF}<p>b</p>{{% endif %}}<p>c</p>", "b\n\nc\n", "c\n"),
        (f"<p>a</p>{IF}<p>b</p>{{% endif %}}", "a\n\nb\n", "a\n"),
        (f"<p>{IF}b{{% else %}}c{{% endif %}}</p><p>d</p>", "b\n\nd\n", "c\n\nd\n"),
        (f"<p>Dear {IF}b{{% else %}}c{{% endif %}} all</p>", "Dear b all\n", "Dear c all\n"),
        (f"<p>Hi{IF}, b{{% endif %}}!</p>", "Hi, b!\n", "Hi!\n"),
        (f"<ul>{IF}<li>a</li>{{% endif %}}<li>b</li></ul>", "- a\n- b\n", "- b\n"),
        (f"<ul><li>{IF}a{{% else %}}b{{% endif %}}</li></ul>", "- a\n", "- b\n"),
        (f"<p>a {IF}<br>b{{% endif %}}</p><p>c</p>", "a\nb\n\nc\n", "a\n\nc\n"),
        (f"<table>{IF}<tr><td>a</td></tr>{{% endif %}}<tr><td>b</table>", "a\nb\n", "b\n"),
    ],
)  # fmt: skip
def test_what_a_condition_leaves_out_takes_its_space_with_it(
    body: str, with_company: str, without: str
) -> None:
    assert text(body, company="Acme") == with_company
    assert text(body) == without


def test_long_lines_are_wrapped_and_addresses_are_not() -> None:
    address = "https://x.test/" + "long/" * 30
    lines = text(f"<ul><li>{'word ' * 40}</li></ul><a href='{address}'>Go</a>").splitlines()
    assert f"Go\n({address})" in "\n".join(lines)
    assert all(len(line) <= 76 for line in lines if address not in line)
    assert lines[1].startswith("  word")


def test_a_paragraph_with_conditions_is_left_to_the_mail_program_to_wrap() -> None:
    body = f"<p>{'word ' * 30}{IF}one{{% else %}}a good deal longer{{% endif %}} {'word ' * 30}</p>"
    assert "\n" not in text(body, company="Acme").strip()
