"""How the log looks: JSON for machines, words for people, and no secret in either."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from graven.app.telling import JsonLines, Words
from graven.protocols.telling import REQUEST

FORMS = [JsonLines(), Words()]


def _record(message: str, **facts: object) -> logging.LogRecord:
    record = logging.LogRecord("graven.test", logging.INFO, "f", 1, message, (), None)
    record.facts = facts
    return record


def test_a_json_line_is_one_object_with_time_level_message_and_facts() -> None:
    told = json.loads(JsonLines().format(_record("answered", status=200)))
    assert told["message"] == "answered"
    assert told["status"] == 200
    assert told["level"] == "info"
    assert told["time"].endswith("Z")


@pytest.mark.parametrize("form", FORMS)
def test_each_line_has_the_id_of_its_request(form: logging.Formatter) -> None:
    token = REQUEST.set("0123456789abcdef")
    try:
        assert "0123456789abcdef" in form.format(_record("x"))
    finally:
        REQUEST.reset(token)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "secret", ["grv_" + "A1_-b" * 8 + "abc", "Basic dTpncnZfaGlkZGVu", "authorization: bearer abcdefghijk.lm"]
)
def test_what_looks_like_a_secret_is_masked(form: logging.Formatter, secret: str) -> None:
    line = form.format(_record(f"got {secret} from a header", path=f"/x/{secret}"))
    assert secret.rsplit(maxsplit=1)[-1] not in line
    assert "[secret]" in line


@pytest.mark.parametrize("form", FORMS)
def test_nobody_can_forge_a_second_line(form: logging.Formatter) -> None:
    line = form.format(_record("one\ntwo", path="/a\r\nb\x1b[31m"))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_is_told_and_masked_too(form: logging.Formatter) -> None:
    try:
        int("grv_" + "x" * 43)
    except ValueError:
        record = logging.LogRecord("graven.test", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    line = form.format(record)
    assert "ValueError" in line
    assert "xxxx" not in line
