"""Makes random modules of Rego from a seed, over one input and one base document, to be run by two engines."""

from __future__ import annotations

from random import Random
from typing import Any

__all__ = ["DATA", "INPUT", "module"]

INPUT: dict[str, Any] = {
    "a": 1, "b": "x", "n": None, "t": True, "f": False, "xs": [3, 1, 2, 1], "ys": ["x", "y", "z"], "e": [], "eo": {},
    "o": {"p": 1, "q": [1, 2, {"r": "x"}], "x": "a"}, "fl": 1.5, "big": 123456789012345678901234567890,
    "m": [{"id": "x", "v": 1, "tags": ["x", "y"]}, {"id": "y", "v": 2.5, "tags": []}, {"id": "z", "v": "q", "tags": ["z"]}],
}  # fmt: skip
DATA: dict[str, Any] = {"d": {"k": "v", "list": [1, "x", {"id": "x"}]}}
_HEAD = "package fz\nf1(x) := y if { y := [x, x] }\nf2(x, y) := x if { x > y } else := y\n"
_SCALARS = ["1", "2", "0", "3", '"x"', '"y"', '"z"', "true", "false", "null", "1.5", "-1", '""', '"a"', "10"]
_REFS = [
    "input.a", "input.b", "input.xs", "input.ys", "input.o", "input.o.p", "input.o.q", "input.m", "input.nope",
    "input.e", "input.eo", "input.t", "input.f", "input.n", "input.fl", "input.o.x", "input.m[0].tags", "data.d.k",
    "data.d.list", "data.d",
]  # fmt: skip
_GROUND = [
    "input.a", "input.b", "input.xs", "input.ys", "input.o.p", "input.o.q", "input.fl", "input.o", "input.m[0].tags",
    "input.xs[0]", "input.xs[1]", "input.ys[0]", "input.n", "input.t", "input.big", "data.d.k", "data.d.list",
    "input.m[1].v",
]  # fmt: skip
_CALLS = [
    ("count", 1), ("sum", 1), ("max", 1), ("min", 1), ("sort", 1), ("concat", 2), ("contains", 2), ("startswith", 2),
    ("lower", 1), ("upper", 1), ("split", 2), ("array.concat", 2), ("array.slice", 3), ("type_name", 1),
    ("is_string", 1), ("is_number", 1), ("union", 1), ("intersection", 1), ("f1", 1), ("f2", 2), ("replace", 3),
    ("substring", 3), ("indexof", 2), ("format_int", 2), ("product", 1), ("trim", 2), ("strings.reverse", 1),
    ("object.get", 3), ("object.keys", 1), ("object.union", 2), ("json.marshal", 1), ("abs", 1), ("round", 1),
]  # fmt: skip
_TARGETS = [
    "input.a", "input.xs", "data.d.k", "input", "data.fz.r0", "data.d", "count", "data.fz.f1", "input.o.p",
    "data.fz.r0.x", "data.fz.r0.a.y", "data.fz", "data.new.path", "input.o.q.z", "input.new.a", "data.d.list", "f2",
]  # fmt: skip


class _Writer:
    """Writes rules; each method gives text, and what variables may be read is handed along."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def ground(self) -> str:
        return self.random.choice(_GROUND)

    def ref(self, names: list[str]) -> str:
        base, kind = self.random.choice(_REFS + names * 3), self.random.random()
        if kind < 0.25:
            return f"{base}[_]"
        if kind < 0.35:
            return f"{base}[{self.term(names, 2)}]"
        if kind < 0.45 and names:
            return f"{base}[{self.random.choice(names)}]"
        if kind < 0.6:
            return f"{base}{'[_]' if kind > 0.55 else ''}.{self.random.choice(['id', 'v', 'tags', 'p', 'q', 'x'])}"
        return base

    def term(self, names: list[str], depth: int = 0) -> str:
        kind = self.random.random()
        if depth > 2 or kind < 0.25:
            return self.random.choice(_SCALARS)
        if kind < 0.45 and names:
            return self.random.choice(names)
        if kind < 0.62:
            return self.ref(names)
        if kind < 0.76:
            return self._composite(names, depth, kind)
        if kind < 0.84:
            return self._comprehension(names, depth + 1)
        if kind < 0.92:
            return f"({self.ground()} {self.random.choice('+-*/%|&')} {self.ground()})"
        return self._call(names, depth + 1)

    def _composite(self, names: list[str], depth: int, kind: float) -> str:
        if kind < 0.68:
            return "[" + ", ".join(self.term(names, depth + 1) for _ in range(self.random.randint(0, 2))) + "]"
        size = self.random.randint(1, 3)
        if kind < 0.72:
            return "{" + ", ".join(self.term(names, depth + 1) for _ in range(size)) + "}"
        return "{" + ", ".join(f'"{key}": {self.term(names, depth + 1)}' for key in "xyz"[:size]) + "}"

    def _call(self, names: list[str], depth: int) -> str:
        if self.random.random() < 0.1:
            return f'sprintf("%v-%v", [{self.term(names, depth)}, {self.ground()}])'
        name, size = self.random.choice(_CALLS)
        args = [self.ground() if self.random.random() < 0.85 else self._other(names, depth) for _ in range(size)]
        return f"{name}({', '.join(args)})"

    def _other(self, names: list[str], depth: int) -> str:
        return self.random.choice(names) if names else self._comprehension(names, depth)

    def _comprehension(self, names: list[str], depth: int) -> str:
        body, inner = self.body(names, depth + 1, self.random.randint(1, 2))
        kind = self.random.random()
        if kind < 0.45:
            return f"[{self.term(inner, 3)} | {body}]"
        if kind < 0.8:
            return f"{{{self.term(inner, 3)} | {body}}}"
        return f"{{{self.term(inner, 3)}: {self.term(inner, 3)} | {body}}}"

    def body(self, names: list[str], depth: int = 0, size: int = 0) -> tuple[str, list[str]]:
        parts = []
        for _ in range(size or self.random.randint(1, 4)):
            part, names = self._expression(names, depth)
            parts.append(part)
        if self.random.random() < 0.15:
            self.random.shuffle(parts)
        return "; ".join(parts), names

    def _expression(self, names: list[str], depth: int) -> tuple[str, list[str]]:
        kind = self.random.random()
        if kind < 0.42:
            return self._binding(names, depth, kind)
        if kind < 0.6:
            operator = self.random.choice(["==", "!=", "<", "<=", ">", ">=", "=", "in"])
            return f"{self.ground()} {operator} {self.term(names, depth)}", names
        if kind < 0.68:
            return f"not {self.ground()}{self.random.choice([' == ', ' != ', ' < '])}{self.term(names, depth)}", names
        if kind < 0.72:
            return "not " + self.ref(names).replace("[_]", "[0]"), names
        if kind < 0.8:
            return self._every(names, depth), names
        if kind < 0.86:
            name = self.fresh()
            return f"{self.ref(names).replace('[_]', '')}[{name}]", [*names, name]
        if kind < 0.93:
            value = self.ground() if self.random.random() < 0.7 else self.term(names, depth + 1)
            return f"{self.term(names, depth)} with {self.random.choice(_TARGETS)} as {value}", names
        return self.term(names, depth), names

    def _binding(self, names: list[str], depth: int, kind: float) -> tuple[str, list[str]]:
        one, two = self.fresh(), self.fresh()
        if kind < 0.2:
            return f"{one} := {self.term(names, depth)}", [*names, one]
        if kind < 0.32:
            return f"some {one} in {self.ref(names)}", [*names, one]
        if kind < 0.37:
            return f"some {one}, {two} in {self.ref(names)}", [*names, one, two]
        if kind < 0.4:
            return f"[{one}, {two}] := [{self.term(names, depth)}, {self.term(names, depth)}]", [*names, one, two]
        return f'{{"p": {one}, "q": _, "x": _}} = input.o', [*names, one]

    def _every(self, names: list[str], depth: int) -> str:
        name = self.fresh()
        body, _ = self.body([*names, name], depth + 1, 1)
        domain = self.ground() if self.random.random() < 0.6 else self.ref(names)
        return f'every {name} in {domain} {{ {name} != "q"; {body} }}'

    def rule(self, name: str, earlier: list[str]) -> str:
        body, names = self.body(list(earlier))
        other, others = self.body(list(earlier))
        forms = [
            f"{name} := {self.term(names, 1)} if {{ {body} }}\n",
            f"{name} contains {self.term(names, 1)} if {{ {body} }}\n",
            f"{name}[{self.term(names, 2)}] := {self.term(names, 2)} if {{ {body} }}\n",
            f"default {name} := false\n{name} if {{ {body} }}\n",
            f"{name} := 1 if {{ {body} }} else := {self.term(others, 1)} if {{ {other} }}\n",
            (
                f"{name} contains {self.term(names, 1)} if {{ {body} }}\n"
                f"{name} contains {self.term(others, 1)} if {{ {other} }}\n"
            ),
            (
                f"{name}.a[{self.term(names, 2)}] contains {self.term(names, 2)} if {{ {body} }}\n"
                f"{name}.b := {self.term(earlier, 2)}\n"
            ),
            f"{name} if {{ {body} }}\n",
        ]
        return self.random.choices(forms, [35, 25, 15, 5, 6, 5, 5, 5])[0]


def module(seed: int) -> str:
    """Give the module of a seed: one to three rules, each of which may read those before it."""
    writer = _Writer(Random(seed))  # noqa: S311 - tests, not secrets
    return _HEAD + "".join(writer.rule(f"r{at}", [f"r{before}" for before in range(at)]) for at in range(seed % 3 + 1))
