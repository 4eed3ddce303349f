"""Loops in the graph of automations: found when one is saved, and explained in words.

An automation joins the tag that sets it off to each tag it adds. Going round in a circle of such
steps ends by itself as long as no tag of the circle is taken off on the way: a partner who has a
tag is not given it again. When something the circle sets off does take one of its tags off, the
automations could fire again and again, and saving is refused. (While running, the engine lets an
automation fire once per partner and chain, so even such a circle would end; it would just not do
what it says.)
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What an automation does to tags: assigning `trigger` adds `adds` and removes `removes`."""

    name: str
    trigger: int
    adds: frozenset[int]
    removes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Loop:
    """A circle of automations. `endless`: it could go round again and again."""

    sentence: str
    endless: bool


def find(rules: Collection[Rule], names: Mapping[int, str]) -> list[Loop]:
    """Every loop among these rules, one for tags that lead to each other; `names` are the tags'."""
    reached = {tag: _reached(tag, rules) for tag in {rule.trigger for rule in rules}}
    forever = _forever(rules)
    loops, seen = [], set[int]()
    for tag in sorted(reached):
        if tag in reached[tag] and tag not in seen:
            circle = {other for other in reached[tag] if tag in reached.get(other, ())}
            seen |= circle
            set_off = [rule for rule in rules if rule.trigger in reached[tag]]
            loops.append(_explained(circle, rules, [*set_off, *forever], names))
    return loops


def _reached(start: int, rules: Collection[Rule]) -> set[int]:
    """The tags that assigning `start` leads to; itself only if it leads back."""
    found, waiting = set[int](), [start]
    while waiting:
        tag = waiting.pop()
        new = {added for rule in rules if rule.trigger == tag for added in rule.adds} - found
        found |= new
        waiting.extend(new)
    return found


def _forever(rules: Collection[Rule]) -> list[Rule]:
    """The rules that between them could keep each other going, across several circles.

    To fire forever, a rule's tag must be added forever and removed forever, by such rules.
    """
    kept = list(rules)
    while True:
        added = {tag for rule in kept for tag in rule.adds}
        removed = {tag for rule in kept for tag in rule.removes}
        still = [rule for rule in kept if rule.trigger in added & removed]
        if len(still) == len(kept):
            return kept
        kept = still


def _explained(
    circle: set[int], rules: Collection[Rule], active: Collection[Rule], names: Mapping[int, str]
) -> Loop:
    breakers = [rule for rule in active if rule.removes & circle]
    first = min(breakers[0].removes & circle) if breakers else min(circle)
    steps = [
        f"{_quoted(rule.trigger, names)} adds {_quoted(tag, names)} ({rule.name})"
        for rule, tag in _round(first, circle, rules)
    ]
    if not breakers:
        return Loop(
            f"These automations go round in a circle: {', '.join(steps)}. It ends by itself, "
            "because a partner who has a tag is not given it again.",
            endless=False,
        )
    breaker, tag = breakers[0], _quoted(first, names)
    steps.append(f"and {_quoted(breaker.trigger, names)} removes {tag} ({breaker.name})")
    return Loop(
        f"These automations could set each other off again and again: {', '.join(steps)}, "
        f"so {tag} could be added again, and so on.",
        endless=True,
    )


def _round(first: int, circle: set[int], rules: Collection[Rule]) -> list[tuple[Rule, int]]:
    """The shortest way from the tag `first` back to itself: each rule with the tag it adds."""
    ways: deque[tuple[int, list[tuple[Rule, int]]]] = deque([(first, [])])
    passed = set[int]()
    while ways:
        tag, way = ways.popleft()
        for rule, added in _steps(tag, circle, rules):
            if added == first:
                return [*way, (rule, added)]
            if added not in passed:
                passed.add(added)
                ways.append((added, [*way, (rule, added)]))
    raise AssertionError("a tag of a circle leads back to itself")


def _steps(tag: int, circle: set[int], rules: Collection[Rule]) -> Iterator[tuple[Rule, int]]:
    for rule in rules:
        if rule.trigger == tag:
            for added in sorted(rule.adds & circle):
                yield rule, added


def _quoted(tag: int, names: Mapping[int, str]) -> str:
    return f"“{names[tag]}”"
