"""What stands behind the question mark: nothing a route does not know, and a plus that is a plus.

A misspelled filter would otherwise ask for everybody, silently.
"""

from typing import Any, get_args, get_origin
from urllib.parse import unquote

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from rxapp.errors import InvalidInput

# What answers monitors, mail programs and the provider takes whatever they hang on.
STRICT = "/api/"
_SHOWN = 60


def only_known(request: Request) -> None:
    """Raise InvalidInput for a parameter the route has not, or has only one of."""
    route = request.scope["route"]
    if not route.path.startswith(STRICT):
        return
    given = [name for name, _ in request.query_params.multi_items()]
    known = parameters(route) if given else {}
    for name in given:
        if name not in known:
            told = ", ".join(known)
            takes = f"Known are: {told}." if told else "This call takes none."
            raise InvalidInput(
                f"“{name[:_SHOWN]}” is no parameter here. {takes}", name[:_SHOWN], known=[*known]
            )
        if given.count(name) > 1 and not known[name]:
            raise InvalidInput(f"“{name}” can be given only once.", name)


def parameters(route: APIRoute) -> dict[str, bool]:
    """The parameters of a route, each with whether it may be given several times."""
    return _parameters(route.dependant)


def _parameters(dependant: Dependant) -> dict[str, bool]:
    found = {one.alias: _is_list(one.field_info.annotation) for one in dependant.query_params}
    for below in dependant.dependencies:
        found |= _parameters(below)
    return found


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))


def readings(request: Request, name: str) -> list[str]:
    """A parameter as forms write it, where a plus is a blank, and as it stands, where it is a plus.

    An address with a plus in it is found whichever way the client wrote it.
    """
    parts = (part.partition("=") for part in request.url.query.split("&"))
    raw = (value for key, _, value in parts if unquote(key) == name)
    plain = [unquote(value) for value in raw if "+" in value]
    return [value for value in (*request.query_params.getlist(name), *plain) if value]
