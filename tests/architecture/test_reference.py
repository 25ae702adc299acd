"""The reference pages tell each setting, event, error, command and field of the question, and none that is not there."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

from architecture.tree import ROOT, SOURCE
from graven import errors
from graven.cli import COMMANDS
from graven.settings import documented
from graven.values.events import BODIES
from served import Served


def _page(name: str) -> str:
    return (ROOT / "docs" / "reference" / f"{name}.md").read_text()


def _rows(name: str, cell: str) -> list[tuple[str, ...]]:
    return re.findall(rf"^\| {cell} \|", _page(name), re.MULTILINE)


def test_each_setting_is_told_with_its_variable_and_its_default() -> None:
    told = set(_rows("settings", r"`(--[a-z-]+)` \| `(GRAVEN_[A-Z_]+)` \| ([^|]*)"))
    there = {
        (flag, variable, f"`{about['default']}`" * bool(about["default"])) for flag, variable, about in documented()
    }
    assert told == there


def test_each_event_is_told() -> None:
    told = _rows("events", r"`([a-z_]+\.[a-z_]+)`")
    assert sorted(map(str, told)) == sorted(BODIES)


def test_each_family_of_error_is_told_with_its_status_and_exit_code() -> None:
    told = set(_rows("errors", r"`(\w+)` \| `(\w+)` \| (\d+) \| (\d)"))
    kinds = [kind for kind in errors.HTTP_STATUS if kind is not errors.GravenError]
    there = {
        (kind.__name__, errors.family(kind("")), str(errors.status(kind(""))), str(errors.exit_code(kind(""))))
        for kind in kinds
    }
    assert told == there
    assert len(there) == 10


def test_each_command_is_told_with_what_it_does() -> None:
    told = _rows("commands", r"`graven ([a-z]+)` \| ([^|]+)")
    assert told == [found for group in COMMANDS.values() for found in group.items()]


def test_each_field_of_the_question_is_told() -> None:
    schema: dict[str, Any] = json.loads((SOURCE / "decide" / "question.schema.json").read_text())
    page = _page("question")
    assert re.findall(r"^## (\w+)$", page, re.MULTILINE) == list(schema["properties"])
    there = [
        f"{name}.{member}"
        for name, field in schema["properties"].items()
        for member in field.get("items", field).get("properties", {})
    ]
    assert re.findall(r"^\| `(\w+\.\w+)` \|", page, re.MULTILINE) == there


def test_each_operation_of_the_api_is_told(serve: Callable[[], Served]) -> None:
    served = serve()
    asked = urllib.request.Request(
        f"{served.url}/api/v1/openapi.json", headers={"Authorization": f"Bearer {served.token}"}
    )
    with urllib.request.urlopen(asked) as answer:
        paths: dict[str, Any] = json.load(answer)["paths"]
    there = [
        (method.upper(), path, about["summary"]) for path, found in paths.items() for method, about in found.items()
    ]
    assert _rows("api", r"`([A-Z]+)` \| `([^`]+)` \| ([^|]*)") == there
