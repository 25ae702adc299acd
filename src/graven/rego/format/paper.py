"""Owns the text as it grows: lines, how deep they are indented, and the comments that wait for their place."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Comment", "Crowded", "Paper"]


class Crowded(Exception):
    """A comment stands where the one form has no place for it."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of the source."""

    row: int
    text: str
    at: int = -1
    """Where it begins in the source."""


class Paper:
    """What was written so far, and the comments that were not."""

    def __init__(self, comments: list[Comment]) -> None:
        self.parts: list[str] = []
        self.comments = comments
        self.level = 0
        self.inline = False
        self.waiting: Comment | None = None
        """Goes to the end of the line."""
        self.late = False
        """It goes to the end of the line after this one."""

    def mark(self) -> tuple[int, list[Comment], int, Comment | None]:
        """Give what ``back`` needs."""
        return len(self.parts), self.comments, self.level, self.waiting

    def back(self, mark: tuple[int, list[Comment], int, Comment | None]) -> None:
        """Forget what was written since."""
        count, self.comments, self.level, self.waiting = mark
        del self.parts[count:]

    def write(self, text: str) -> None:
        """Add to the line."""
        self.parts.append(text)

    def begin(self) -> None:
        """Begin a line."""
        self.inline = True
        self.parts.append("\t" * self.level)

    def ensure(self) -> None:
        """Begin a line unless one is begun."""
        if not self.inline:
            self.begin()

    def end(self) -> None:
        """End the line, with the comment that waits for it."""
        self.inline = False
        if self.waiting is not None and not self.late:
            self.parts.append(f" {self.waiting.text}")
            self.waiting = None
        self.late = False
        self.parts.append("\n")

    def verbatim(self, text: str, at: int) -> None:
        """Write a piece of the source as it is; the comments in it are written thereby."""
        self.parts.append(text)
        self.inline = True
        end = at + len(text)
        self.comments = [comment for comment in self.comments if not at <= comment.at < end]
        if self.waiting is not None and at <= self.waiting.at < end:
            self.waiting = None

    def blank(self) -> None:
        """Leave a line out."""
        if self.inline:
            self.end()
        self.parts.append("\n")

    def line(self, text: str) -> None:
        """Write a whole line."""
        self.ensure()
        self.parts.append(text)
        self.end()

    def reach(self, row: int) -> None:
        """Write the comments above a row, and let one in the row wait for the end of the line.

        Raises:
            Crowded: another waits already.
        """
        if not self.comments or self.comments[0].row > row:
            return
        above = [comment for comment in self.comments if comment.row < row]
        here = [comment for comment in self.comments if comment.row == row]
        self.comments = [comment for comment in self.comments if comment.row > row]
        self.tell(above)
        if above and row - above[-1].row > 1:
            self.blank()
        if here:
            if self.waiting is not None:
                raise Crowded
            self.waiting = here[-1]

    def tell(self, comments: list[Comment]) -> None:
        """Write comments, each on a line of its own."""
        metadata = False
        for place, comment in enumerate(comments):
            heading = comment.text[1:].strip() == "METADATA"
            if place:
                gap = comment.row - comments[place - 1].row
                if gap > 1 or (gap == 1 and metadata and heading):
                    self.blank()
                metadata = metadata and gap <= 1
            metadata = metadata or heading
            self.line(comment.text)

    def text(self) -> str:
        """Give all of it, ended by one line end."""
        return "".join(self.parts).rstrip("\n") + "\n"
