"""The README says what is there: settings, dependencies, the house, commands, and every call."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from rxapp import cli
from rxapp.api.app import create_api
from rxapp.api.docs import description
from rxapp.auth import keys
from rxapp.config import ROOT, Settings
from rxapp.db.engine import writing
from rxapp.db.models import Role
from tests.api.conftest import Client
from tests.test_house import BASE, MAY_IMPORT

# Brought from elsewhere or made when the app is set up: not in the map.
HIDDEN = {"__init__.py", "__pycache__"}


@cache
def section(heading: str) -> str:
    """What stands under a heading, down to the next one."""
    text = (ROOT / "README.md").read_text()
    _, found, rest = text.partition(f"\n## {heading}\n")
    assert found, f"the README has no section {heading!r}"
    return rest.partition("\n## ")[0]


def rows(heading: str) -> dict[str, list[str]]:
    """The tables of a section: what the first column names in code, and the other columns."""
    named: dict[str, list[str]] = {}
    for line in section(heading).splitlines():
        if line.startswith("| `"):
            first, *others = re.split(r" (?<!\\)\| ", line.removeprefix("| ").removesuffix(" |"))
            name = first.strip("`")
            assert name not in named, f"{name} stands there twice"
            named[name] = others
    return named


def code(heading: str) -> str:
    """The first block of code of a section."""
    block = re.search(r"```\w*\n(.*?)```", section(heading), re.DOTALL)
    assert block
    return block[1]


def test_every_setting_is_in_the_table_with_its_default() -> None:
    table = rows("Settings")
    assert set(table) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        # The others are made at the time, which the table says in words.
        if field.default not in ("", None) and not isinstance(field.default, Path):
            assert table[name.upper()][0] == f"`{field.default}`"


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    needed = [*project["dependencies"], *(one for extra in extras for one in extra)]
    names = {re.split(r"[\[=<>~; ]", requirement)[0] for requirement in needed}
    assert set(rows("What it is made of")) == names


def house() -> Iterator[Path]:
    """The paths of the map of the house, which is indented like the directories are."""
    above: list[Path] = []
    for line in code("How the house is laid out").splitlines():
        names = re.match(r"( *)([^\s,]+(?:, [^\s,]+)*)", line)
        assert names
        depth = len(names[1]) // 2
        parent = above[depth - 1] if depth else ROOT
        for name in names[2].split(", "):
            yield parent / name
            above[depth:] = [parent / name]


def test_every_path_of_the_house_exists() -> None:
    assert [path for path in house() if not path.exists()] == []


@pytest.mark.parametrize("directory", ["rxapp", "rxapp/domain", "rxapp/dispatch"])
def test_nothing_in_the_heart_of_the_house_is_left_out(directory: str) -> None:
    shown = {path.name for path in house() if path.parent == ROOT / directory}
    there = {path.name for path in (ROOT / directory).iterdir()} - HIDDEN
    assert there - shown == set()


def test_who_may_import_whom_is_what_is_held() -> None:
    table = rows("How the house is laid out")
    said = {part: set(re.findall(r"`(\w+)`", cells[0])) for part, cells in table.items()}
    assert said == {part: MAY_IMPORT[part] - BASE for part in said}
    assert said.keys() >= {part for part, allowed in MAY_IMPORT.items() if "db" in allowed}


def commands(command: Any, name: str) -> Iterator[str]:
    """The full names of a command's subcommands, or its own when it has none."""
    inner = getattr(command, "commands", {})
    if not inner:
        yield name
    for word, one in inner.items():
        yield from commands(one, f"{name} {word}")


def test_every_command_is_named() -> None:
    said = {re.split(r" (?=[A-Z-])", usage)[0] for usage in rows("Commands")}
    assert said == set(commands(typer.main.get_command(cli.app), "rxapp"))


def test_every_call_is_in_the_table_with_its_role() -> None:
    calls = {
        f"{method.upper()} {path}": call["description"]
        for path, methods in description(create_api())["paths"].items()
        for method, call in methods.items()
    }
    roles = {call: re.search(r"\nRole: (\w+)\.", text) for call, text in calls.items()}
    said = {call: cells[-1] for call, cells in rows("The REST API").items()}
    assert said == {call: role[1] if role else "anybody" for call, role in roles.items()}


@pytest.mark.usefixtures("database")
def test_the_example_of_the_api_does_what_it_says() -> None:
    with writing() as session:
        client = Client(create_api(), keys.create(session, "shop", Role.ADMIN))
    answers = []
    for line in code("The REST API").splitlines():
        if line.startswith("api "):
            _, method, path, *body = shlex.split(line)
            headers = {"Content-Type": "application/json"}
            answer = client.request(
                method, f"/api/v1/{path}", content="".join(body), headers=headers
            )
            assert answer.is_success, answer.text
            answers.append(answer.json())
    *_, assigned, listed = answers
    assert (assigned["result"], len(assigned["sends"])) == ("added", 1)
    assert [send["id"] for send in listed["data"]] == [assigned["sends"][0]["id"]]


def test_what_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
