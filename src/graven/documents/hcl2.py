"""Owns HCL version 2, the language of Terraform: hashicorp/hcl, ``hclsyntax/spec.md``, in the JSON form of conftest.

Nothing is evaluated here; that is left to ``terraform``, for which each document keeps its syntax tree.
"""

from __future__ import annotations

from graven.documents.hcl.grammar import parse as parse_body
from graven.documents.hcl.shape import Shape
from graven.documents.hcl.source import Source, read
from graven.documents.hcl.tree import Body
from graven.documents.position import Document

__all__ = ["Configuration", "parse"]


class Configuration(Document):
    """A document that keeps the syntax tree from which its value was made."""

    __slots__ = ("body", "text")

    def __init__(self, text: Source, body: Body) -> None:
        shape = Shape(text)
        super().__init__(shape.body(body), shape.places, text.file)
        self.text = text
        self.body = body


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read a file, which is always one document.

    >>> parse(b'b "x" {\n  n = -1\n  s = "a${var.v}"\n}\n')[0].value
    {'b': {'x': [{'n': -1, 's': 'a${var.v}'}]}}

    Raises:
        Malformed: it is no HCL.
        TooLarge: it is longer, or nested deeper, than the limits.
    """
    text = read(data, file)
    return (Configuration(text, parse_body(text)),)
