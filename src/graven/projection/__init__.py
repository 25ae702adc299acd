"""What an event does to the tables that answer reads: one pure function, shared by every store and by the rebuild."""

from __future__ import annotations

from graven.projection.changes import Absent, Change, Delete, Equals, Expectation, Key, Patch, Put, Row, Value
from graven.projection.project import project
from graven.projection.tables import TABLES, Table

__all__ = [
    "TABLES",
    "Absent",
    "Change",
    "Delete",
    "Equals",
    "Expectation",
    "Key",
    "Patch",
    "Put",
    "Row",
    "Table",
    "Value",
    "project",
]
