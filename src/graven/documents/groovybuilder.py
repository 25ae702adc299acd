"""Owns the building of a syntax tree from words that are read in order, and the look at the words that come."""

from __future__ import annotations

from graven.documents.faults import MAX_NESTED, Text, too_deep
from graven.documents.groovytokens import KEYWORDS, Token, tokens
from graven.errors import Malformed

__all__ = ["IDENTIFIERS", "PRIMITIVES", "Builder", "Node"]

IDENTIFIERS = frozenset({"Identifier", "CapitalizedIdentifier"})
PRIMITIVES = frozenset(("KwVoid", "KwBoolean", "KwByte", "KwChar", "KwShort", "KwInt", "KwLong", "KwFloat", "KwDouble"))
_LEVELS = {"Lt": 1, "Gt": -1, "RightShift": -2, "UnsignedRightShift": -3}


class Node:
    """A node of the tree."""

    __slots__ = ("children", "kind")

    def __init__(self, kind: str, children: list[Node | Token]) -> None:
        self.kind = kind
        self.children = children


class Builder:
    """Holds the words, where the reading is, and the nodes that are open."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.words = tokens(text)
        self.index = 0
        self.open: list[Node] = []
        self.depth = 0

    @property
    def kind(self) -> str:
        """The kind of the word that comes."""
        return self.words[self.index].kind

    def peek(self, count: int) -> str:
        """Give the kind of a word that comes later."""
        return self.words[min(self.index + count, len(self.words) - 1)].kind

    def at(self, *kinds: str) -> bool:
        """Say whether the word that comes is of one of these kinds."""
        return self.words[self.index].kind in kinds

    def advance(self) -> None:
        """Put the word that comes into the node that is open."""
        self.open[-1].children.append(self.words[self.index])
        self.index = min(self.index + 1, len(self.words) - 1)

    def accept(self, *kinds: str) -> bool:
        """Put the word in if it is of one of these kinds."""
        here = self.at(*kinds)
        if here:
            self.advance()
        return here

    def expect(self, *kinds: str) -> None:
        """Put the word in, which must be of one of these kinds."""
        if not self.accept(*kinds):
            raise self.fault(f"expected {' or '.join(kinds)}")

    def skip_semicolons(self) -> None:
        """Put in what ends statements."""
        while self.accept("Semi", "Semicolon"):
            pass

    def start(self, kind: str) -> None:
        """Open a node."""
        self.open.append(Node(kind, []))

    def mark(self) -> int:
        """Give the place in the open node at which one may be opened later."""
        return len(self.open[-1].children)

    def start_at(self, mark: int, kind: str) -> None:
        """Open a node that takes in what was put in since the mark."""
        top = self.open[-1]
        self.open.append(Node(kind, top.children[mark:]))
        del top.children[mark:]

    def finish(self) -> None:
        """Close the node that is open."""
        node = self.open.pop()
        self.open[-1].children.append(node)

    def deeper(self) -> None:
        """Count a level, of which there may be so many."""
        self.depth += 1
        if self.depth > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.words[self.index].at), MAX_NESTED)

    def fault(self, message: str) -> Malformed:
        """Give the error for the word that comes."""
        word = self.words[self.index]
        got = repr(word.text[:40]) if word.text else "the end of a line" if word.kind != "EOF" else "the end"
        return self.text.fault(f"no Groovy: got {got}, {message}", word.at)

    def type_name(self) -> None:
        """Read the name of a type with its parameters and brackets."""
        if self.kind in PRIMITIVES:
            self.advance()
        else:
            self.expect(*IDENTIFIERS)
            while self.at("Dot") and self.peek(1) in IDENTIFIERS:
                self.advance()
                self.advance()
            self.type_parameters()
        self.array_marks()

    def array_marks(self) -> None:
        """Read pairs of brackets."""
        while self.at("LBrack") and self.peek(1) == "RBrack":
            self.advance()
            self.advance()

    def type_parameters(self) -> None:
        """Read what stands in angle brackets."""
        if not self.accept("Lt"):
            return
        depth = 1
        while depth > 0 and not self.at("EOF"):
            depth += _LEVELS.get(self.kind, 0)
            self.advance()

    def past_type(self, at: int) -> int:
        """Give how many words a type with its parameters and brackets has that begins so far ahead; -1 if none."""
        while True:
            if self.peek(at) not in IDENTIFIERS:
                return -1
            at += 1
            if self.peek(at) != "Dot":
                break
            if self.peek(at + 1) not in IDENTIFIERS:
                return -1
            at += 1
        return self.past_suffixes(at)

    def past_suffixes(self, at: int) -> int:
        """Go past type parameters and brackets; -1 if they do not end."""
        if self.peek(at) == "Lt":
            at, depth = at + 1, 1
            while depth > 0:
                if self.peek(at) == "EOF":
                    return -1
                depth += _LEVELS.get(self.peek(at), 0)
                at += 1
        while self.peek(at) == "LBrack" and self.peek(at + 1) == "RBrack":
            at += 2
        return at

    def type_before(self, *also: str) -> bool:
        """Say whether a type comes that is followed by a name, or one of these."""
        if not (self.at("CapitalizedIdentifier") or (self.at("Identifier") and self.peek(1) == "Dot")):
            return False
        after = self.past_type(0)
        return after >= 0 and (self.peek(after) in IDENTIFIERS | KEYWORDS or self.peek(after) in also)
