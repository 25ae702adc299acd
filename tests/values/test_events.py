"""The pages of the log and of its events tell every type of event with its fields, and no other."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from graven.values import Digest, events
from graven.values.entry import Entry
from graven.values.events import BODIES, Event

_FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (_FOLDER / "log.md").read_text() + (_FOLDER / "events.md").read_text()
ROWS = {
    name: (what, re.findall(r"`(\w+)`", detail))
    for name, what, detail in re.findall(r"^\| `([a-z]+\.[a-z]+)` \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
}


def test_the_page_tells_each_type_and_no_other() -> None:
    assert list(ROWS) == list(BODIES)


@pytest.mark.parametrize("name", BODIES)
def test_the_page_tells_what_an_event_says(name: str) -> None:
    what, detail = ROWS[name]
    assert what == (inspect.getdoc(BODIES[name]) or "").split("\n")[0]
    assert detail == [field.name for field in fields(BODIES[name])]


def test_the_page_tells_each_field_of_the_envelope() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE.partition("## An event")[2].partition("It is canonical")[0]))
    digest = Digest.of(b"")
    body = events.TagSet("app/web", "v1", digest, digest)
    entry = Entry("id", "time", "salt", Event(body, "ada", policy=digest, question=digest))
    assert set(entry._document()) <= told
