"""A form that is saved while somebody else saves the same thing, here or through the API.

A form shows all there is of something, and most of it is left alone. Saved whole, it would take
back whatever somebody else did meanwhile, without a word. So only what the person changed is saved,
and where somebody else changed that too, they are told and choose.
"""

from collections.abc import Mapping

from rxapp.errors import Overtaken


class ChangedMeanwhile(Overtaken):
    """Somebody else changed the field `name` of an open form, and it is `now` that."""

    def __init__(self, name: str, now: str) -> None:
        changed = f"changed this to “{now}”" if now else "emptied this"
        super().__init__(
            f"Somebody else {changed} while you had it open. Save again to keep what you typed.",
            field=name,
        )
        self.name, self.now = name, now


def mine(
    shown: Mapping[str, str], typed: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str]:
    """What to save of a form: what the person changed of what it had `shown`.

    Raises ChangedMeanwhile where that is not what it was any more, nor what they typed.
    """
    changed = {}
    for name, value in typed.items():
        was, stands = shown.get(name, now.get(name, "")), now.get(name, "")
        if value in (was, stands):
            continue
        if stands != was:
            raise ChangedMeanwhile(name, stands)
        changed[name] = value
    return changed
