"""An email read in chunks says what it says read whole: the chunks are only there for speed."""

import random

import pytest
from jinja2 import TemplateSyntaxError

from rxapp.domain import variables
from rxapp.domain.email import language
from rxapp.domain.email.chunks import chunks

PARTS = [
    "{{ partner.first_name | default('there') }}", "{{- partner.company -}}", "{{ tag.name -}}",
    '{{ partner.key | default("it\'s") }}', "{%- if partner.company %}", "{% if tag.name -%}",
    "{% else %}", "{% endif %}", "{%- endif -%}", "{# a note #}", "{#- two\nlines -#}",
    "{{ '}}' }}",
    "{% raw %}", "{{ partner.nobody }}", "{{", "}}", "{", "}", "<p>", "</p>", "</td >", "</p",
    "<td class='a'>", "x", "  ", "\n", "\n\n", "\t", " \n ", "\xa0\n", "\u2028", "%}", "word", "é",
]  # fmt: skip
KNOWN = list(variables.catalogue())


def _made(seed: int) -> str:
    pick = random.Random(seed)
    return "".join(pick.choice(PARTS) for _ in range(pick.randrange(2, 30)))


def _run(source: str) -> object:
    """What the source gives, filled in; the first line of what is wrong with it otherwise."""
    found = language.analyse(source, KNOWN)
    if found.errors:
        return "wrong"
    pieces, names = language.compile_source(source, html=True)
    values = {running: f"<{name}>" for name, running in names.items()}
    return found.uses, "".join(piece.render(values) for piece in pieces)


@pytest.mark.parametrize("seed", range(0, 4000, 400))
def test_chunks_read_the_same_apart_as_together(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [_made(number) for number in range(seed, seed + 400)]
    assert all("".join(chunks(source)) == source for source in sources)
    apart = [_run(source) for source in sources]
    regions = [_regions(source) for source in sources]
    monkeypatch.setattr(language, "chunks", lambda source: [source])
    assert apart == [_run(source) for source in sources]
    assert regions == [_regions(source) for source in sources]


def _regions(source: str) -> object:
    try:
        parts = list(language.regions(source))
    except TemplateSyntaxError:
        return "wrong"
    # Text that two chunks share comes in two parts.
    return [part for part in parts if part[0] != "text"], "".join(
        text for kind, text in parts if kind == "text"
    )


def test_a_mistake_keeps_its_line_however_the_source_is_cut() -> None:
    body = "".join(f"<p>{{{{ partner.key }}}} {n}</p>\n" for n in range(50))
    found = language.analyse(body + "<p>{{ partner.frist_name }}</p>", KNOWN)
    assert [line for line, _ in found.errors] == [51]


def test_an_edit_changes_few_chunks() -> None:
    body = "".join(f"<p>{{{{ partner.key }}}} {n}</p>\n" for n in range(200))
    before = set(chunks(body))
    after = chunks(body.replace(" 100<", " a hundred {{ tag.name }}<"))
    assert len([chunk for chunk in after if chunk not in before]) <= 2
