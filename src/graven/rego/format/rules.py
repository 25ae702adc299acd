"""Owns the form of bodies and rules: heads, ``if``, ``else``, and which rules stand together."""

from __future__ import annotations

from graven.rego.format.paper import Paper
from graven.rego.format.spans import Spans
from graven.rego.format.terms import TermWriter
from graven.rego.tree import Call, Every, Expr, Logic, Negation, Rule, Scalar, SetTerm, SomeDecl, Term
from graven.rego.values import TRUE

__all__ = ["RuleWriter", "Style"]


class Style:
    """What the version and the imports of a module allow."""

    def __init__(self, *, v1: bool, contains: bool, ifs: bool, heads: bool, keywords: frozenset[str]) -> None:
        self.v1 = v1
        self.contains = contains
        self.ifs = ifs
        self.heads = heads
        """Heads are written as references; else their second step stands in brackets."""
        self.keywords = keywords


class RuleWriter(TermWriter):
    """Writes rules."""

    def __init__(self, paper: Paper, spans: Spans, style: Style) -> None:
        super().__init__(paper, spans, style.keywords)
        self.style = style

    def body(self, body: list[Expr]) -> None:
        """Write the expressions of a body, each on its line."""
        self.paper.reach(self.spans.row(body[0].at))
        last = self.spans.row(body[0].at)
        for expr in body:
            if self.spans.row(expr.at) > last + 1:
                self.paper.blank()
            last = self.spans.row(max(expr.end - 1, expr.at))
            self.paper.begin()
            self.expression(expr)
            self.paper.end()

    def expression(self, expr: Expr) -> None:
        """Write one expression with its ``with``."""
        self.paper.reach(self.spans.row(expr.at))
        self.paper.ensure()
        self.paper.write("not " * expr.negated)
        found = expr.term
        if not isinstance(found, (Call, Logic)):
            self.union_lead = False
        if isinstance(found, SomeDecl):
            self._some(found)
        elif isinstance(found, Every):
            self._every(found)
        elif isinstance(found, Negation):
            self._negation(found, expr)
        elif isinstance(found, Logic):
            self._logic(found, top=True)
        elif isinstance(found, Call):
            self.top_call(found)
        else:
            self.term(found)
        self._withs(expr)

    def _logic(self, found: Logic, *, top: bool) -> bool:
        """Write a chain of ``and`` and ``or``; say whether it was indented."""
        if not found.right:
            self._operand(found.left, found.at, "or", right=False)
            return False
        inner = found.left[0].term if len(found.left) == 1 and found.left[0].at == found.at else None
        nested = isinstance(inner, Logic) and not (found.operator == "and" and inner.operator == "or")
        if isinstance(inner, Logic) and nested and not found.left[0].withs:
            indented = self._logic(inner, top=False)
        else:
            self._operand(found.left, found.at, found.operator, right=False)
            indented = False
        self.paper.write(f" {found.operator}")
        before = self.spans.before(found.right[0].at)
        start = found.right[0].at
        if before is not None and before.kind in "({":
            start, before = before.start, self.spans.before(before.start)
        last = self.spans.before(before.start) if before is not None else None
        if last is not None and self.spans.row(start) > self.spans.row(last.end - 1):
            self.paper.level += not indented
            indented = True
            self.paper.end()
            self.paper.begin()
        else:
            self.paper.write(" ")
        self._operand(found.right, start, found.operator, right=True)
        self.paper.level -= top and indented
        return indented

    def _operand(self, body: list[Expr], start: int, operator: str, *, right: bool) -> None:
        """Write one side: in braces where its author wrote them, in parentheses where they are needed."""
        if len(body) > 1 or (self.spans.token(start).kind == "{" and body[0].at != start):
            self.paper.write("{")
            self._closed(body, self.spans.row(start), start)
            return
        inner = body[0].term
        loose = (
            isinstance(inner, Logic) and (right or operator == "and") and (inner.operator == "or" or operator == "and")
        )
        parens = loose or bool(body[0].withs) or self.spans.token(body[0].at).kind == "{"
        self.paper.write("(" * parens)
        self.expression(body[0])
        self.paper.write(")" * parens)

    def _withs(self, expr: Expr) -> None:
        last = self.spans.row(max(self.spans.terms_end(expr) - 1, expr.at))
        indented = False
        for place, modifier in enumerate(expr.withs):
            row = self.spans.row(modifier.at)
            broken = row > last
            if broken and not (place == 0 and row == last):
                if not indented:
                    self.paper.level += 1
                    indented = True
                self.paper.end()
                self.paper.begin()
                last = row
            self.paper.reach(row)
            self.paper.write("with " if broken else " with ")
            self.term(modifier.target)
            self.paper.write(" as ")
            self.term(modifier.value)
        self.paper.level -= indented

    def _some(self, found: SomeDecl) -> None:
        self.paper.write("some ")
        if found.member is not None:
            self.member(found.member, parens=False)
            return
        row = self.spans.row(found.at)
        for place, name in enumerate(found.names):
            if self.spans.row(name.at) > row:
                self.paper.end()
                self.paper.begin()
                self.paper.write("\t")
                row = self.spans.row(name.at)
            elif place:
                self.paper.write(" ")
            self.term(name)
            self.paper.write("," * (place < len(found.names) - 1))

    def _every(self, found: Every) -> None:
        self.paper.write("every ")
        if found.key is not None:
            self.term(found.key)
            self.paper.write(", ")
        self.term(found.value)
        self.paper.write(" in ")
        self.term(found.domain)
        self.paper.write(" {")
        opening = self.spans.after(self.spans.end(found.domain), "{")
        self._closed(found.body, self.spans.row(found.at), opening, any_number=False)

    def _closed(self, body: list[Expr], row: int, opening: int, *, any_number: bool = True) -> None:
        self.inner_body(body, row, self.spans.row(self.spans.close.get(opening, opening)))
        told = body[-1] if any_number else body[0]
        if (any_number or len(body) == 1) and self.spans.row(told.at) == row:
            self.paper.write(" ")
        self.paper.write("}")

    def _negation(self, found: Negation, expr: Expr) -> None:
        self.paper.write("not ")
        token = self.spans.token(expr.at + 1)
        if token.kind == "{":
            self.paper.write("{")
            self._closed(found.body, self.spans.row(found.at), token.start)
        else:
            only = found.body[0]
            brace = self.spans.token(only.at).kind == "{"
            parens = bool(only.withs) or brace or isinstance(only.term, (Logic, Negation))
            self.paper.write("(" * parens)
            self.expression(only)
            self.paper.write(")" * parens)

    def rules(self, rules: list[Rule]) -> None:
        """Write rules that follow one another."""
        for place, rule in enumerate(rules):
            self.paper.reach(self.spans.row(rule.at))
            self.rule(rule)
            after = rules[place + 1] if place + 1 < len(rules) else None
            together = after is not None and self._short(rule) and self._short(after)
            if not (together and after and self.spans.row(after.at) == self.spans.row(rule.at) + 1):
                self.paper.blank()

    def _short(self, rule: Rule) -> bool:
        if len(rule.body) > 1 or rule.default or rule.orelse or (rule.written and _is_set(rule.body[0])):
            return False
        return self.style.ifs and (self.style.contains or rule.key is None)

    def rule(self, rule: Rule) -> None:
        """Write a rule, and what follows after ``else``."""
        self.paper.begin()
        self.paper.write("default " * rule.default)
        arms = [rule, *rule.orelse]
        for place, arm in enumerate(arms):
            last = place == len(arms) - 1
            if place:
                self._else(arms[place - 1], arm)
            self._arm(arm, constant=last and _constant(arm), is_else=bool(place))

    def _else(self, rule: Rule, arm: Rule) -> None:
        row = self.spans.row(arm.at)
        within = row > self.spans.row(rule.at) and not self.spans.source.line(row).strip().startswith("else")
        above = any(comment.row < row for comment in self.paper.comments)
        if within and not above and self.paper.waiting is None and self.paper.inline:
            self.paper.write(" ")
        else:
            self.paper.blank()
            self.paper.begin()
        self.paper.reach(row)
        if above and not self.paper.inline:
            self.paper.begin()

    def _arm(self, rule: Rule, *, constant: bool, is_else: bool) -> None:
        end = self._head(rule, constant=constant, is_else=is_else)
        if rule.default or constant:
            self.paper.end()
            return
        if self.style.ifs and (self.style.contains or rule.key is None):
            self.paper.write(" if")
            only = rule.body[0]
            if len(rule.body) == 1 and self.spans.row(only.at) == self.spans.row(end) and not _is_set(only):
                self.paper.write(" ")
                self.expression(only)
                self.paper.end()
                return
        self.paper.write(" {")
        self.paper.end()
        self.paper.level += 1
        self.union_lead = self.style.ifs and not is_else and not rule.body[0].negated
        self.body(rule.body)
        self.union_lead = False
        opening = self.spans.before(rule.body[0].at)
        while opening is not None and opening.kind != "{":
            opening = self.spans.before(opening.start)
        closing = self.spans.close.get(opening.start, rule.end) if opening else rule.end
        self.paper.reach(self.spans.row(closing))
        self.paper.level -= 1
        self.paper.begin()
        self.paper.write("}")

    def _head(self, rule: Rule, *, constant: bool, is_else: bool) -> int:
        """Write the head; give a place at its end."""
        end = rule.at
        if is_else:
            self.paper.write("else")
        else:
            end = self._name(rule)
        if rule.args and not is_else:
            opening = self.spans.after(end, "(")
            closing = self.spans.close.get(opening, opening)
            self.paper.write("(")
            self.items(rule.args, rule.at, closing, self._argument, lambda arg: arg.at)
            self.paper.write(")")
            end = closing
        if rule.key is not None:
            self._key(rule.key)
            return self.spans.end(rule.key) - 1
        if self._tells_value(rule, constant=constant, is_else=is_else):
            self.paper.write(" := " if self.style.v1 or self._assigned(rule) else " = ")
            if rule.explicit:
                self.term(rule.value)
            else:
                self.paper.write("true")
        return self.spans.end(rule.value) - 1 if rule.explicit else end

    def _name(self, rule: Rule) -> int:
        self.paper.write(rule.name)
        steps = rule.ref[1:]
        for step in steps:
            if len(steps) == 1 and not self.style.heads and rule.name not in self.keywords:
                self.paper.write("[")
                self.term(step)
                self.paper.write("]")
            else:
                self.step(step)
        return max(self.spans.end(steps[-1]), rule.at) if steps else rule.at

    def _key(self, key: Term) -> None:
        if self.style.contains:
            self.paper.write(" contains ")
            self.term(key)
        else:
            self.paper.write("[")
            self.term(key)
            self.paper.write("]")

    def _tells_value(self, rule: Rule, *, constant: bool, is_else: bool) -> bool:
        true = isinstance(rule.value, Scalar) and rule.value.value is TRUE
        dynamic = len(rule.ref) > 1 and not isinstance(rule.ref[-1], Scalar) and not is_else
        if rule.default or not true:
            return True
        if not (constant or dynamic):
            return False
        return rule.explicit or is_else or (constant and not dynamic and (rule.args is None or rule.written))

    def _assigned(self, rule: Rule) -> bool:
        before = self.spans.before(rule.value.at)
        while before is not None and before.kind == "(":
            before = self.spans.before(before.start)
        return before is not None and before.kind == ":="


def _constant(rule: Rule) -> bool:
    """Say whether the body is nothing but ``true``, which need not be written."""
    if not rule.written:
        return True
    [only, *more] = rule.body
    true = isinstance(only.term, Scalar) and only.term.value is TRUE
    return true and not more and not only.negated and not only.withs and not rule.orelse


def _is_set(expr: Expr) -> bool:
    return isinstance(expr.term, SetTerm) and not expr.negated
