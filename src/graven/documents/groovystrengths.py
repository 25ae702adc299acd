"""Owns how strongly Groovy's words bind, which node each makes, and which words may begin an expression."""

from __future__ import annotations

from graven.documents.groovybuilder import IDENTIFIERS, PRIMITIVES

__all__ = ["BINARY", "CALL", "COMMAND", "GOES_ON", "LITERALS", "NAVIGATION", "STARTERS", "STRINGS", "UNARY"]

CALL = 40
UNARY = 34
BINARY: dict[str, tuple[int, int, str]] = {}
for _strength, _kind, _names in (
    (8, "BinaryExpr", "Implication"),
    (10, "BinaryExpr", "Or"),
    (12, "BinaryExpr", "And"),
    (14, "BinaryExpr", "BitwiseOr"),
    (16, "BinaryExpr", "BitwiseXor"),
    (18, "BinaryExpr", "BitwiseAnd"),
    (20, "BinaryExpr", "Equal NotEqual Spaceship IdentityEqual IdentityNotEqual Regex Match"),
    (22, "BinaryExpr", "Lt Gt LtEqual GtEqual KwIn NotIn"),
    (22, "InstanceofExpr", "KwInstanceof NotInstanceof"),
    (22, "CastExpr", "KwAs"),
    (24, "BinaryExpr", "LeftShift RightShift UnsignedRightShift"),
    (26, "RangeExpr", "Range HalfOpenRight HalfOpenLeft FullOpen"),
    (28, "BinaryExpr", "Plus Minus"),
    (30, "BinaryExpr", "Star Div Mod"),
    (36, "PostfixExpr", "Inc Dec"),
    (38, "PropertyExpr", "Dot"),
    (38, "SafeNavExpr", "SafeNav"),
    (38, "SpreadPropertyExpr", "Spread"),
    (38, "MethodPointerExpr", "MethodPointer"),
    (38, "FieldAccessExpr", "FieldAccess"),
    (38, "MethodRefExpr", "MethodRef"),
    (CALL, "CallExpr", "LParen LBrace"),
    (CALL, "IndexExpr", "LBrack SafeIndex"),
):
    BINARY.update(dict.fromkeys(_names.split(), (_strength, _strength, _kind)))
_ASSIGNING = (
    *("Assign", "PlusAssign", "MinusAssign", "StarAssign", "DivAssign", "ModAssign", "PowerAssign", "ElvisAssign"),
    *("BitwiseAndAssign", "BitwiseOrAssign", "BitwiseXorAssign"),
    *("LeftShiftAssign", "RightShiftAssign", "UnsignedRightShiftAssign"),
)
for _name in _ASSIGNING:
    BINARY[_name] = (2, 1, "AssignExpr")
BINARY |= {"Question": (4, 0, "TernaryExpr"), "Elvis": (6, 5, "ElvisExpr"), "Power": (32, 31, "BinaryExpr")}
"""How strongly a word binds, how strongly what follows it must, and the node it makes."""
NAVIGATION = frozenset({"PropertyExpr", "SafeNavExpr", "SpreadPropertyExpr", "MethodPointerExpr", "FieldAccessExpr"})
STRINGS = frozenset({"StringLiteral", "GStringFull", "SlashyStringLit", "DollarSlashyStringLit"})
COMMAND = STRINGS | IDENTIFIERS | {
    "GStringBegin", "IntLiteral", "FloatLiteral", "BoolLiteral", "NullLiteral", "LParen", "LBrack", "KwNew", "KwThis",
    "KwSuper", "BitwiseNot",
}  # fmt: skip
"""What may be the first argument of a call without parentheses."""
STARTERS = COMMAND | PRIMITIVES | {
    "KwSwitch", "LBrace", "Plus", "Minus", "Star", "Not", "Inc", "Dec", "At", "HalfOpenLeft", "FullOpen",
}  # fmt: skip
LITERALS = STRINGS | {"IntLiteral", "FloatLiteral"}
GOES_ON = frozenset({"Dot", "SafeNav", "Spread", "MethodPointer", "FieldAccess", "MethodRef", "Question"})
