"""The template language of emails: a small part of Jinja2, named piece by piece.

An email may print variables, pass them through the filters of `filters.PUBLIC`, and show parts of
itself under a condition. Everything else Jinja2 can do (loops, calls, arithmetic, subscripts,
macros, imports) is refused by walking the parsed source and letting through only what is listed
here: what cannot loop cannot hang.

What is let through is then rewritten: each variable becomes one plain name, so a running email
meets nothing but texts, numbers and dates, and no object it could climb out through. Jinja2's
immutable sandbox is the second wall behind that.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, Literal

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from rxapp.domain.email import filters
from rxapp.domain.email.allowlist import Analysis, Checker, dotted
from rxapp.domain.email.chunks import chunks

MAX_TAGS = 500
# Chunks kept as they were read and compiled: those of some ten emails of the largest kind.
KEPT = 5000
_DIGITS = re.compile(r"[0-9_]{1000}")
_RAW = re.compile(r"\{%[-+]?\s*raw\b")
Region = tuple[Literal["text", "output", "block"], str]


def _environment(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=autoescape, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    environment.filters.update({name: one.apply for name, one in filters.PUBLIC.items()})
    environment.filters.update(filters.INTERNAL)
    return environment


_HTML = _environment(autoescape=True)
_TEXT = _environment(autoescape=False)


def regions(source: str) -> Iterator[Region]:
    """The source in order as plain text, `{{ outputs }}` and `{% blocks %}`; comments are left out.

    Line breaks inside comments stay, so that lines keep their numbers. Raises TemplateSyntaxError.
    """
    for chunk in chunks(source):
        yield from _regions(chunk)


@lru_cache(maxsize=KEPT)
def _regions(source: str) -> tuple[Region, ...]:
    found: list[Region] = []
    inside: list[str] = []
    for _, token, value in _TEXT.lexer.tokeniter(source, None):
        if token == "data" and not inside:  # noqa: S105 (a token of Jinja2's lexer)
            found.append(("text", value))
            continue
        inside.append(value)
        if token in ("variable_end", "block_end", "raw_end"):
            tag = "".join(inside)
            inside.clear()
            found.append(("output" if tag.startswith("{{") else "block", tag))
        elif token == "comment_end":  # noqa: S105
            found.append(("text", "\n" * "".join(inside).count("\n")))
            inside.clear()
    return tuple(found)


def parsed(source: str) -> nodes.Template:
    """The tree of a source; raises TemplateSyntaxError, or RecursionError where it is too deep."""
    return _parsed(source, _TEXT)


def _parsed(source: str, environment: ImmutableSandboxedEnvironment) -> nodes.Template:
    try:
        return environment.parse(source)
    except ValueError as error:
        # Python reads no whole number of thousands of digits.
        found = _DIGITS.search(source)
        line = 1 + source.count("\n", 0, found.start() if found else 0)
        raise TemplateSyntaxError("a number in it is too long", line) from error


def analyse(source: str, known: Collection[str]) -> Analysis:
    """Check a source as somebody wrote it. `known` are the variables there are, by full name."""
    names = tuple(known)
    found = Analysis()
    line = tags = 0
    for chunk in chunks(source):
        one, one_tags = _analyse(chunk, names)
        tags += one_tags
        found.errors += [(line + number, sentence) for number, sentence in one.errors]
        for name, has_fallback in one.uses.items():
            found.uses[name] = found.uses.get(name, True) and has_fallback
        found.fallbacks = {**one.fallbacks, **found.fallbacks}
        line += chunk.count("\n")
    if tags > MAX_TAGS:
        sentence = f"An email can hold {MAX_TAGS} variables and conditions; this one has {tags}."
        found.errors = [(1, sentence)]
    return found


@lru_cache(maxsize=KEPT)
def _analyse(source: str, known: tuple[str, ...]) -> tuple[Analysis, int]:
    """What a chunk does, and how many tags it has."""
    checker = Checker(known=known, internal=False)
    tags: list[str] = []
    try:
        tags = [tag for kind, tag in _regions(source) if kind != "text"]
        tree = _parsed(source, _TEXT)
        if any(_RAW.match(tag) for tag in tags):
            line = 1 + _RAW.split(source, maxsplit=1)[0].count("\n")
            checker.found.errors.append((line, "{% raw %} is not available in emails."))
        elif len(tags) <= MAX_TAGS:
            checker.body(tree.body, frozenset(), 0)
    except TemplateSyntaxError as error:
        checker.found.errors.append((error.lineno, _syntax_sentence(error.message or "")))
    except RecursionError:
        checker.found.errors.append((1, "This is nested too deeply to be read."))
    return checker.found, len(tags)


def compile_source(source: str, *, html: bool) -> tuple[list[Template], dict[str, str]]:
    """A composed source made ready to run, piece after piece, and its variables: full name to the
    name it runs by.

    The allow-list is held once more, so that nothing runs that was not let through, wherever it
    was kept meanwhile. Raises ValueError for what `compose` would never have made.
    """
    pieces = [_compiled(chunk, html) for chunk in chunks(source)]
    names = {name: running for _, read in pieces for name, running in read.items()}
    return [template for template, _ in pieces], names


@lru_cache(maxsize=KEPT)
def _compiled(source: str, html: bool) -> tuple[Template, dict[str, str]]:
    environment = _HTML if html else _TEXT
    checker = Checker(known=None, internal=True)
    try:
        tree = _parsed(source, environment)
        checker.body(tree.body, frozenset(), 0)
    except (TemplateSyntaxError, RecursionError) as error:
        raise ValueError(f"not a composed email: {error}") from error
    if checker.found.errors:
        raise ValueError(f"not a composed email: {checker.found.errors[0][1]}")
    flatten = _Flatten()
    flatten.visit(tree)
    tree.set_environment(environment)
    template = Template.from_code(environment, environment.compile(tree), {})
    return template, flatten.names


def running_name(variable: str) -> str:
    """The one plain name a variable runs by. Distinct for distinct variables: `.` becomes `__0`."""
    return variable.replace("_", "_1").replace(".", "__0")


def _syntax_sentence(message: str) -> str:
    if found := re.search(r"unknown tag '(\w+)'", message):
        return f"“{{% {found[1]} %}}” is not available in emails. {_endings(found[1])}".strip()
    if "end of template" in message or "end of file" in message.lower():
        return "An {% if %} is not closed by an {% endif %}."
    return f"This variable or condition cannot be read: {message.rstrip('.')}."


def _endings(tag: str) -> str:
    return "There is no {% if %} open here." if tag in ("endif", "else", "elif") else ""


class _Flatten(NodeTransformer):
    """Turns each variable into one plain name and each comparison into one that cannot fail."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def _name(self, node: nodes.Name | nodes.Getattr) -> nodes.Name:
        variable = dotted(node) or ""
        self.names[variable] = running_name(variable)
        return nodes.Name(self.names[variable], "load", lineno=node.lineno)

    def visit_Name(self, node: nodes.Name) -> nodes.Name:  # noqa: N802 (Jinja2's naming)
        return self._name(node)

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Name:  # noqa: N802
        return self._name(node)

    def visit_Compare(self, node: nodes.Compare, *args: Any) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node, *args)
        relation = node.ops[0]
        arguments = [nodes.Const(relation.op, lineno=node.lineno), relation.expr]
        return nodes.Filter(node.expr, "_compare", arguments, [], None, None, lineno=node.lineno)
