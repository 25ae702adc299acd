"""Owns what a text of CUE comes to: what is said of each node is gathered and brought together once it is asked for.

A node is expanded in two steps. First all is gathered that can be told without another value; then, in turns, what
waits for one: comprehensions, computed names, operators. Whatever would add to a node that was read is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from graven.documents.cue import choices, closing, lists, operations, references, structs
from graven.documents.cue.builtins import call, cut
from graven.documents.cue.nodes import (
    EXPANDED,
    GATHERING,
    SETTLING,
    UNSEEN,
    Conjunct,
    Env,
    Node,
    Value,
)
from graven.documents.cue.syntax import (
    Alias,
    Atom,
    Binary,
    Call,
    Choice,
    Constant,
    Expr,
    File,
    Index,
    ListLit,
    Name,
    Select,
    Slice,
    StructLit,
    Unary,
)
from graven.documents.cue.syntax import (
    Bottom as Nothing,
)
from graven.documents.cue.values import (
    LIST,
    STRUCT,
    Bottom,
    Bound,
    Incomplete,
    Kinds,
    kind_name,
    kind_of,
    same,
    shown,
)
from graven.documents.faults import Text
from graven.errors import TooLarge, Unsupported

__all__ = ["Evaluation"]

_STEPS = 100_000
"""How many steps a text may take; a file of a thousand services of Kubernetes stays below."""
_BOUNDS = frozenset(("!=", "<", "<=", ">", ">=", "=~", "!~"))


class Evaluation:
    """Evaluates one text."""

    def __init__(self, text: Text, file: File) -> None:
        self.text = text
        self.imports = file.imports
        self.steps = 0
        self.root = Node(None, "", 0, [])
        self.root.conjuncts.append(Conjunct(file.body, Env(None, None, {})))

    def step(self, at: int, weight: int = 1) -> None:
        """Count a step.

        Raises:
            TooLarge: there were too many.
        """
        self.steps += weight
        if self.steps > _STEPS:
            where = self.text.fault("", at).where
            raise TooLarge(f"the text takes more than {_STEPS} steps", where=where, hint="give the JSON of cue export")

    def unsupported(self, what: str, at: int) -> Unsupported:
        """Give the error of something that is not done here."""
        where = self.text.fault("", at).where
        return Unsupported(f"{what}, which is not read", where=where, hint="give the JSON of cue export")

    # What is said of a node

    def expand(self, node: Node) -> None:
        """Find out all of a node but its parts.

        Raises:
            Incomplete: it waits for a node that is being found out just now.
        """
        if node.state != UNSEEN:
            return
        node.state, node.frozen = GATHERING, True
        try:
            for conjunct in node.conjuncts:
                self.process(node, conjunct)
            self._settle(node)
            _agree(node)
        except Bottom as e:
            node.error = e
        except BaseException:
            node.clear()
            raise
        node.state = EXPANDED

    def _settle(self, node: Node) -> None:
        node.state = SETTLING
        while node.tasks or node.later:
            tasks, node.tasks = node.tasks, []
            moved = False
            for task in tasks:
                try:
                    task()
                    moved = True
                except Incomplete as e:
                    node.stuck = e
                    node.tasks.append(task)
            if moved:
                node.last = False
            elif node.later:
                later, node.later = node.later, []
                for each in later:
                    each()
            elif not node.last:
                node.last = True
            else:
                self._waiting(node)
                return
        node.stuck = None

    def _waiting(self, node: Node) -> None:
        """Leave what waits; let go of a node that waits for one that is being found out further up."""
        read = node.stuck.node if node.stuck else None
        if isinstance(read, Node) and read is not node and read.state in (GATHERING, SETTLING) and node.stuck:
            raise node.stuck

    def process(self, node: Node, said: Conjunct) -> None:
        """Take in something that is said of a node."""
        expr = said.expr
        self.step(expr.at)
        match expr:
            case StructLit():
                structs.struct(self, node, expr, said)
            case ListLit():
                self.later(node, lambda: lists.literal(self, node, expr, said), now=True)
            case Atom():
                self.constant(node, expr.value, expr.at)
            case Name() | Select() | Index():
                self.later(node, lambda: references.follow(self, node, said), now=True)
            case Binary(sign="&"):
                self.process(node, said._replace(expr=expr.left))
                self.process(node, said._replace(expr=expr.right))
            case Choice():
                self._choice(node, expr, said)
            case Alias():
                env = Env(said.env, None, {}, {expr.name: node}, (expr.at, node.path))
                self.process(node, said._replace(expr=expr.value, env=env))
            case Nothing():
                raise Bottom("got _|_", expr.at)
            case Unary() if expr.sign in _BOUNDS:
                self.later(node, lambda: self._bound(node, expr, said.env))
            case Slice():
                self.later(node, lambda: cut(self, node, expr, said))
            case Call():
                self.later(node, lambda: call(self, node, expr, said))
            case _:
                self.later(node, lambda: self.take(node, operations.compute(self, expr, said.env), said, expr.at))

    def later(self, node: Node, task: Callable[[], None], *, now: bool = False) -> None:
        """Leave something until what it waits for is there; ``now`` tries it first."""
        if now:
            try:
                task()
            except Incomplete:
                node.tasks.append(task)
        else:
            node.tasks.append(task)

    def _choice(self, node: Node, expr: Choice, said: Conjunct) -> None:
        key = (expr.at, said.env.key)
        picked = node.picks.get(key)
        if picked is not None:
            self.process(node, said._replace(expr=expr.items[picked.place][0], under=key))
        elif all(key != other for other, _ in node.choices):
            node.choices.append((key, said))

    def _bound(self, node: Node, expr: Unary, env: Env) -> None:
        value = operations.constant(self, expr.operand, env)
        self.take(node, operations.bounded(Bound(expr.sign, value), expr.at), None, expr.at)

    def take(self, node: Node, value: Value | Kinds, said: Conjunct | None, at: int) -> None:
        """Take in a value that was computed."""
        if isinstance(value, Kinds):
            self.narrow(node, value.kinds, at)
            node.bounds += [(bound, at) for bound in value.bounds]
        elif isinstance(value, Node):
            references.copy(self, node, value, said or Conjunct(Nothing(at), Env(None, None, {})), ())
        else:
            self.constant(node, value, at)

    def narrow(self, node: Node, kinds: int, at: int) -> None:
        """Say of which kinds a node is."""
        if not node.kinds & kinds:
            raise Bottom(f"{node.named} is {kind_name(node.kinds)} and {kind_name(kinds)}", at)
        node.kinds &= kinds

    def constant(self, node: Node, value: Constant, at: int) -> None:
        """Take in a constant."""
        node.solid = True
        self.narrow(node, kind_of(value), at)
        if node.atom is None:
            node.atom = (value,)
        elif not same(node.atom[0], value):
            raise Bottom(f"{node.named} is {shown(node.atom[0])} and {shown(value)}", at)

    # What is said of parts

    def below(self, said: Conjunct, expr: Expr) -> Conjunct:
        """Give what is said of a part by what is said of the whole."""
        chain = frozenset(each for each in said.chain if each.deep)
        return Conjunct(expr, said.env, chain, said.hosts, said.lineage)

    def say(self, node: Node, said: Conjunct) -> None:
        """Say something of a node.

        Raises:
            Unsupported: it was read before.
        """
        if node.frozen:
            raise self.unsupported(f"{node.named} is added to after it was read", said.expr.at)
        node.conjuncts.append(said)

    # Values

    def target(self, expr: Expr, env: Env) -> Constant | Node | Kinds:
        """Give what an expression refers to."""
        return references.target(self, expr, env)

    def anonymous(self, expr: Expr, env: Env) -> Node:
        """Make a node of an expression that has no place of its own."""
        return Node(env.around(), "", expr.at, [Conjunct(expr, env)])

    def value(self, node: Node, at: int) -> Value:
        """Give the constant that a node is, or the node if it is a struct or a list.

        Raises:
            Bottom: there is none, and never will be.
            Incomplete: there is none yet.
        """
        node = self.settled(node, at)
        if node.atom is not None:
            return node.atom[0]
        if node.kinds in (STRUCT, LIST):
            return node
        raise Incomplete(f"{node.named} is {kind_name(node.kinds)}, which is no value yet", at)

    def settled(self, node: Node, at: int) -> Node:
        """Expand a node, and take the default of its alternatives.

        Raises:
            Bottom: there is no value, and never will be.
            Incomplete: it cannot be told yet which it is.
        """
        self.step(at)
        if node.state in (GATHERING, SETTLING):
            if node.atom is None and not (node.kinds == STRUCT and node.state == SETTLING):
                raise Incomplete(f"{node.named} depends on itself", at, node)
            return node
        self.expand(node)
        if node.error:
            raise node.error
        if node.choices:
            return self.settled(choices.chosen(self, node, at), at)
        if node.stuck and node.atom is None:
            raise node.stuck
        return node

    def finish(self, node: Node) -> None:
        """Find out a node with all its parts; ``error`` and ``stuck`` then say what is wrong."""
        if node.finished:
            return
        node.finished = True
        self.expand(node)
        if node.error:
            return
        try:
            if node.choices:
                choices.solve(self, node)
                return
            closing.closed(self, node)
        except Bottom as e:
            node.error = e
            return
        for part in (*node.arcs.values(), *node.items):
            if part.presence != "?":
                self.finish(part)
                if isinstance(part.error, Bottom) and not part.presence:
                    node.error = part.error
                    return


def _agree(node: Node) -> None:
    """Hold what was gathered of a node together."""
    if node.maybe and node.atom is None and not node.choices and not node.tasks and node.kinds & STRUCT:
        node.kinds = STRUCT
    for count, is_open in node.lists:
        if count > len(node.items) or (count < len(node.items) and not is_open):
            raise Bottom(f"{node.named} is a list of {len(node.items)} and of {count}", node.at)
    operations.hold(node)
