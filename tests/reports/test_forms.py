"""Each form of conftest's, held against a file that holds what conftest prints."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graven.reports import azuredevops, github, json, junit, laxsarif, stdout, table, tap
from reports.samples import LAX

VECTORS = Path(__file__).parents[1] / "vectors" / "reports"

FORMS: dict[str, Callable[[], str]] = {
    "lines.txt": lambda: stdout.render(LAX),
    "lines-in-colour.txt": lambda: stdout.render(LAX, color=True, show_skipped=True, suppress_exceptions=True),
    "trace.txt": lambda: stdout.trace(LAX, color=True),
    "results.json": lambda: json.render(LAX),
    "results.tap": lambda: tap.render(LAX),
    "table.txt": lambda: table.render(LAX),
    "junit.xml": lambda: junit.render(LAX, runtime="go1.26.8"),
    "junit-without-messages.xml": lambda: junit.render(LAX, runtime="go1.26.8", hide_message=True),
    "github.txt": lambda: github.render(LAX, folder="/work"),
    "github-without-passed.txt": lambda: github.render(LAX, hide_passed=True),
    "azuredevops.txt": lambda: azuredevops.render(LAX),
    "conftest.sarif": lambda: laxsarif.render(LAX, version="dev"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_written_as_its_file_holds_it(name: str) -> None:
    assert FORMS[name]() == (VECTORS / name).read_text()


def test_nothing_is_little_in_every_form() -> None:
    assert json.render(()) == "null\n"
    assert tap.render(()) == table.render(()) == ""
    assert stdout.render(()) == "\n0 tests, 0 passed, 0 warnings, 0 failures, 0 exceptions\n"
    assert junit.render(()) == '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites></testsuites>\n'


@pytest.mark.parametrize(
    ("message", "cells"),
    [
        ("日本", ["日本"]),
        ("  a \n\n  b  ", ["a ", "  b"]),
        ("\x1b[31mred\x1b[0m", ["\x1b[31mred\x1b[0m"]),
        ("e\u0301", ["e\u0301"]),
    ],
)
def test_columns_are_as_wide_as_a_terminal_shows_them(message: str, cells: list[str]) -> None:
    lines = table.draw(("X",), [(message,)]).splitlines()
    assert [line.removeprefix("│ ").split(" │")[0].rstrip() for line in lines[3:-1]] == [c.rstrip() for c in cells]
    rule = len(lines[0])
    shown = {"日本": 4, "  a \n\n  b  ": 3, "\x1b[31mred\x1b[0m": 3, "e\u0301": 1}[message]
    assert rule == shown + 4
