"""Owns the unification of terms with types: what an unbound variable becomes, and what can never be equal."""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.tree import ArrayTerm, ObjectTerm, Scalar, SetTerm, Term, Var
from graven.rego.types import ANY, Type, overlaps, select, union

__all__ = ["Types"]


class Types:
    """The types of the variables of a rule."""

    def __init__(self) -> None:
        self.variables: dict[str, Type] = {}
        self.of: Callable[[Term], Type | None] = lambda _: None
        """Gives the type of a term; None if it is not known yet."""

    def unify_terms(self, left: Term, right: Term) -> bool:
        """Say whether two terms can be equal, and give their unbound variables types."""
        one, two = self.of(left), self.of(right)
        if one is None and two is not None:
            return self.unify(left, two)
        if two is None and one is not None:
            return self.unify(right, one)
        if one is not None and two is not None:
            return overlaps(one, two)
        return self._both_open(left, right)

    def _both_open(self, left: Term, right: Term) -> bool:
        if isinstance(left, ArrayTerm) and isinstance(right, ArrayTerm):
            if len(left.items) != len(right.items):
                return False
            fits = [self.unify_terms(*pair) for pair in zip(left.items, right.items, strict=True)]
            return all(fits)
        if isinstance(left, ObjectTerm) and isinstance(right, ObjectTerm):
            ours = {key.value: value for key, value in left.pairs if isinstance(key, Scalar)}
            theirs = {key.value: value for key, value in right.pairs if isinstance(key, Scalar)}
            fits = [self.unify_terms(ours[key], theirs[key]) for key in ours if key in theirs]
            return all(fits)
        return True

    def unify(self, term: Term, wanted: Type, *, widen: bool = False) -> bool:
        """Say whether a term can be of a type, and give its unbound variables types."""
        if isinstance(term, Var) and term.name not in ("input", "data"):
            known = self.variables.get(term.name)
            if known is not None and not widen:
                return overlaps(known, wanted)
            if not term.wild:
                self.variables[term.name] = union((known, wanted)) if known is not None else wanted
            return True
        if not isinstance(term, (ArrayTerm, ObjectTerm, SetTerm)):
            found = self.of(term)
            return found is None or overlaps(found, wanted)
        if wanted.kind != "any":
            return self._composite(term, wanted, widen=widen)
        if wanted == ANY:
            for part in _parts(term):
                self.unify(part, ANY, widen=True)
            return True
        fits = [self._composite(term, each, widen=True) for each in wanted.members]
        return any(fits)

    def _composite(self, term: ArrayTerm | ObjectTerm | SetTerm, wanted: Type, *, widen: bool) -> bool:
        if isinstance(term, ArrayTerm) and wanted.kind == "array":
            size = len(term.items)
            if size < len(wanted.members) or (size > len(wanted.members) and wanted.item is None):
                return False
            types = [*wanted.members, *[wanted.item or ANY] * (size - len(wanted.members))]
            fits = [self.unify(item, one, widen=widen) for item, one in zip(term.items, types, strict=True)]
            return all(fits)
        if isinstance(term, SetTerm) and wanted.kind == "set":
            fits = [self.unify(item, wanted.item or ANY, widen=widen) for item in term.items]
            return all(fits)
        return isinstance(term, ObjectTerm) and wanted.kind == "object" and self._object(term, wanted, widen=widen)

    def _object(self, term: ObjectTerm, wanted: Type, *, widen: bool) -> bool:
        if wanted.item is None and {key for key, _ in wanted.keys} != {
            key.value for key, _ in term.pairs if isinstance(key, Scalar)
        }:
            return not all(isinstance(key, Scalar) for key, _ in term.pairs)
        fits = True
        for key, value in term.pairs:
            constant = key.value if isinstance(key, Scalar) else None
            found = select(wanted, self.of(key) or ANY, constant) if isinstance(key, Scalar) else wanted.item
            fits = found is not None and self.unify(value, found, widen=widen) and fits
        return fits


def _parts(term: ArrayTerm | ObjectTerm | SetTerm) -> list[Term]:
    if isinstance(term, ObjectTerm):
        return [value for _, value in term.pairs]
    return term.items
