"""SQL for the tables of the projection, made once from their declarations; pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from graven.projection import TABLES, Absent, Change, Delete, Equals, Expectation, Key, Patch, Put, Table, Value

__all__ = ["SCHEMA", "change", "columns", "key_of", "look", "row_of", "scan"]

Statement = tuple[str, Sequence[Value]]

_INTEGERS = frozenset({"position", "size"})


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _create(table: Table) -> str:
    named = (*table.key, *table.columns)
    typed = ", ".join(f'"{name}" {"INTEGER" if name in _INTEGERS else "TEXT"}' for name in named)
    return f'CREATE TABLE IF NOT EXISTS "{table.name}" ({typed}, PRIMARY KEY ({_quoted(table.key)})) WITHOUT ROWID'


SCHEMA: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS entries (position INTEGER PRIMARY KEY, leaf BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS names (principal TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS names_by_name ON names (name)",
    "CREATE TABLE IF NOT EXISTS head (one INTEGER PRIMARY KEY CHECK (one = 1), note BLOB NOT NULL)",
    *(_create(table) for table in TABLES.values()),
)


def change(made: Change) -> Statement:
    """Give the statement of a change."""
    table = TABLES[made.table]
    match made:
        case Put():
            row = made.row
            return _put(made.table), (*made.key, *(row.get(name) for name in table.columns))
        case Patch():
            names = tuple(made.row)
            return _patch(made.table, names), (*(made.row[name] for name in names), *made.key)
        case Delete():
            return _delete(made.table), made.key


def look(expected: Expectation) -> Statement:
    """Give the statement that finds the row of an expectation."""
    match expected:
        case Absent() | Equals():
            return get(expected.table), expected.key


@cache
def get(name: str) -> str:
    """Give the query for one row by its whole key."""
    return f"{_select(name, columns_only=True)} WHERE {_matches(TABLES[name].key)}"


@cache
def scan(name: str, prefix: int, after: int, *, reverse: bool) -> str:
    """Give the query for rows by so many columns of the key's beginning, behind so many further columns."""
    table = TABLES[name]
    where = [_matches(table.key[:prefix])] if prefix else []
    if after:
        beyond = table.key[prefix : prefix + after]
        where.append(f"({_quoted(beyond)}) {'<' if reverse else '>'} ({', '.join('?' * after)})")
    conditions = f" WHERE {' AND '.join(where)}" if where else ""
    order = ", ".join(f'"{column}"{" DESC" if reverse else ""}' for column in table.key)
    return f"{_select(name)}{conditions} ORDER BY {order} LIMIT ?"


def columns(name: str) -> tuple[str, ...]:
    """Give the columns of a table's rows."""
    return TABLES[name].columns


def key_of(name: str, found: Sequence[Value]) -> Key:
    """Take the key out of a row as ``scan`` gives it."""
    return tuple(value for value in found[: len(TABLES[name].key)] if value is not None)


def row_of(name: str, found: Sequence[Value]) -> dict[str, Value]:
    """Take the columns out of a row as ``scan`` gives it."""
    table = TABLES[name]
    return dict(zip(table.columns, found[len(table.key) :], strict=True))


def _select(name: str, *, columns_only: bool = False) -> str:
    table = TABLES[name]
    named = table.columns if columns_only else (*table.key, *table.columns)
    return f'SELECT {_quoted(named) or "1"} FROM "{name}"'  # noqa: S608  names are declared


def _matches(names: Sequence[str]) -> str:
    return " AND ".join(f'"{name}" = ?' for name in names)


@cache
def _put(name: str) -> str:
    table = TABLES[name]
    named = (*table.key, *table.columns)
    marks = ", ".join("?" * len(named))
    return f'INSERT OR REPLACE INTO "{name}" ({_quoted(named)}) VALUES ({marks})'  # noqa: S608  names are declared


@cache
def _patch(name: str, changed: tuple[str, ...]) -> str:
    sets = ", ".join(f'"{column}" = ?' for column in changed)
    return f'UPDATE "{name}" SET {sets} WHERE {_matches(TABLES[name].key)}'  # noqa: S608  names are declared


@cache
def _delete(name: str) -> str:
    return f'DELETE FROM "{name}" WHERE {_matches(TABLES[name].key)}'  # noqa: S608  names are declared
