"""Configuration files, read into values that know where each part of them stands; one module for each format.

Each module has ``parse(data: bytes, *, file: str = "") -> tuple[Document, ...]``: one document for each that the text
holds, in their order, with the JSON value that conftest gives it. The value is made at once; the places of its parts
when they are first asked for. A text that cannot be read is ``Malformed``, with the file, line and column in ``where``.
"""

from __future__ import annotations

from graven.documents.detection import PARSERS, parse, parser_for
from graven.documents.position import Document, Path, Places, Position

__all__ = ["PARSERS", "Document", "Path", "Places", "Position", "parse", "parser_for"]
