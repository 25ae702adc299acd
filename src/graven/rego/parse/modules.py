"""Owns the parsing of modules and queries, and which version of Rego a module is written in."""

from __future__ import annotations

from graven.rego.depths import on_any_stack
from graven.rego.faults import CompileFault, PolicyError, PolicyErrors, fault
from graven.rego.lexer import Token, tokenize
from graven.rego.parse.annotations import attach
from graven.rego.parse.cursor import ALWAYS, FUTURE
from graven.rego.parse.restrictions import shadowed
from graven.rego.parse.rules import RuleParser
from graven.rego.tree import Call, Expr, Import, Module, Ref, Scalar, Source, Var

__all__ = ["parse_module", "parse_query"]

_V1 = ALWAYS | FUTURE
_LOGIC = frozenset({"and", "or"})


class ModuleParser(RuleParser):
    """Parses a whole module and gathers its errors, so that all can be told at once."""

    def __init__(self, source: Source, tokens: list[Token], version: int) -> None:
        super().__init__(source, tokens, _V1 if version == 1 else ALWAYS)
        self.restricted = []
        self.errors: list[PolicyError] = []
        self.strict_v1 = version == 1
        self.version = version

    def module(self, comments: list[tuple[int, str]]) -> Module:
        """Parse the module."""
        start = self.token.start
        if not self.keyword("package"):
            self.fail("package expected", "begin the module with `package name`")
        package = self._path("package name")
        module = Module(self.source, package, start, [], [], comments, self.version, self.strict_v1)
        while self.token.kind != "end":
            self._statement(module)
        module.strict_v1 = self.strict_v1
        return module

    def _statement(self, module: Module) -> None:
        """Parse an import or a rule; after an error go on at the next line that begins one."""
        mark = self.at
        try:
            if self.comes("import"):
                self._import(module)
            else:
                module.rules.extend(self.rules())
            self._line_end(mark)
        except CompileFault as error:
            self.errors.append(error.error)
            self._recover(mark)

    def _line_end(self, mark: int) -> None:
        before, kind = self.tokens[self.at - 1], self.token.kind
        if kind == ";" or (kind != "end" and self.row(before.end - 1) == self.row(self.token.start)):
            self.at = max(self.at, mark + 1)
            self.fail(f"unexpected {self.shown()}: expected a new line after the rule")

    def _recover(self, mark: int) -> None:
        self.at = max(self.at, mark + 1)
        self.at = min(self.at, len(self.tokens) - 1)
        while self.token.kind != "end" and (self.token.kind != "name" or self._column() != 1):
            self.at += 1

    def _column(self) -> int:
        return self.source.position(self.token.start)[1]

    def _path(self, what: str) -> list[str]:
        token = self.take()
        if token.kind != "name":
            self.at -= 1
            self.fail(f"unexpected {self.shown()}: expected a {what}")
        term = self.steps(Var(token.start, token.text))
        steps = term.steps if isinstance(term, Ref) else []
        names = [step.value for step in steps if isinstance(step, Scalar) and isinstance(step.value, str)]
        if len(names) != len(steps) or isinstance(term, Call):
            self.fail(f"expected a {what} made of strings", at=token.start)
        return [token.text, *names]

    def _import(self, module: Module) -> None:
        begin = self.take().start
        start = self.token.start
        path = self._path("path to import")
        alias, explicit = path[-1], False
        if self.keyword("as"):
            token = self.take()
            if token.kind != "name":
                self.fail("expected a variable after 'as'", at=token.start)
            alias, explicit = token.text, True
        if path[0] == "future":
            self._future(path, start)
        elif path == ["rego", "v1"]:
            self.keywords, self.strict_v1 = _V1 | self.logic, True
        elif path == ["rego", "v2"]:
            self.keywords, self.strict_v1 = _V1 | _LOGIC, True
            self.logic, self.block_not = _LOGIC, True
        elif path[0] == "rego":
            self.fail(f"invalid import `{'.'.join(path)}`, must be one of: `rego.v1`, `rego.v2`", at=start)
        elif path[0] not in ("data", "input"):
            message = "unexpected import path, must begin with one of: {data, future, input, rego}"
            self.fail(f"{message}, got: {path[0]}", at=start)
        else:
            module.imports.append(Import(begin, path, alias, explicit))
            return
        module.imports.append(Import(begin, path, ""))

    def _future(self, path: list[str], start: int) -> None:
        if path == ["future", "keywords"]:
            self.keywords |= FUTURE
        elif len(path) == 3 and path[1] == "keywords" and path[2] in FUTURE:
            self.keywords |= {path[2]} | ({"in"} if path[2] == "every" else set())
        elif path == ["future", "keywords", "not"]:
            self.block_not = True
        elif path in (["future", "keywords", "and"], ["future", "keywords", "or"]):
            self.logic |= {path[2]}
            self.keywords |= {path[2]}
        else:
            self.fail(f"unexpected keyword, must be one of {sorted(FUTURE | {'not'})}: {'.'.join(path)}", at=start)


def parse_module(file: str, text: str, version: str = "auto") -> Module:
    """Parse a module; ``auto`` is v1 where that can be, else v0 where that can be.

    Raises:
        PolicyErrors: all that is wrong with it.
    """
    if version != "auto":
        return _parse(file, text, 1 if version == "v1" else 0)
    try:
        return _parse(file, text, 1)
    except PolicyErrors as errors:
        try:
            return _parse(file, text, 0)
        except PolicyErrors:
            raise errors from None


def _parse(file: str, text: str, version: int) -> Module:
    source = Source(file, text.removeprefix("\ufeff"))  # some editors begin a file with a mark of its encoding

    def read() -> tuple[ModuleParser, Module]:
        tokens, comments = tokenize(source)
        parser = ModuleParser(source, tokens, version)
        return parser, parser.module(comments)

    try:
        parser, module = on_any_stack(read)
    except CompileFault as error:
        raise PolicyErrors([error.error]) from None
    except RecursionError:
        raise PolicyErrors([fault(source, 0, "rego_parse_error", "nested too deeply", "simplify the terms")]) from None
    errors = parser.errors
    if parser.strict_v1:
        errors += [fault(source, at, "rego_parse_error", message, hint) for at, message, hint in parser.restricted]
        errors += list(shadowed(module))
    errors += list(attach(module))
    if errors:
        raise PolicyErrors(errors)
    return module


def parse_query(text: str, *, file: str = "query") -> tuple[list[Expr], Source]:
    """Parse a query, which is a body.

    Raises:
        PolicyErrors: all that is wrong with it.
    """
    source = Source(file, text)
    try:
        tokens, _ = tokenize(source)
        parser = ModuleParser(source, tokens, 1)
        return parser.query("end"), source
    except CompileFault as error:
        raise PolicyErrors([error.error]) from None
