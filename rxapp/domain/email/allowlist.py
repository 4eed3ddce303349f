"""What an email may do, piece by piece; everything else Jinja2 can do is refused in plain words."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeGuard

from jinja2 import nodes

from rxapp.domain import variables
from rxapp.domain.email import filters
from rxapp.domain.partner_fields import NAME

MAX_IF_DEPTH = 10
MAX_EXPRESSION_DEPTH = 30
MAX_PATH = 4
# Beyond thousands of digits, which a few letters of `0xfff...` can be, Python cannot print them.
MAX_NUMBER_BITS = 128
# What no text holds: controls, and the halves of characters that UTF-8 has no bytes for. A text in
# an email can spell them, as `"\\ud83d"`.
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_GROUPS = {name.partition(".")[0] for name in variables.catalogue() if "." in name}
_OPERATORS = ("eq", "ne", "lt", "lteq", "gt", "gteq")
_OTHER_WORDS: dict[type[nodes.Node], str] = {
    nodes.For: "Loops",
    nodes.Macro: "Macros",
    nodes.CallBlock: "Calls",
    nodes.Call: "Calls",
    nodes.Include: "Includes",
    nodes.Import: "Imports",
    nodes.FromImport: "Imports",
    nodes.Extends: "Layouts of your own ({% extends %})",
    nodes.Block: "Blocks",
    nodes.Assign: "Setting variables",
    nodes.AssignBlock: "Setting variables",
    nodes.With: "Setting variables",
    nodes.FilterBlock: "{% filter %} blocks",
    nodes.Scope: "{% autoescape %} blocks",
    nodes.Getattr: "Names of this form",
    nodes.Getitem: "Square brackets",
    nodes.Slice: "Square brackets",
    nodes.Concat: "Joining with ~",
    nodes.CondExpr: "“a if b else c”; write {% if b %}a{% else %}c{% endif %}. In this form they",
    nodes.Test: "“is” tests; write {% if partner.company %}. They",
    nodes.BinExpr: "Calculations",
    nodes.UnaryExpr: "Calculations",
    nodes.Literal: "Lists and other groups of values",
}


@dataclass(slots=True)
class Analysis:
    """What a source does: `errors` as (line, sentence), and the variables it reads.

    `uses` says of each variable whether every partner without a value is provided for, by a
    fallback or because it is only printed where it is known to be there.
    """

    errors: list[tuple[int, str]] = field(default_factory=list)
    uses: dict[str, bool] = field(default_factory=dict)
    # What stands there instead, for variables with a fallback in words.
    fallbacks: dict[str, str] = field(default_factory=dict)


# What is true of variables when a condition holds, and when it does not: these are not empty.
_Facts = tuple[frozenset[str], frozenset[str]]
_NOTHING: frozenset[str] = frozenset()


class Checker:
    """Walks a parsed source, letting through what is listed and noting every problem and use."""

    def __init__(self, known: Collection[str] | None, *, internal: bool) -> None:
        self.found = Analysis()
        self._known = known
        self._internal = internal

    def body(self, body: list[nodes.Node], present: frozenset[str], depth: int) -> None:
        """Check statements; `present` are the variables known not to be empty here."""
        for node in body:
            if isinstance(node, nodes.Output):
                for child in node.nodes:
                    if not isinstance(child, nodes.TemplateData):
                        self._output(child, present)
            elif isinstance(node, nodes.If):
                self._if(node, present, depth + 1)
            elif self._internal and _is_link_block(node):
                self.body(node.body, present, depth + 1)
            else:
                self._refuse(node)

    def _if(self, node: nodes.If, present: frozenset[str], depth: int) -> None:
        if depth > MAX_IF_DEPTH:
            self._error(node, f"Conditions can be {MAX_IF_DEPTH} deep; this one is deeper.")
            return
        branches: list[nodes.If] = [node, *node.elif_]
        for branch in branches:
            when_true, when_false = self._condition(branch.test, 1)
            self.body(branch.body, present | when_true, depth)
            present |= when_false
        self.body(node.else_, present, depth)

    def _output(self, node: nodes.Node, present: frozenset[str]) -> None:
        name, has_fallback = self._value(node, 1)
        if name:
            provided = has_fallback or name in present
            self.found.uses[name] = self.found.uses.get(name, True) and provided

    def _condition(self, node: nodes.Node, depth: int) -> _Facts:
        if depth > MAX_EXPRESSION_DEPTH:
            self._error(node, "This condition is too long.")
        elif isinstance(node, nodes.Not):
            when_true, when_false = self._condition(node.node, depth + 1)
            return when_false, when_true
        elif isinstance(node, nodes.And | nodes.Or):
            a, b = (self._condition(side, depth + 1) for side in (node.left, node.right))
            if isinstance(node, nodes.And):
                return a[0] | b[0], a[1] & b[1]
            return a[0] & b[0], a[1] | b[1]
        elif isinstance(node, nodes.Compare):
            return self._comparison(node, depth)
        else:
            name = self._read(node, depth)
            return (frozenset({name}), _NOTHING) if name else (_NOTHING, _NOTHING)
        return _NOTHING, _NOTHING

    def _comparison(self, node: nodes.Compare, depth: int) -> _Facts:
        relation = node.ops[0]
        if len(node.ops) > 1 or relation.op not in _OPERATORS:
            self._error(node, "Compare two values with ==, !=, <, <=, > or >=, two at a time.")
            return _NOTHING, _NOTHING
        sides = (node.expr, relation.expr)
        present = frozenset(name for side in sides if (name := self._read(side, depth)))
        constants = [side.value for side in sides if isinstance(side, nodes.Const)]
        if relation.op not in ("eq", "ne"):
            # The empty are neither less nor more than anything.
            return present, _NOTHING
        if not constants:
            return _NOTHING, _NOTHING
        tells_when_true = (relation.op == "eq") == (constants[0] != "")
        return (present, _NOTHING) if tells_when_true else (_NOTHING, present)

    def _read(self, node: nodes.Node, depth: int) -> str | None:
        """Check a value inside a condition; its name, where its truth is that of the variable."""
        name, has_fallback = self._value(node, depth)
        if name:
            self.found.uses.setdefault(name, True)
        return None if has_fallback else name

    def _value(self, node: nodes.Node, depth: int) -> tuple[str | None, bool]:
        """Check a value; the variable it prints, and whether it prints something without it."""
        if depth > MAX_EXPRESSION_DEPTH:
            self._error(node, f"A value can pass through {MAX_EXPRESSION_DEPTH} filters.")
        elif isinstance(node, nodes.Const) and isinstance(node.value, str | int | float):
            self._constant(node)
            return None, True
        elif isinstance(node, nodes.Name | nodes.Getattr):
            return self._variable(node), False
        elif isinstance(node, nodes.Filter) and node.node is not None:
            self._filter(node)
            name, has_fallback = self._value(node.node, depth + 1)
            instead = [arg for arg in node.args if isinstance(arg, nodes.Const)]
            if name and node.name == "default" and instead and not _unprintable(instead[0].value):
                self.found.fallbacks.setdefault(name, str(instead[0].value))
            return name, has_fallback or node.name == "default"
        elif isinstance(node, nodes.And | nodes.Or | nodes.Not | nodes.Compare):
            hint = 'For a fallback, write {{ partner.first_name | default("there") }}.'
            self._error(node, f"Conditions belong into {{% if %}}. {hint}")
        else:
            self._refuse(node)
        return None, True

    def _variable(self, node: nodes.Name | nodes.Getattr) -> str | None:
        name = dotted(node)
        if name is None:
            self._refuse(node)
            return None
        if self._known is None:
            root, dot, attribute = name.partition(".")
            whole = name == variables.UNSUBSCRIBE_URL
            if whole or (root in _GROUPS and dot and NAME.fullmatch(attribute)):
                return name
        elif name in self._known:
            return name
        meant = variables.suggest(name, self._known or ())
        self._error(
            node,
            f"There is no variable “{name}”." + (f" Did you mean “{meant}”?" if meant else ""),
        )
        return None

    def _filter(self, node: nodes.Filter) -> None:
        if self._internal and node.name in filters.INTERNAL and not node.args:
            return
        one = filters.PUBLIC.get(node.name)
        if one is None:
            self._error(node, f"There is no filter “{node.name}”. {_filter_hint(node.name)}")
            return
        arguments = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        plain = len(arguments) == len(node.args) and not (
            node.kwargs or node.dyn_args or node.dyn_kwargs
        )
        if not all(self._constant(arg) for arg in node.args if isinstance(arg, nodes.Const)):
            return
        # What is not a plain value is refused with the same words as a wrong one.
        if problem := one.check(arguments if plain else [None, None, None]):
            self._error(node, f"The filter “{node.name}”: {problem}.")

    def _constant(self, node: nodes.Const) -> bool:
        """Whether a constant can be printed; notes what is wrong with one that cannot."""
        problem = _unprintable(node.value)
        if problem:
            self._error(node, problem)
        return not problem

    def _refuse(self, node: nodes.Node) -> None:
        words = next(
            (_OTHER_WORDS[kind] for kind in type(node).__mro__ if kind in _OTHER_WORDS), "This"
        )
        self._error(node, f"{words} {'is' if words == 'This' else 'are'} not available in emails.")

    def _error(self, node: nodes.Node, sentence: str) -> None:
        self.found.errors.append((_line(node), sentence))


def _unprintable(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        return "This number is too long."
    if isinstance(value, str) and NOT_TEXT.search(value):
        return "A text in it holds a broken character, such as half of an emoji."
    return ""


def _line(node: nodes.Node) -> int:
    """Where a node stands; Jinja2 leaves the line out of some that only hold others."""
    if node.lineno is not None:
        return node.lineno
    return next((one.lineno for one in node.find_all(nodes.Stmt) if one.lineno is not None), 1)


def _is_link_block(node: nodes.Node) -> TypeGuard[nodes.FilterBlock]:
    """The one block the app writes itself, around an address that begins with data."""
    return (
        isinstance(node, nodes.FilterBlock)
        and node.filter.name == "_link"
        and node.filter.node is None
        and not node.filter.args
    )


def dotted(node: nodes.Node) -> str | None:
    """`partner.first_name` as written; None when it is no plain path of a few names."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr) and len(names) < MAX_PATH:
        names.append(node.attr)
        node = node.node
    return ".".join([node.name, *reversed(names)]) if isinstance(node, nodes.Name) else None


def _filter_hint(name: str) -> str:
    if name in ("safe", "escape", "e"):
        return "Values are always shown exactly as they are."
    meant = get_close_matches(name, filters.PUBLIC, n=1)
    if meant:
        return f"Did you mean “{meant[0]}”?"
    return f"There are {', '.join(sorted(filters.PUBLIC))}."
