"""Two people on one automation: what each of them made of it, beside each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from rxapp.db import automations as sql
from rxapp.db.automations import ActionView, AutomationView
from rxapp.db.engine import reading
from rxapp.domain import automation_words, automations
from rxapp.state.automations import StepWords, step_words


@dataclass
class ClashStep:
    """A step of one side; `mark` is what became of it since: new, changed, gone, or nothing."""

    words: str
    target: str
    mark: str


@dataclass
class Side:
    """What one of two people made of the automation, and how that differs from what it was."""

    tag: str = ""
    color: str = "gray"
    said: list[StepWords] = field(default_factory=list)
    steps: list[ClashStep] = field(default_factory=list)
    # What is different besides the steps, in sentences.
    facts: list[str] = field(default_factory=list)


@dataclass
class Clash:
    """Somebody saved or deleted it while it was edited here; without an author nobody did."""

    author: str = ""
    # The version they saved; 0 when they deleted it.
    version: int = 0
    theirs: Side = field(default_factory=Side)
    mine: Side = field(default_factory=Side)


def clash(base: AutomationView, mine: AutomationView) -> Clash:
    """What is saved now beside what is entered; both came from `base`."""
    with reading() as session:
        theirs = sql.view(session, base.id)
        author = automations.changed_by(session, base.id)
    if theirs is None:
        return Clash(author, 0, Side(), side(mine, base))
    return Clash(author, theirs.version, side(theirs, base), side(mine, base))


def side(view: AutomationView, base: AutomationView) -> Side:
    """How an automation reads now, and what is different from how it was."""
    return Side(
        view.tag,
        view.color,
        [step_words(step) for step in view.actions],
        _steps(view, base),
        _facts(view, base),
    )


def _steps(view: AutomationView, base: AutomationView) -> list[ClashStep]:
    before = {_key(step): step for step in base.actions}
    marked = [(step, _mark(step, before.pop(_key(step), None))) for step in view.actions]
    marked += [(step, "gone") for step in before.values()]
    return [_line(step, mark) for step, mark in marked]


def _line(step: ActionView, mark: str) -> ClashStep:
    said = step_words(step)
    always = step.delay_seconds and not step.needs_tag
    return ClashStep(said.words, f"{said.target}{', tag or not' if always else ''}", mark)


def _mark(step: ActionView, before: ActionView | None) -> str:
    if before is None:
        return "new"
    same = (step.delay_seconds, step.needs_tag) == (before.delay_seconds, before.needs_tag)
    return "" if same else "changed"


def _facts(view: AutomationView, base: AutomationView) -> list[str]:
    found = []
    if view.tag_id != base.tag_id:
        found.append(f"Set off by “{view.tag}” instead of “{base.tag}”.")
    name = automation_words.title(view)
    if name != automation_words.title(base):
        found.append(f"Called “{name}”." if name else "Without a name of its own.")
    if view.enabled != base.enabled:
        found.append("Switched on." if view.enabled else "Switched off.")
    if _order(view, base) != _order(base, view):
        found.append("The steps in another order.")
    return found


def _order(view: AutomationView, other: AutomationView) -> list[tuple[str, int | None]]:
    """The steps that both have, in the order of the one."""
    both = {_key(step) for step in other.actions}
    return [_key(step) for step in view.actions if _key(step) in both]


def _key(step: ActionView) -> tuple[str, int | None]:
    return step.kind, step.template_id or step.tag_id
