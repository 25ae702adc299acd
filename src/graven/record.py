"""Owns Record, a named tuple that is quick to define, for what a short command loads each time it starts.

To the type checker it is ``typing.NamedTuple``, and it behaves as one: fields by name, defaults, equality and order of
tuples, ``_replace``, ``_asdict``. A class of it is made in a seventh of the time, since no text is compiled, and
without loading ``typing``; see ADR 0008. A module on that path takes ``TYPE_CHECKING`` from here for the same reason.
"""

from __future__ import annotations

from collections import _tuplegetter  # type: ignore[attr-defined]  # what the standard library's own tuples use

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:

    class _Definition(type):
        """Turns the annotations of a class into its fields, before there are names for them to shadow."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            body.update((field, _tuplegetter(at, "")) for at, field in enumerate(fields))
            body.update(__slots__=(), __match_args__=fields, _fields=fields, _field_defaults=defaults)
            return super().__new__(cls, name, bases, body)

    class Record(tuple, metaclass=_Definition):  # noqa: SLOT001 -- the metaclass gives them
        """Give each annotated name of a class a place in its tuples.

        >>> class Point(Record):
        ...     __annotations__ = {"x": "int", "y": "int"}
        ...     y = 0
        >>> Point(1), Point(1) == (1, 0), Point(1)._replace(y=5)._asdict()
        (Point(x=1, y=0), True, {'x': 1, 'y': 5})
        """

        def __new__(cls, *given: object, **named: object) -> tuple[object, ...]:
            """Make one of values in the order of the fields, or by their names."""
            if named or len(given) != len(cls._fields):
                given = _filled(cls, given, named)
            return tuple.__new__(cls, given)

        def __repr__(self) -> str:
            fields = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **named: object) -> Record:
            return type(self)(**{**self._asdict(), **named})

    def _filled(cls: type[Record], given: tuple[object, ...], named: dict[str, object]) -> list[object]:
        """Put every value in its place.

        Raises:
            TypeError: a field has no value, or two, or there is none of a name.
        """
        values = dict(zip(cls._fields, given, strict=False))
        twice = [name for name in named if name in values or name not in cls._fields]
        found = cls._field_defaults | values | named
        missing = [name for name in cls._fields if name not in found]
        if len(given) > len(cls._fields) or twice or missing:
            wrong = ", ".join(twice or missing) or f"{len(given)} values for {len(cls._fields)}"
            raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}; unfit: {wrong}")
        return [found[name] for name in cls._fields]


__all__ = ["TYPE_CHECKING", "Record"]
