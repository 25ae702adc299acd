"""Owns what rules are shown: the whole of each document of a file, and views of its parts; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graven.checks.results import Place
from graven.documents.position import Document, Path
from graven.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Item", "Subject", "Unseen", "combined", "wholes"]


class Unseen(Record):
    """What of a value nobody can see."""

    unknown: frozenset[Path] = frozenset()
    """Paths that only a run can tell; they are not in the value."""
    hidden: frozenset[Path] = frozenset()
    """Paths at which a mask stands for a secret."""

    def __bool__(self) -> bool:
        return bool(self.unknown or self.hidden)

    @staticmethod
    def of_parts(parts: Sequence[Unseen], step: str) -> Unseen:
        """Give what nobody can see of a list of objects, each with one of the parts at a step."""
        return Unseen(
            frozenset((at, step, *path) for at, each in enumerate(parts) for path in each.unknown),
            frozenset((at, step, *path) for at, each in enumerate(parts) for path in each.hidden),
        )


_ALL_SEEN = Unseen()


class Subject:
    """One value that rules see as their input."""

    __slots__ = ("address", "document", "images_elsewhere", "prefix", "translate", "unseen", "value", "view")

    def __init__(
        self,
        value: Any,
        document: Document,
        prefix: Path = (),
        *,
        view: str = "",
        address: str = "",
        translate: Callable[[Path], Path] | None = None,
        images_elsewhere: bool = False,
        unseen: Unseen = _ALL_SEEN,
    ) -> None:
        self.value = value
        self.document = document
        self.prefix = prefix
        """Where the value stands in its document."""
        self.view = view
        """Which view of the document it is; empty: the whole."""
        self.address = address
        """The resource or container that it shows."""
        self.translate = translate
        """From a path of the value to one of the document, where it is more than a part of it."""
        self.images_elsewhere = images_elsewhere
        """What it says of an image is shown where the image is used."""
        self.unseen = unseen
        """What of the value nobody can see."""

    def source_path(self, path: Path) -> Path:
        """Give the path in the document of a part of the value."""
        return self.translate(path) if self.translate is not None else (*self.prefix, *path)

    def place(self, path: Path) -> Place:
        """Give the place of a part of the value."""
        found = self.document.position(self.source_path(path))
        return Place(self.document.file, found.line, found.column)

    def lines(self, path: Path) -> tuple[int, ...]:
        """Give the lines of a part and of the parts around it, but not that of the document as a whole."""
        full = self.source_path(path)
        around = [full[:length] for length in range(len(full), 0, -1)] or [()]
        return tuple(dict.fromkeys(self.document.position(part).line for part in around))


class Item(Record):
    """One file, or all of them together, with what rules are shown of it."""

    name: str
    subjects: tuple[Subject, ...]
    views: tuple[Subject, ...] = ()


def wholes(documents: Sequence[Document]) -> tuple[Subject, ...]:
    """Give what rules see of a file: each document, or each member of the list that is the only one.

    >>> [subject.value for subject in wholes([Document([{"a": 1}, {"b": 2}], {})])]
    [{'a': 1}, {'b': 2}]
    """
    if len(documents) == 1 and isinstance(documents[0].value, list):
        only = documents[0]
        return tuple(Subject(value, only, (index,)) for index, value in enumerate(only.value))
    return tuple(Subject(document.value, document) for document in documents)


def combined(items: Sequence[Item]) -> Item:
    """Put files together as one input: a list of their paths and contents, in the order of the paths."""
    parts = [(item.name, subject) for item in sorted(items, key=lambda item: item.name) for subject in item.subjects]
    value = [{"path": name, "contents": subject.value} for name, subject in parts]
    return Item("Combined", (_Combined(value, tuple(parts)),))


class _Combined(Subject):
    """Several files as one input; the place of a part is that in its own file."""

    __slots__ = ("parts",)

    def __init__(self, value: Any, parts: tuple[tuple[str, Subject], ...]) -> None:
        unseen = Unseen.of_parts([one.unseen for _, one in parts], "contents")
        super().__init__(value, Document(value, {}), unseen=unseen)
        self.parts = parts

    def place(self, path: Path) -> Place:
        """Give the place of a part, in the file that it came from."""
        if not path or not isinstance(path[0], int) or path[0] >= len(self.parts):
            return Place("Combined")
        return self.parts[path[0]][1].place(path[2:] if path[1:2] == ("contents",) else ())
