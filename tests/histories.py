"""Events at random: any event of each type for what encodes them, and legal histories for what keeps them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from graven.ports import Tables
from graven.values import Digest, events
from graven.values.events import BODIES, Body, Event

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
DIGESTS = st.builds(Digest.of, st.binary(max_size=4), st.sampled_from(["sha256", "sha512"]))


def _field(hint: Any) -> st.SearchStrategy[Any]:
    if hint is Digest:
        return DIGESTS
    if hint is str:
        return TEXT
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(0, 2**53 - 1)
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) is tuple:
        return st.lists(TEXT, max_size=3).map(tuple)
    assert isinstance(hint, types.UnionType), hint
    return st.one_of(*(st.none() if one is type(None) else _field(one) for one in get_args(hint)))


def bodies(name: str) -> st.SearchStrategy[Body]:
    """Any body of a type."""
    body = BODIES[name]
    return st.builds(body, **{field: _field(hint) for field, hint in get_type_hints(body).items()})


def any_event(name: str) -> st.SearchStrategy[Event]:
    """Any event of a type."""
    return st.builds(
        Event,
        bodies(name),
        actor=TEXT,
        origin=TEXT,
        outcome=st.sampled_from(["success", "failure", "denied", "error"]),
        reason=TEXT,
        policy=st.none() | DIGESTS,
        question=st.none() | DIGESTS,
    )


_WORDS = ("a", "b/c", "ü", "zz", "A%", "x_y")
_LITTLE = tuple(Digest.of(bytes([n])) for n in range(6))


class History:
    """Makes events that are legal as the tables stand, from few names, so that they meet."""

    def __init__(self, seed: int, tables: Tables) -> None:
        self._random = Random(seed)  # noqa: S311 - the same each time
        self._tables = tables

    async def event(self, name: str | None = None) -> Event:
        """Make the next event, of any type or of one."""
        kind = BODIES[name or self._random.choice(sorted(BODIES))]
        made: Any = kind(**{field: self._value(field, hint) for field, hint in get_type_hints(kind).items()})
        return Event(await self._legal(made), self._word(), reason=self._word())

    def _word(self) -> str:
        return self._random.choice(_WORDS)

    def _value(self, field: str, hint: Any) -> Any:
        if hint is Digest:
            return self._random.choice(_LITTLE)
        if hint is bool:
            return self._random.random() < 0.5
        if hint is int:
            return self._random.randrange(2**53)
        if get_origin(hint) is Literal:
            return self._random.choice(get_args(hint))
        if get_origin(hint) is tuple:
            return ()
        if isinstance(hint, types.UnionType):
            return None if self._random.random() < 0.5 else self._random.choice(_LITTLE)
        return self._word()

    async def _legal(self, body: Body) -> Body:
        """Bend an event so that its own expectations hold, or take another where none can."""
        match body:
            case events.TagSet():
                return replace(body, previous=await self._digest("tags", (body.repository, body.tag)))
            case events.TagRemoved():
                found = await self._digest("tags", (body.repository, body.tag))
                return replace(body, previous=found) if found else events.BlobRemoved(body.repository, body.previous)
            case events.FilePublished():
                return replace(body, filename=f"{body.filename}-{self._random.randrange(2**40)}")
            case events.Promoted():
                return await self._promoted(body)
            case events.DocumentApplied():
                return replace(body, previous=await self._digest("documents", (body.kind,), "document"))
            case events.PrincipalCreated():
                return replace(body, principal=f"p{self._random.randrange(2**40)}")
            case events.TokenCreated():
                return replace(body, token=f"t{self._random.randrange(2**40)}", scopes=("pull:*", "push:a"))
            case events.TokenRevoked():
                return await self._revoked(body)
            case events.WaiverGranted():
                return replace(body, waiver=f"w{self._random.randrange(2**40)}")
            case _:
                return body

    async def _promoted(self, body: events.Promoted) -> Body:
        previous = await self._digest("pointers", (body.stage, body.repository))
        children = tuple(str(one) for one in self._random.sample(_LITTLE, 2))
        vsas = tuple(str(self._random.choice(_LITTLE)) for _ in children)
        gone = tuple(str(one) for one in self._random.sample(_LITTLE, 2)) if previous else ()
        return replace(body, previous=previous, children=children, child_vsas=vsas, previous_children=gone)

    async def _revoked(self, body: events.TokenRevoked) -> Body:
        found: list[tuple[Any, Mapping[str, Any]]] = list(await self._tables.scan("token_ids", limit=1))
        if not found:
            return events.AccessDenied("push", body.token)
        return events.TokenRevoked(str(found[0][0][0]), str(found[0][1]["secret_hash"]))

    async def _digest(self, table: str, key: tuple[str, ...], column: str = "digest") -> Digest | None:
        row = await self._tables.get(table, key)
        return None if row is None else Digest.parse(str(row[column]))
