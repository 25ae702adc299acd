"""How the log looks: one line a record, JSON for machines and words for people, with the request's id and no secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from graven.protocols.telling import REQUEST

__all__ = ["JsonLines", "Words", "configure"]

_SECRET = re.compile(r"grv_[A-Za-z0-9_-]{20,}|(?i:(?<=basic )|(?<=bearer ))[A-Za-z0-9+/=_.-]{8,}")
_MASK = "[secret]"
_SIGNS = ("grv_", "basic ", "bearer ")
"""Without one of these there is nothing to mask; looking for them is much quicker than the expression."""


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        found: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": REQUEST.get(),
            **_facts(record),
        }
        if record.exc_info:
            found["traceback"] = self.formatException(record.exc_info)
        return _masked(orjson.dumps(found, default=str).decode())


class Words(logging.Formatter):
    """A line for people; what cannot be printed is escaped, so that nobody can forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        facts = _facts(record)
        told = [_moment(record)[11:23], f"{record.levelname.lower():<7}", _printable(record.getMessage())]
        told += [f"{name}={_printable(str(value))}" for name, value in facts.items() if value not in ("", None)]
        if REQUEST.get():
            told.append(f"request_id={REQUEST.get()}")
        text = " ".join(told)
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return _masked(text)


def configure(form: str, level: str) -> None:
    """Send the log to stderr in a form ('json', 'text', or '' to choose by whether somebody looks)."""
    handler = logging.StreamHandler(sys.stderr)
    words = form == "text" or (form == "" and sys.stderr.isatty())
    handler.setFormatter(Words() if words else JsonLines())
    # Facts about threads and processes are in no line; each costs microseconds a request.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _masked(line: str) -> str:
    small = line.lower()
    return _SECRET.sub(_MASK, line) if any(sign in small for sign in _SIGNS) else line


def _facts(record: logging.LogRecord) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = getattr(record, "facts", {})
    return facts


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _moment(record: logging.LogRecord) -> str:
    return f"{_second(int(record.created))}.{int(record.msecs):03d}Z"


def _printable(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]
