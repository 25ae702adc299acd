"""Owns the words of Groovy 2.4 as Jenkins has it, with a ``Semicolon`` without text where a line ends a statement.

They are cut as the library groovy-parser-go cuts them, whose names of kinds they bear; a text in quotes with ``${}``
comes in pieces. A text that is never closed is refused.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from graven.documents.faults import Text

__all__ = ["KEYWORDS", "Token", "tokens"]

_WORDS = (
    "as assert break case catch class continue def default do else enum extends final finally for if implements import "
    "in instanceof interface new package return static super switch this throw throws trait try while abstract native "
    "private protected public synchronized transient volatile strictfp threadsafe void boolean byte char short int "
    "long float double"
)
_KINDS = {word: f"Kw{word.capitalize()}" for word in _WORDS.split()}
KEYWORDS = frozenset(_KINDS.values())
_KINDS |= {"true": "BoolLiteral", "false": "BoolLiteral", "null": "NullLiteral"}
_MARKS = {
    "??.": "NullSafe", "...": "Ellipsis", "..<": "HalfOpenRight", "<..<": "FullOpen", "<..": "HalfOpenLeft",
    ">>>=": "UnsignedRightShiftAssign", ">>>": "UnsignedRightShift", ">>=": "RightShiftAssign", ">>": "RightShift",
    "<<=": "LeftShiftAssign", "<<": "LeftShift", "<=>": "Spaceship", "<=": "LtEqual", ">=": "GtEqual", "<": "Lt",
    ">": "Gt", "==>": "Implication", "==~": "Match", "===": "IdentityEqual", "==": "Equal", "=~": "Regex",
    "=": "Assign", "!==": "IdentityNotEqual", "!=": "NotEqual", "!": "Not", "+=": "PlusAssign", "++": "Inc",
    "+": "Plus", "->": "Arrow", "-=": "MinusAssign", "--": "Dec", "-": "Minus", "**=": "PowerAssign", "**": "Power",
    "*.": "Spread", "*=": "StarAssign", "*": "Star", "/=": "DivAssign", "/": "Div", "%=": "ModAssign", "%": "Mod",
    "&&": "And", "&=": "BitwiseAndAssign", "&": "BitwiseAnd", "||": "Or", "|=": "BitwiseOrAssign", "|": "BitwiseOr",
    "^=": "BitwiseXorAssign", "^": "BitwiseXor", "~": "BitwiseNot", "?:": "Elvis", "?.": "SafeNav", "?[": "SafeIndex",
    "?=": "ElvisAssign", "?": "Question", "..": "Range", ".@": "FieldAccess", ".&": "MethodPointer", ".": "Dot",
    "::": "MethodRef", ":": "Colon", "(": "LParen", ")": "RParen", "{": "LBrace", "}": "RBrace", "[": "LBrack",
    "]": "RBrack", ",": "Comma", ";": "Semi", "@": "At",
}  # fmt: skip
_MARK = re.compile("|".join(map(re.escape, sorted(_MARKS, key=len, reverse=True))))
_NOT_WORD = re.compile(r"!(instanceof|in)(?![\w$])")
_NAME = re.compile(r"(?:[^\W\d]|\$)[\w$]*")
_PATH = re.compile(r"(?:[^\W\d]|\$)[\w$]*(?:\.(?:[^\W\d]|\$)[\w$]*)*")
_PATH_PART = re.compile(r"\.|[\w$]+")
_NUMBER = re.compile(
    r"(?P<hex>0[xX][0-9a-fA-F_]*[lLiIgGfFdD]?)|(?P<binary>0[bB][01_]*[lLiIgGfFdD]?)"
    r"|(?P<octal>0[0-7][0-7_]*(?![0-9]|\.[0-9])[lLiIgGfFdD]?)"
    r"|(?P<decimal>[0-9][0-9_]*(?P<fraction>\.[0-9][0-9_]*)?(?P<exponent>[eE][+-]?[0-9_]*)?(?P<suffix>[lLiIgGfFdD]?))"
    r"|(?P<point>\.[0-9][0-9_]*(?:[eE][+-]?[0-9_]*)?[lLiIgGfFdD]?)"
)
_BLANKS = re.compile(r"(?:[ \t\r\n]|\\\r?\n)*")
_SINGLE = re.compile(r"'''(?:[^'\\]|\\['\\]|\\|'(?!''))*+'''|'(?!'')(?:[^'\\\r\n]|\\(?:['\\]|\r?\n)|\\)*+'", re.DOTALL)
_SLASHY = re.compile(r"/(?:[^/\\]|\\.)*+/", re.DOTALL)
_DOLLAR = re.compile(r"\$/(?:\$\$|\$/|(?!/\$).)*+/\$", re.DOTALL)
_PLAIN = {
    '"': re.compile(r'(?:[^"\\$\r\n]|\\.|\$(?![{_]|[^\W\d]))*+', re.DOTALL),
    '"""': re.compile(r'(?:[^"\\$]|\\.|"(?!"")|\$(?![{_]|[^\W\d]))*+', re.DOTALL),
}
_ENDS = frozenset(
    (
        *("Identifier", "CapitalizedIdentifier", "IntLiteral", "FloatLiteral", "StringLiteral", "GStringEnd"),
        *("GStringFull", "NullLiteral", "BoolLiteral", "SlashyStringLit", "DollarSlashyStringLit", "KwBreak"),
        *("KwContinue", "KwReturn", "KwThis", "KwSuper", "Inc", "Dec", "RParen", "RBrack", "RBrace"),
    )
)
"""Kinds after which a line may end a statement."""
_NO_SLASHY = _ENDS | KEYWORDS | {"SafeIndex", "Ellipsis", "GStringBegin", "GStringPart"}
_SLASHY_WORDS = frozenset(
    (
        *("KwReturn", "KwIf", "KwWhile", "KwFor", "KwCase", "KwIn", "KwAssert", "KwThrow", "KwNew", "KwDef"),
        *("KwElse", "KwDo", "KwSwitch"),
    )
)


class Token(NamedTuple):
    """A word: its kind, what it says, and where it begins."""

    kind: str
    text: str
    at: int


def tokens(text: Text) -> list[Token]:
    """Give the words, with ``EOF`` at the end.

    Raises:
        Malformed: a text or a comment is not closed.
    """
    lexer = _Lexer(text)
    found = [lexer.next()]
    while found[-1].kind != "EOF":
        found.append(lexer.next())
    return found


class _Lexer:
    """Goes through the text from left to right."""

    def __init__(self, text: Text) -> None:
        self.source = text
        self.text = text.text
        self.at = 0
        self.pending: list[Token] = []
        self.ends = False
        """Whether the word before may end a statement."""
        self.closing = False
        """Whether the line that ended does end one."""
        self.last = ""
        self.brackets: list[str] = []
        self.modes: list[list[object]] = []
        """For each text that is open its quote, and for each ``${`` how many braces are open in it."""

    def next(self) -> Token:
        """Give the next word."""
        if self.pending:
            found = self.pending.pop(0)
            self.last, self.ends = found.kind, found.kind in _ENDS
            return found
        if self.closing or (not self._in_text() and self._leading()):
            self.closing = self.ends = False
            self.last = "Semicolon"
            return Token("Semicolon", "", self.at)
        found = self._word()
        self._bracket(found.kind)
        ends = found.kind in _ENDS
        if not self.pending and not self._in_text() and self._trailing():
            inside = self._inside() or bool(self.modes)
            self.closing = ends and not inside and not self._continued(self.at)
        self.ends, self.last = ends, found.kind
        return found

    def _in_text(self) -> bool:
        return bool(self.modes) and isinstance(self.modes[-1][0], str)

    def _inside(self) -> bool:
        return bool(self.brackets) and self.brackets[-1] in "(["

    def _bracket(self, kind: str) -> None:
        opened = {"LParen": "(", "LBrack": "[", "SafeIndex": "[", "LBrace": "{"}.get(kind)
        closed = {"RParen": "(", "RBrack": "[", "RBrace": "{"}.get(kind)
        if opened:
            self.brackets.append(opened)
        elif closed and self.brackets and self.brackets[-1] == closed:
            self.brackets.pop()

    def _continued(self, at: int) -> bool:
        """Say whether what comes goes on with the expression before: a dot or its like."""
        found = _BLANKS.match(self.text, at)
        at = found.end() if found else at
        return self.text.startswith((".", "?.", "?:", "??.", "*."), at)

    def _comment(self) -> str:
        """Go past a comment, or a blank, that begins here."""
        start = self.at
        if self.text.startswith("//", start) or (start == 0 and self.text.startswith("#!")):
            found = re.compile(r"[^\r\n]*").match(self.text, start)
            self.at = found.end() if found else start
        elif self.text.startswith("/*", start):
            close = self.text.find("*/", start + 2)
            if close < 0:
                raise self.source.fault("got a comment that is never closed", start)
            self.at = close + 2
        else:
            found = re.compile(r"[ \t]+|\\\r?\n").match(self.text, start)
            self.at = found.end() if found else start
        return self.text[start : self.at]

    def _newline(self) -> bool:
        if self.text.startswith(("\n", "\r"), self.at):
            self.at += 2 if self.text.startswith("\r\n", self.at) else 1
            return True
        return False

    def _leading(self) -> bool:
        """Go past what stands before a word; say whether it ends a statement."""
        while self.at < len(self.text):
            if self._comment():
                continue
            if not self.text.startswith(("\n", "\r"), self.at):
                return False
            if not self.modes and not self._inside() and self.ends:
                if not self._continued(self.at):
                    return True
                self.ends = False
            self._newline()
        return False

    def _trailing(self) -> bool:
        """Go past what stands behind a word on its line; say whether the line ends."""
        while self.at < len(self.text):
            if self._newline():
                return True
            found = self._comment()
            if not found:
                return False
            if found.startswith("/*") and ("\n" in found or "\r" in found):
                return True
        return False

    def _word(self) -> Token:
        start = self.at
        if start >= len(self.text):
            return Token("EOF", "", start)
        if self._in_text():
            return self._piece(str(self.modes.pop()[0]), start, first=False)
        char = self.text[start]
        if self.modes and char in "{}":
            depth = int(str(self.modes[-1][1]))
            if char == "}" and depth == 0:
                self.modes.pop()
                return self._take("RBrace", 1)
            self.modes[-1][1] = depth + (1 if char == "{" else -1)
        if char == '"':
            quote = '"""' if self.text.startswith('"""', start) else '"'
            return self._piece(quote, start, first=True)
        for pattern, kind in ((_DOLLAR, "DollarSlashyStringLit"), (_SINGLE, "StringLiteral")):
            if found := pattern.match(self.text, start):
                return self._take(kind, len(found[0]))
        if char == "'" or self.text.startswith("$/", start):
            raise self.source.fault("got a text that is never closed", start)
        if name := _NAME.match(self.text, start):
            return self._take(_kind(name[0]), len(name[0]))
        if number := _NUMBER.match(self.text, start):
            return self._take(_number_kind(number), len(number[0]))
        return self._mark(char, start)

    def _mark(self, char: str, start: int) -> Token:
        if word := _NOT_WORD.match(self.text, start):
            return self._take("NotIn" if word[1] == "in" else "NotInstanceof", len(word[0]))
        following = self.text[start + 1 : start + 2]
        slashy = self.last not in _NO_SLASHY or self.last in _SLASHY_WORDS
        if char == "/" and slashy and following not in {"/", "=", ""}:
            found = _SLASHY.match(self.text, start)
            if not found:
                raise self.source.fault("got a text that is never closed", start)
            return self._take("SlashyStringLit", len(found[0]))
        mark = _MARK.match(self.text, start)
        if not mark:
            raise self.source.fault(f"got {char!r}, which is no word of Groovy", start)
        return self._take(_MARKS[mark[0]], len(mark[0]))

    def _take(self, kind: str, length: int) -> Token:
        start = self.at
        self.at += length
        return Token(kind, self.text[start : self.at], start)

    def _piece(self, quote: str, start: int, *, first: bool) -> Token:
        """Read a text in double quotes up to its end, or up to and with the next dollar that means something."""
        self.at += len(quote) if first else 0
        found = _PLAIN[quote].match(self.text, self.at)
        self.at = found.end() if found else self.at
        if self.text.startswith(quote, self.at):
            self.at += len(quote)
            return Token("GStringFull" if first else "GStringEnd", self.text[start : self.at], start)
        if not self.text.startswith("$", self.at):
            raise self.source.fault("got a text that is never closed", start)
        self.at += 1
        token = Token("GStringBegin" if first else "GStringPart", self.text[start : self.at], start)
        self.modes.append([quote])
        if self.text[self.at] == "{":
            self.pending.append(self._take("LBrace", 1))
            self.modes.append([None, 0])
            return token
        path = _PATH.match(self.text, self.at)
        for part in _PATH_PART.finditer(path[0] if path else ""):
            word = self._take("Dot", len(part[0]))
            self.pending.append(word if word.text == "." else word._replace(kind=_name_kind(word.text)))
        return token


def _kind(name: str) -> str:
    return _KINDS.get(name) or _name_kind(name)


def _name_kind(name: str) -> str:
    return "CapitalizedIdentifier" if name[0].isupper() else "Identifier"


def _number_kind(found: re.Match[str]) -> str:
    if found["hex"]:
        return "IntLiteral"
    real = found["point"] or found["fraction"] or found["exponent"] or (found["suffix"] or "").lower() in {"f", "d"}
    return "FloatLiteral" if real and not found["binary"] and not found["octal"] else "IntLiteral"
