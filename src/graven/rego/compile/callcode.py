"""Owns the code of calls: operators, inline where operands allow, builtins, functions of policies, replacements."""

from __future__ import annotations

import ast

from graven.rego.builtins.protocol import Builtin
from graven.rego.compile.emitter import attribute, call, constant, differs, identical, load, method, negation
from graven.rego.compile.literals import required
from graven.rego.compile.termcode import TermCode
from graven.rego.tree import Call, Scalar, Term
from graven.rego.types import BOOLEAN
from graven.rego.wrapping import signature, wrap

__all__ = ["CallCode"]

_ORDERS: dict[str, type[ast.cmpop]] = {"lt": ast.Lt, "lte": ast.LtE, "gt": ast.Gt, "gte": ast.GtE}
_TEXT_TESTS = frozenset({"startswith", "endswith", "contains"})
_ARITHMETIC: dict[str, type[ast.operator]] = {"plus": ast.Add, "minus": ast.Sub}
"""Not ``*``: a product can be as large as its operands together, so its builtin looks at their size."""


class CallCode(TermCode):
    """Emits calls, as values and as tests."""

    def call(self, term: Call) -> ast.expr:
        """Emit a call as a value."""
        name = ".".join(term.name)
        if name in self.unit.mocked_calls:
            return self._defined(self._mocked(term, name))
        test = None if name in _TEXT_TESTS else self._test(term, name)
        if test is not None:
            return self.store(ast.IfExp(test, load("TRUE"), load("FALSE")))
        if name in _ARITHMETIC:
            return self._arithmetic(term, name)
        if term.name[0] == "data":
            return self._defined(self._function(term))
        found = self.unit.find(name)
        if found is not None and found.declaration.relation:
            return self._relation(term, found)
        return self._defined(self._builtin(term, name))

    def test(self, term: Call) -> bool:
        """Emit a call as an expression that holds or fails; False if it must be emitted as a value."""
        name = ".".join(term.name)
        if name in self.unit.mocked_calls:
            return False
        test = self._test(term, name)
        if test is not None:
            self.guard(negation(test))
            return True
        if name == "regex.match" and self._searched(term):
            return True
        found = None if term.name[0] == "data" else self.unit.find(name)
        if found is not None and found.declaration.result == BOOLEAN and not found.declaration.relation:
            self.guard(ast.Compare(self._builtin(term, name), [ast.IsNot()], [load("TRUE")]))
            return True
        return False

    def _searched(self, term: Call) -> bool:
        """Emit a search that is left out where the text lacks what the pattern asks for."""
        pattern = term.args[0] if len(term.args) == 2 else None
        literals = required(pattern.value) if isinstance(pattern, Scalar) and isinstance(pattern.value, str) else ()
        if literals:
            text = self.store(self.term(term.args[1]))
            missing: list[ast.expr] = [ast.Compare(constant(each), [ast.NotIn()], [text]) for each in literals]
            lacking = [
                identical(attribute(text, "__class__"), "str"),
                ast.BoolOp(ast.Or(), missing) if len(missing) > 1 else missing[0],
            ]
            found = call(
                self._wrapped("regex.match"), load(self.state), self.site(term.at), self.term(term.args[0]), text
            )
            missed = ast.Compare(found, [ast.IsNot()], [load("TRUE")])
            self.guard(ast.BoolOp(ast.Or(), [ast.BoolOp(ast.And(), lacking), missed]))
        return bool(literals)

    def _defined(self, value: ast.expr) -> ast.expr:
        found = self.store(value)
        self.guard(identical(found, "U"))
        return found

    def _test(self, term: Call, name: str) -> ast.expr | None:
        """Give the Python test of a comparison or membership."""
        if len(term.args) == 2 and name in ("equal", "neq", *_ORDERS):
            left, right = self.terms(term.args)
            if name == "neq":
                return differs(left, right)
            if name == "equal":
                return ast.Compare(left, [ast.Eq()], [right])
            return self._order(name, (left, right), term.args)
        if name in _TEXT_TESTS and len(term.args) == 2:
            return self._text_test(term, name)
        if name in ("internal.member_2", "internal.member_3") and len(term.args) == int(name[-1]):
            return call(f"member_{name[-1]}", *self.terms(term.args))
        return None

    def _order(self, name: str, pair: tuple[ast.expr, ast.expr], args: list[Term]) -> ast.expr:
        """Compare natively where both are integers, else by the order over all values."""
        left, right = self.store(pair[0]), self.store(pair[1])
        order = ast.Compare(call("compare", left, right), [_ORDERS[name]()], [constant(0)])
        tests = _all_of("int", [(left, args[0]), (right, args[1])])
        if tests is None:
            return order
        return ast.IfExp(tests, ast.Compare(left, [_ORDERS[name]()], [right]), order)

    def _text_test(self, term: Call, name: str) -> ast.expr:
        """Test strings natively; anything else is for the builtin to refuse."""
        pair = [self.store(each) for each in self.terms(term.args)]
        slow = call(self._wrapped(name), load(self.state), self.site(term.at), *pair)
        if name == "contains":
            fast: ast.expr = ast.Compare(pair[1], [ast.In()], [pair[0]])
        else:
            fast = method(pair[0], name, pair[1])
        tests = _all_of("str", list(zip(pair, term.args, strict=True)))
        refused = identical(slow, "TRUE")
        return refused if tests is None else ast.IfExp(tests, fast, refused)

    def _arithmetic(self, term: Call, name: str) -> ast.expr:
        left, right = (self.store(each) for each in self.terms(term.args))
        slow = call(self._wrapped(name), load(self.state), self.site(term.at), left, right)
        tests = _all_of("int", [(left, term.args[0]), (right, term.args[1])])
        if tests is None:
            return self._defined(slow)
        return self._defined(ast.IfExp(tests, ast.BinOp(left, _ARITHMETIC[name](), right), slow))

    def _wrapped(self, name: str) -> str:
        """Give the name under which generated code calls a builtin."""
        wrapped = "b_" + name.replace(".", "__")
        if wrapped not in self.unit.space:
            found = self.unit.find(name)
            if found is None:
                raise KeyError(name)
            self.unit.called[wrapped] = found
            self.unit.space[wrapped] = wrap(found, signature(found.declaration), self.unit.sites)
        return wrapped

    def _builtin(self, term: Call, name: str) -> ast.expr:
        args = self.terms(term.args)
        return call(self._wrapped(name), load(self.state), self.site(term.at), *args)

    def _function(self, term: Call) -> ast.expr:
        group = self.unit.tree.function(term.name[1:])
        if group is None:
            raise KeyError(".".join(term.name))
        return call(f"r{group.number}", load(self.state), *self.terms(term.args))

    def _mocked(self, term: Call, name: str) -> ast.expr:
        """Emit a call of something that a ``with`` may have replaced."""
        args = self.terms(term.args)
        if term.name[0] == "data":
            group = self.unit.tree.function(term.name[1:])
            original = "none" if group is None else f"r{group.number}"
            return call("call_function", load(self.state), constant(name), load(original), *args)
        original = self._wrapped(name)
        return call("call_builtin", load(self.state), self.site(term.at), constant(name), load(original), *args)

    def _relation(self, term: Call, found: Builtin) -> ast.expr:
        result = self.fresh("t")
        self.loop(ast.Name(result, ast.Store()), self._builtin(term, found.declaration.name))
        return load(result)


def _all_of(kind: str, pairs: list[tuple[ast.expr, Term]]) -> ast.expr | None:
    """Give the test that operands are of a class, as far as that is not known; None if one surely is not."""
    tests: list[ast.expr] = []
    for node, term in pairs:
        if isinstance(term, Scalar):
            if term.value.__class__.__name__ != kind:
                return None
        else:
            tests.append(identical(attribute(node, "__class__"), kind))
    return ast.BoolOp(ast.And(), tests) if len(tests) > 1 else tests[0] if tests else constant(value=True)
