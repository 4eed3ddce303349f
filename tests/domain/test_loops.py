"""Loops among automations: the harmless end by themselves, the endless are refused."""

import random
from itertools import count

from rxapp.domain import loops
from rxapp.domain.loops import Rule

NAMES = {1: "vip", 2: "gold", 3: "silver", 4: "new"}
VIP, GOLD, SILVER, NEW = NAMES


def rule(name: str, trigger: int, adds: set[int] = set(), removes: set[int] = set()) -> Rule:  # noqa: B006 (never changed)
    return Rule(name, trigger, frozenset(adds), frozenset(removes))


def verdicts(*rules: Rule) -> list[bool]:
    """One entry per loop: whether it could go on forever."""
    return [loop.endless for loop in loops.find(rules, NAMES)]


def test_a_chain_that_ends_is_no_loop() -> None:
    assert verdicts(rule("A", VIP, {GOLD}), rule("B", GOLD, {SILVER}, {VIP})) == []


def test_moving_from_one_tag_to_another_is_no_loop() -> None:
    assert verdicts(rule("A", VIP, {GOLD}, {VIP}), rule("B", NEW, {VIP}, {NEW})) == []


def test_a_circle_that_only_adds_ends_by_itself() -> None:
    assert verdicts(rule("A", VIP, {GOLD}), rule("B", GOLD, {VIP})) == [False]


def test_adding_its_own_tag_ends_by_itself_and_removing_it_too_does_not() -> None:
    assert verdicts(rule("A", VIP, {VIP})) == [False]
    assert verdicts(rule("A", VIP, {VIP}, {VIP})) == [True]


def test_a_circle_that_takes_its_own_tag_off_is_endless_and_told_in_words() -> None:
    found = loops.find([rule("A", VIP, {GOLD}), rule("B", GOLD, {VIP}, {VIP})], NAMES)
    assert [loop.endless for loop in found] == [True]
    assert found[0].sentence == (
        "These automations could set each other off again and again: “vip” adds “gold” (A), "
        "“gold” adds “vip” (B), and “gold” removes “vip” (B), so “vip” could be added again, "
        "and so on."
    )


def test_what_a_circle_sets_off_counts_and_what_it_does_not_set_off_does_not() -> None:
    circle = [rule("A", VIP, {GOLD, SILVER}), rule("B", GOLD, {VIP})]
    assert verdicts(*circle, rule("C", SILVER, set(), {GOLD})) == [True]
    assert verdicts(*circle, rule("C", NEW, set(), {GOLD})) == [False]


def test_two_circles_that_break_each_other_open_are_endless() -> None:
    """Neither leads to the other, but something may start both."""
    rules = [rule("A", VIP, {VIP}, {GOLD}), rule("B", GOLD, {GOLD}, {VIP})]
    assert verdicts(*rules) == [True, True]


def test_separate_circles_are_told_apart() -> None:
    rules = [rule("A", VIP, {GOLD}), rule("B", GOLD, {VIP}), rule("C", NEW, {NEW}, {NEW})]
    assert verdicts(*rules) == [False, True]


def fires_at_most(rules: list[Rule], start: int, limit: int) -> bool:
    """Run the rules as the engine would without its guard; whether they end within `limit`."""
    held, fired = set[int](), count()

    def assign(tag: int) -> None:
        if tag in held:
            return
        held.add(tag)
        for one in rules:
            if one.trigger == tag:
                if next(fired) > limit:
                    raise OverflowError
                # The worst order: what is taken off is taken off before it is put on again.
                held.difference_update(one.removes)
                for added in sorted(one.adds):
                    assign(added)

    try:
        assign(start)
    except OverflowError:
        return False
    return True


def test_what_is_not_called_endless_ends_whatever_starts_it() -> None:
    dice = random.Random(17)
    accepted = 0
    for _ in range(4000):
        tags = range(1, 5)
        rules = [
            rule(
                str(number),
                dice.choice(tags),
                set(dice.sample(tags, dice.choice([0, 1, 1, 2]))),
                set(dice.sample(tags, dice.choice([0, 0, 1, 2]))),
            )
            for number in range(dice.randint(1, 6))
        ]
        if not any(verdicts(*rules)):
            accepted += 1
            assert all(fires_at_most(rules, start, 400) for start in tags), rules
    assert accepted > 500
