"""Owns the names that rewriting makes, and the scopes in which a body's own names stand for them."""

from __future__ import annotations

__all__ = ["Generator", "Scopes"]

ARGUMENT, SEEN, DECLARED = "argument", "seen", "declared"


class Generator:
    """Gives ``__local0__``, ``__local1__`` and so on, those left out that somebody wrote."""

    def __init__(self, prefix: str, taken: set[str]) -> None:
        self._prefix = prefix
        self._taken = taken
        self._next = 0

    def name(self) -> str:
        """Give the next name."""
        while True:
            made = f"{self._prefix}{self._next}__"
            self._next += 1
            if made not in self._taken:
                return made


class Scopes:
    """The names of the bodies around a place, the innermost last."""

    def __init__(self) -> None:
        self._names: list[dict[str, str]] = [{}]
        self._kinds: list[dict[str, str]] = [{}]
        self.rewritten: dict[str, str] = {}
        """The name in the source of each that was made."""

    def copy(self) -> Scopes:
        """Give scopes that begin as these."""
        made = Scopes()
        made._names, made._kinds = [dict(each) for each in self._names], [dict(each) for each in self._kinds]
        made.rewritten = dict(self.rewritten)
        return made

    def push(self) -> None:
        """Enter a body."""
        self._names.append({})
        self._kinds.append({})

    def pop(self) -> None:
        """Leave the innermost body."""
        self._names.pop()
        self._kinds.pop()

    def insert(self, name: str, made: str, kind: str) -> None:
        """Let a name stand for another in the innermost body."""
        self._names[-1][name] = made
        self._kinds[-1][name] = kind
        if name != made:
            self.rewritten[made] = name

    def found(self, name: str) -> str | None:
        """Give what a name stands for."""
        for names in reversed(self._names):
            if name in names:
                return names[name]
        return None

    def see(self, name: str) -> str:
        """Give what a name stands for; one that nobody declared stands for itself."""
        found = self.found(name)
        if found is not None:
            return found
        if name not in self._kinds[-1]:
            self.insert(name, name, SEEN)
        return name

    def shadowed(self, name: str) -> str | None:
        """Give what a root document's name stands for, if it was declared."""
        for kinds in reversed(self._kinds):
            if name in kinds:
                return None if kinds[name] == SEEN else self.found(name)
        return None

    @property
    def innermost(self) -> dict[str, str]:
        """The names of the innermost body."""
        return self._names[-1]
