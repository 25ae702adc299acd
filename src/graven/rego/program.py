"""Owns a program that can run: the functions of each group by number, its documents, and the names that they use.

Where the code comes from is left to subclasses: made when first asked (``compile.assembly``) or read (``image``). What
is here needs neither parser nor compiler.
"""

from __future__ import annotations

import builtins as python
from _thread import RLock  # what threading.RLock is, without what else that module makes
from collections.abc import Callable, Collection, Iterable, Mapping
from types import CodeType, FunctionType

from graven.record import Record
from graven.rego import answering, indexes, machine, virtual, wrapping
from graven.rego.budgets import guarded
from graven.rego.builtins.protocol import BuiltinError
from graven.rego.machine import ONCE, Sites, State, U, base_index
from graven.rego.values import FALSE, TRUE, RegoObject, RegoSet, Value, compare, index, sorted_values
from graven.rego.virtual import Place, extent, root, virtual_index

__all__ = ["GroupCode", "Program", "steps_of"]

Functions = list[Callable[..., Value]]
Arms = list[tuple[int, Functions]]


class GroupCode(Record):
    """The code of the rules that make one document or one function."""

    kind: str
    arms: tuple[tuple[int, tuple[CodeType, ...]], ...]
    """For each rule its site, and its function with those of its ``else``."""
    default: CodeType | None
    budgets: tuple[int, ...] = ()
    """For each rule the steps that its metadata allows; 0: it says nothing. Empty: none does."""


class Program:
    """What is compiled, as an evaluation sees it."""

    tree_root: Place
    base: Value
    sites: Sites

    def __init__(self) -> None:
        self.space: dict[str, object] = {}
        """The global names of the generated code."""
        self.lock = RLock()
        """Held while code is made or read: places and names are numbered one by one."""
        self.functions: dict[tuple[int, int], Functions] = {}
        """The functions of each rule by group and place in it."""
        self.rule_sites: dict[tuple[int, int], int] = {}
        """Where each of these rules stands."""
        self.guards: dict[tuple[int, int], Functions] = {}
        """The functions of each rule that end where its budget does, for an evaluation that gives one to each rule."""
        self.allow_net: Collection[str] | None = None
        """The hosts that builtins may ask; None: any."""
        self.deep = False
        """Rules ask one another so deeply that it is counted."""

    def code(self, number: int) -> GroupCode:
        """Give the code of a group; every name that it uses stands in ``space`` then."""
        raise NotImplementedError

    def watched(self, number: int, at: int, functions: Functions) -> Functions:
        """Give the functions of a rule, each perhaps with something around it."""
        del number, at
        return functions

    def ask(self, number: int, state: State) -> Value:
        """Evaluate the group of that number."""
        found: Callable[[State], Value] = self.space[f"r{number}"]  # type: ignore[assignment]
        return found(state)

    def stand_in(self, number: int) -> None:
        """Let the group of that number be linked when it is first asked."""
        name = f"r{number}"

        def first(state: State, *operands: Value) -> Value:
            with self.lock:
                made: Callable[..., Value] = self.space[name]  # type: ignore[assignment]
                if made is first:
                    made = self.link(number)
            return made(state, *operands)

        self.space[name] = first

    def deepen(self) -> None:
        """Count from now on how deeply rules ask one another, since some stack did not hold it."""
        with self.lock:
            if not self.deep:
                self.deep = True
                for number in {group for group, _ in self.functions}:
                    self.link(number)

    def link_all(self) -> None:
        """Make all functions that are not made yet."""
        with self.lock:
            for number in self.tree_root.groups():
                if (number, 0) not in self.functions:
                    self.link(number)

    def link(self, number: int) -> Callable[..., Value]:
        """Make the functions of a group and put what answers for it in place of its stand-in."""
        code = self.code(number)
        arms: list[tuple[int, Functions]] = []
        guards: list[tuple[int, Functions]] = []
        for at, (site, codes) in enumerate(code.arms):
            made = self.watched(number, at, [FunctionType(each, self.space) for each in codes])
            own = code.budgets[at] if code.budgets else 0
            guard = [guarded(each, self, number, site, own) for each in made]
            self.functions[number, at] = guard if own else made
            self.guards[number, at] = guard
            self.rule_sites[number, at] = site
            arms.append((site, self.functions[number, at]))
            guards.append((site, guard))
        default = None if code.default is None else FunctionType(code.default, self.space)
        answer = self._answer(code.kind, number, (arms, guards), default)
        if self.deep:
            from graven.rego.depths import hopping

            answer = hopping(answer)
        self.space[f"r{number}"] = answer
        return answer

    def _answer(
        self, kind: str, number: int, both: tuple[Arms, Arms], default: Callable[..., Value] | None
    ) -> Callable[..., Value]:
        """Give what answers for a group: by its rules as they are, or by those that each have a budget."""
        arms, guards = both
        if kind == "complete":
            return answering.complete(number, (arms, guards), default, self.sites)
        if kind == "function":
            return answering.function(arms, default, self.sites)
        partial = answering.partial_set if kind == "set" else answering.partial_object
        return partial(number, [each[0] for _, each in arms], [each[0] for _, each in guards])

    def path_of(self, number: int) -> str:
        """Give the path of the document that a group makes, or of its function."""
        waiting: list[tuple[str, Place]] = [("data", self.tree_root)]
        while waiting:
            path, place = waiting.pop()
            if place.number == number:
                return path
            waiting += [(f"{path}.{step}", child) for step, child in place.children.items()]
        return "data"

    def place(self, steps: tuple[Value, ...]) -> Place | None:
        """Give the place at a path below ``data``, if rules or packages stand there."""
        node = self.tree_root
        for step in steps:
            if step not in node.children:
                return None
            node = node.children[step]
        return node

    def has(self, steps: tuple[Value, ...]) -> bool:
        """Say whether a document stands at a path: rules, packages, or base data that no rule is above."""
        node, base = self.tree_root, self.base
        for at, step in enumerate(steps):
            if node.number >= 0:
                return False
            base = base_index(base, step)
            if step not in node.children:
                for rest in steps[at + 1 :]:
                    base = base_index(base, rest)
                return base is not U
            node = node.children[step]
        return node.kind != "function"

    def document(self, state: State, steps: tuple[Value, ...]) -> Value:
        """Give the value of the document at a path below ``data``."""
        found = root(state)
        for step in steps:
            found = virtual_index(state, found, step)
        return extent(state, found)


def steps_of(path: str) -> tuple[str, ...] | None:
    r"""Give the steps of a path that names a document, or None if it is written in another way.

    >>> steps_of('data.a["b-c"].deny'), steps_of("data.a[x]"), steps_of('data["é\\""]')
    (('a', 'b-c', 'deny'), None, ('é"',))
    """
    if not path.startswith("data"):
        return None
    steps, at = [], len("data")
    while at < len(path):
        if path[at] == ".":
            end = at + 1
            while end < len(path) and (path[end].isalnum() or path[end] == "_"):
                end += 1
            step = path[at + 1 : end]
            if not step.isidentifier() or not step.isascii():
                return None
        else:
            step, end = _quoted(path, at)
            if not end:
                return None
        steps.append(step)
        at = end
    return tuple(steps)


def _quoted(path: str, at: int) -> tuple[str, int]:
    """Give the step that is written as ``["…"]``, and where it ends: 0, if nothing so written stands there."""
    if path[at : at + 2] != '["':
        return "", 0
    end = path.find('"', at + 2)
    if "\\" not in path[at:end] and path.isprintable():
        return (path[at + 2 : end], end + 2) if path[end : end + 2] == '"]' else ("", 0)
    from json import JSONDecoder  # few names are written with escapes, and to load it takes 3 ms

    try:
        step, end = JSONDecoder().raw_decode(path, at + 1)
    except ValueError:
        return "", 0
    return (step, end + 1) if path[end : end + 1] == "]" else ("", 0)


def runtime(sites: Sites) -> dict[str, object]:
    """Give the names that all generated code may use; of Python's own only those that it needs."""
    return {
        "__builtins__": {},
        **_NAMES,
        "conflict": sites.conflict,
        "hole": _holes(sites),
        "printed": _printed,
    }


def _trace(state: State, number: int, values: dict[str, Value]) -> None:
    if state.run.tracer is not None:
        state.run.tracer(state, number, values)


def _solved(state: State, number: int, values: dict[str, Value]) -> None:
    if state.run.frames is not None:
        state.run.frames.solved(number, values)


def _gave(state: State, values: tuple[Value, ...]) -> None:
    if state.run.frames is not None:
        state.run.frames.gave(values)


def _printed(state: State, site: int, parts: tuple[Iterable[Value], ...]) -> None:
    """Note what is printed, once for each choice of what the parts may be."""
    from itertools import product

    from graven.rego.notation import term_text

    choices = [sorted_values(part) or ["<undefined>"] for part in parts]
    for chosen in product(*choices):
        state.run.charge(1)
        text = " ".join(each if each.__class__ is str else term_text(each) for each in chosen)
        state.run.prints.append((site, text))


def _holes(sites: Sites) -> Callable[[State, int, Value], str]:
    def hole(state: State, site: int, values: RegoSet) -> str:
        if not values:
            return "<undefined>"
        if len(values) > 1:
            error = BuiltinError(
                "template-strings must not produce multiple outputs", "eval_conflict_error", halts=True
            )
            sites.failed(state, site, "internal.template_string", error)
        return wrapping.hole_text(values.ordered()[0])

    return hole


_NAMES: Mapping[str, object] = {
    **{name: getattr(python, name) for name in ("int", "len", "set", "str", "tuple")},
    "RegoObject": RegoObject,
    "RegoSet": RegoSet,
    "TRUE": TRUE,
    "FALSE": FALSE,
    "U": U,
    "ONCE": ONCE,
    "compare": compare,
    "index": index,
    **{
        name: getattr(machine, name)
        for name in ("append_key", "base_index", "entries", "is_collection", "members", "put")
    },
    **{name: getattr(indexes, name) for name in indexes.__all__},
    **{name: getattr(virtual, name) for name in ("extent", "root", "virtual_entries", "virtual_index")},
    **{
        name: getattr(wrapping, name)
        for name in (
            "call_builtin", "call_function", "change", "member_2", "member_3",
            "mock_builtin", "mock_function", "mock_value",
        )
    },
    "trace": _trace,
    "solved": _solved,
    "gave": _gave,
    "hole_value": lambda _state, _site, value: wrapping.hole_text(value),
}  # fmt: skip
