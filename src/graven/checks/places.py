"""Owns the place of a finding: which rule gave it, and where the value stands that made the rule speak; pure."""

from __future__ import annotations

from collections.abc import Mapping

from graven.checks.outcome import Problem
from graven.checks.results import Place, Result
from graven.checks.rules import Check, rule_id
from graven.checks.subjects import Subject
from graven.errors import GravenError
from graven.record import TYPE_CHECKING
from graven.rego import Policy, RuleInfo, Value

if TYPE_CHECKING:
    from typing import Any

    from graven.rego.origins import Origin

__all__ = ["Finder"]


class Finder:
    """Finds the places of what one check says of one subject; evaluates anew, but only when it is asked."""

    def __init__(
        self,
        check: Check,
        subject: Subject,
        value: Value,
        definitions: frozenset[int],
        *,
        policy: Policy,
        given: Mapping[str, Any],
    ) -> None:
        self.check = check
        self.subject = subject
        self.value = value
        self.definitions = definitions
        """Which of the check's definitions see the subject."""
        self.policy = policy
        self.given = given
        self._origins: dict[Value, list[Origin]] | None = None

    @property
    def partly(self) -> bool:
        """Say whether some of the check's definitions do not see the subject."""
        return len(self.definitions) < len(self.check.definitions)

    def origins(self, member: Value) -> list[Origin]:
        """Give what a member came from."""
        if self._origins is None:
            self._origins = {}
            try:
                found = self.policy.origins(self.check.query, self.value, **self.given)
            except GravenError:
                found = ()
            for origin in found:
                self._origins.setdefault(origin.value, []).append(origin)
        return self._origins.get(member, [])

    def speaks(self, member: Value) -> bool:
        """Say whether one of the definitions that see the subject gave a member, or none knows where it came from."""
        if not self.partly:
            return True
        origins = self.origins(member)
        return not origins or any(self._number(origin) in self.definitions for origin in origins)

    def _number(self, origin: Origin) -> int:
        info = self._info(origin)
        return self.check.definitions.index(info) if info is not None else -1

    def _info(self, origin: Origin) -> RuleInfo | None:
        return next(
            (
                info
                for info in self.check.definitions
                if info.file == origin.file and info.row <= origin.row <= info.end_row
            ),
            None,
        )

    def _origin(self, member: Value) -> Origin | None:
        """Choose the origin that tells most, among the rules that see the subject."""
        origins = self.origins(member)
        seen = [origin for origin in origins if not self.partly or self._number(origin) in self.definitions]
        return next((each for each in seen if each.paths), seen[0] if seen else None)

    def info(self, member: Value) -> RuleInfo | None:
        """Give the rule that gave a member."""
        origin = self._origin(member)
        return self._info(origin) if origin is not None else None

    def placed(self, result: Result, member: Value) -> tuple[Result, tuple[int, ...]]:
        """Add to a result which rule gave it, and the place of what it speaks of; give the lines around it too."""
        origin = self._origin(member)
        info = self._info(origin) if origin is not None else None
        path = origin.paths[0] if origin is not None and origin.paths else ()
        placed = result._replace(
            rule=rule_id(self.check, info or self.check.definitions[0]),
            place=self.subject.place(path),
            path=self.subject.source_path(path),
            address=self.subject.address,
            view=self.subject.view,
        )
        return placed, self.subject.lines(path)

    def silent(self, file: str) -> list[Problem]:
        """Give the rules that held, and whose message reads what is not there."""
        try:
            found = self.policy.silent(self.check.query, self.value, **self.given)
        except GravenError:
            return []
        return [
            Problem("undefined", f"{each.path} held, and its message is undefined: {each.reference}", file,
                    Place(each.file, each.row, each.col), each.hint)
            for each in found
            if not self.partly or self._row(each.file, each.row) in self.definitions
        ]  # fmt: skip

    def _row(self, file: str, row: int) -> int:
        return next(
            (
                number
                for number, info in enumerate(self.check.definitions)
                if info.file == file and info.row <= row <= info.end_row
            ),
            -1,
        )
