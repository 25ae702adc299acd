"""Owns the form in bytes of a compiled policy: code made ahead of time, what it uses, and the sources beside it.

    magic · BLAKE2b of the rest (32 bytes) · marshal of ``Image``

Code is Python's own form of it, so an image fits one build of Python and one of the engine, and says which. Read only
what none but its owner could have written: code that another has made runs as its maker likes, and the digest
tells a fault of a disk, not an author. Whoever keeps images (``engines.compiled``) sees to that.
"""

from __future__ import annotations

import marshal
import sys
from _blake2 import blake2b  # hashlib's own, without loading OpenSSL, which takes 3 ms
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from types import CodeType

from graven.errors import Mismatch, Unsupported
from graven.record import TYPE_CHECKING, Record
from graven.rego.machine import Sites, base_index
from graven.rego.program import GroupCode, Program, runtime
from graven.rego.roster import RuleInfo
from graven.rego.values import Bool, RegoObject, RegoSet, Value, boolean
from graven.rego.virtual import Place, Virtual
from graven.rego.wrapping import Signature, signature, wrap

if TYPE_CHECKING:
    from typing import Any

    from graven.rego.builtins.protocol import Builtin
    from graven.rego.compile.assembly import Assembled
    from graven.rego.compile.unit import Unit

__all__ = ["Image", "Loaded", "Texts", "decode", "encode", "read", "rules_of", "texts_of", "write"]

MAGIC = b"graven policy 3\n"
_DIGEST = 32
_BUILD = f"{sys.implementation.cache_tag} {sys.version}"


def _digest(payload: bytes | memoryview) -> bytes:
    return blake2b(payload, digest_size=_DIGEST).digest()


class Texts(Record):
    """What a policy was compiled of, beside its base documents."""

    modules: dict[str, str]
    version: str | dict[str, str]
    strict: bool
    prints: bool = False
    capabilities: tuple[tuple[str, ...] | None, ...] | None = None
    """Builtins, keywords, features and hosts that may be used, see ``capabilities.plain``; None: all."""


class Image(Record):
    """A compiled policy in plain values; what is not needed to begin with is bytes, unread."""

    build: str
    engine: str
    own: tuple[str, ...]
    """The caller's builtins that it calls."""
    tree: tuple[object, ...]
    groups: tuple[bytes, ...]
    """For each group its kind, code, budgets and names."""
    things: bytes
    """What the names of the code mean: see ``_Things``."""
    sites: bytes
    base: bytes
    rules: bytes
    texts: bytes
    allow_net: tuple[str, ...] | None = None
    """The hosts that may be asked; None: any."""


class _Things(Record):
    constants: dict[str, object]
    documents: dict[str, tuple[object, ...]]
    """Parts of the base documents, by their path."""
    places: dict[str, tuple[object, ...]]
    """Places below ``data`` where only running tells what a step meets."""
    builtins: dict[str, tuple[str, tuple[object, ...]]]
    """Name and signature."""


def encode(value: Value) -> Any:
    """Give a value as what ``marshal`` can write, with nothing lost.

    >>> decode(encode((1, RegoSet([2.5]), RegoObject({(1,): Decimal("1e400")}))))
    (1, RegoSet({2.5}), {(1,): Decimal('1E+400')})
    """
    kind = value.__class__
    if value is None or kind in (str, int, float):
        return value
    if kind is tuple:
        return tuple(map(encode, value))
    if kind is RegoObject:
        if all(key.__class__ is str for key in value):
            return {key: encode(item) for key, item in value.items()}
        return [tuple(map(encode, value)), tuple(map(encode, value.values()))]
    if kind is RegoSet:
        return [tuple(map(encode, value.ordered()))]
    if kind is Bool:
        return bool(value)
    if kind is Decimal:
        return str(value).encode()
    raise TypeError(f"got a {kind.__name__}, expected a Rego value")


def decode(plain: Value) -> Value:
    """Give the value that ``encode`` was given."""
    kind = plain.__class__
    if kind is tuple:
        return tuple(map(decode, plain))
    if kind is dict:
        return RegoObject({key: decode(item) for key, item in plain.items()})
    if kind is list:
        members = tuple(map(decode, plain[0]))
        return RegoSet(members) if len(plain) == 1 else RegoObject(zip(members, map(decode, plain[1]), strict=True))
    if kind is bool:
        return boolean(plain)
    return Decimal(plain.decode()) if kind is bytes else plain


def write(program: Assembled, own: Iterable[str], rules: Iterable[RuleInfo], texts: Texts, engine: str) -> bytes:
    """Give the image of a program, all code of which is made for it."""
    unit = program.unit
    with program.lock:
        codes = [program.code(group.number) for group in unit.tree.groups]
        groups = [(code.kind, code.arms, code.default, code.budgets, _names(code, unit)) for code in codes]
        things = _things(unit, {name for group in groups for name in group[4]})
        sites = [unit.sites.position(number) for number in range(len(unit.sites.places))]
    called = {name for name, _ in things.builtins.values()}
    image = Image(
        _BUILD,
        engine,
        tuple(sorted(called & set(own))),
        _tree(unit.root),
        tuple(map(marshal.dumps, groups)),
        marshal.dumps(tuple(things)),
        marshal.dumps(sites),
        marshal.dumps(encode(unit.base)),
        marshal.dumps([_told(rule) for rule in rules]),
        marshal.dumps(tuple(texts)),
        None if unit.allow_net is None else tuple(sorted(unit.allow_net)),
    )
    parts: tuple[Any, ...] = image
    payload = marshal.dumps(tuple(parts))
    return MAGIC + _digest(payload) + payload


def _names(code: GroupCode, unit: Unit) -> tuple[str, ...]:
    """Give the names that the code of a group takes from the table of its unit."""
    waiting = [each for _, arm in code.arms for each in arm] + ([] if code.default is None else [code.default])
    found: set[str] = set()
    while waiting:
        each = waiting.pop()
        found.update(each.co_names)
        waiting += [part for part in each.co_consts if isinstance(part, CodeType)]
    return tuple(sorted(found & (unit.space.keys() - runtime(unit.sites).keys())))


def _things(unit: Unit, names: Iterable[str]) -> _Things:
    things = _Things({}, {}, {}, {})
    places = {id(place): path for place, path in _paths(unit.root, ())}
    documents = {id(part): path for part, path in _parts(unit.base, ())}
    for name in sorted(names):
        thing = unit.space[name]
        if name in unit.called:
            found = unit.called[name]
            things.builtins[name] = (found.name, tuple(signature(found.declaration)))
        elif isinstance(thing, Virtual):
            things.places[name] = tuple(map(encode, places[id(thing.node)]))
        elif id(thing) in documents:
            things.documents[name] = tuple(map(encode, documents[id(thing)]))
        elif not _is_group(name):
            things.constants[name] = encode(thing)
    return things


def _is_group(name: str) -> bool:
    return name[0] == "r" and name[1:].isdigit()


def _paths(place: Place, path: tuple[Value, ...]) -> Iterable[tuple[Place, tuple[Value, ...]]]:
    yield place, path
    for step, child in place.children.items():
        yield from _paths(child, (*path, step))


def _parts(value: Value, path: tuple[Value, ...]) -> Iterable[tuple[Value, tuple[Value, ...]]]:
    """Give the objects of a base document with their paths: what a reference can name without running."""
    if value.__class__ is RegoObject and value:
        yield value, path
        for key, item in value.items():
            yield from _parts(item, (*path, key))


def _tree(place: Place) -> tuple[object, ...]:
    return place.number, place.kind, tuple((encode(step), _tree(child)) for step, child in place.children.items())


def _told(rule: RuleInfo) -> tuple[object, ...]:
    return tuple(
        {key: encode(value) for key, value in part.items()} if isinstance(part, Mapping) else part for part in rule
    )


def read(data: bytes, engine: str = "") -> Image:
    """Read an image, which none but its owner could have written.

    Raises:
        Mismatch: it is no image, or not as it was written.
        Unsupported: it was made by another build of Python or of the engine.
    """
    start = len(MAGIC) + _DIGEST
    if data[: len(MAGIC)] != MAGIC:
        raise Mismatch("these bytes are no compiled policy", hint="compile the modules anew")
    payload = memoryview(data)[start:]
    if _digest(payload) != data[len(MAGIC) : start]:
        raise Mismatch("the compiled policy is not as it was written", hint="compile the modules anew")
    image = Image(*marshal.loads(payload))  # noqa: S302 - its owner alone could write it, as the docstring asks
    if image.build != _BUILD or image.engine != engine:
        raise Unsupported(
            f"the compiled policy was made by {image.build} with engine {image.engine!r}, "
            f"expected {_BUILD} with {engine!r}",
            hint="compile the modules anew",
        )
    return image


class _Places(Sites):
    """The places of an image, read when one is first told."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data

    @cached_property
    def _rows(self) -> list[tuple[str, int, int]]:
        rows: list[tuple[str, int, int]] = marshal.loads(self._data)  # noqa: S302 - part of an image, see ``read``
        return rows

    def position(self, site: int) -> tuple[str, int, int]:
        """Give file, row and column of a place."""
        return self._rows[site]


class Loaded(Program):
    """A program whose code was made ahead of time."""

    def __init__(self, image: Image, find: Callable[[str], Builtin | None]) -> None:
        super().__init__()
        self._image = image
        self._find = find
        self.tree_root = _place(image.tree)
        self.base = decode(marshal.loads(image.base))  # noqa: S302 - part of an image, see ``read``
        self.sites = _Places(image.sites)
        self.allow_net = image.allow_net
        self.space.update(runtime(self.sites))
        for number in range(len(image.groups)):
            self.stand_in(number)

    @cached_property
    def _things(self) -> _Things:
        return _Things(*marshal.loads(self._image.things))  # noqa: S302 - part of an image, see ``read``

    def code(self, number: int) -> GroupCode:
        """Read the code of a group, and make known what it names."""
        kind, arms, default, budgets, names = marshal.loads(self._image.groups[number])  # noqa: S302 - part of an image
        for name in names:
            if name not in self.space:
                self.space[name] = self._thing(name)
        return GroupCode(kind, arms, default, budgets)

    def _thing(self, name: str) -> object:
        things = self._things
        if name in things.builtins:
            called, (wanted, relation, nondeterministic) = things.builtins[name]
            found = self._find(called)
            if found is None:
                raise Unsupported(f"the compiled policy calls {called}, which was not handed in")
            return wrap(found, Signature(wanted, relation, nondeterministic), self.sites)  # type: ignore[arg-type]
        if name in things.documents:
            return self._document(decode(things.documents[name]))
        if name in things.places:
            path = decode(things.places[name])
            return Virtual(self.place(path), self._document(path), None)
        return decode(things.constants[name])

    def _document(self, path: tuple[Value, ...]) -> Value:
        found = self.base
        for step in path:
            found = base_index(found, step)
        return found


def _place(plain: Value) -> Place:
    number, kind, children = plain
    return Place({decode(step): _place(child) for step, child in children}, number, kind)


def rules_of(image: Image) -> tuple[RuleInfo, ...]:
    """Give the rules that an image tells of."""
    rows: list[list[Any]] = marshal.loads(image.rules)  # noqa: S302 - part of an image, see ``read``
    return tuple(RuleInfo(*map(_learnt, row)) for row in rows)


def _learnt(part: Value) -> Any:
    return {key: decode(item) for key, item in part.items()} if part.__class__ is dict else part


def texts_of(image: Image) -> Texts:
    """Give what the policy of an image was compiled of."""
    return Texts(*marshal.loads(image.texts))  # noqa: S302 - part of an image, see ``read``
