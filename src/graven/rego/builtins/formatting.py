"""Owns ``sprintf``: the verbs of Go's ``fmt`` over numbers and strings, its faults written into the text as Go does."""

from __future__ import annotations

import re
from decimal import Decimal
from math import copysign, frexp

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.notation import quoted, term_text
from graven.rego.numerals import number_text
from graven.rego.values import Value

__all__ = ["BUILTINS", "general"]

_VERB = r"(?s)%([+\-# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(\*|\d+)?)?(?:\[(\d+)\])?(.)?"
_HAS_PRECISION = r"%[+\-# 0]*(?:\[\d+\])?(?:\*|\d+)?\."
_MAX_WIDTH = 1_000_000


def _argument(value: Value) -> int | float | str:
    """Give what Go's ``fmt`` gets: an integer, a float, or text."""
    if value.__class__ is int:
        return int(value)
    if value.__class__ in (float, Decimal):
        whole = int(value) if value.__class__ is Decimal and value.adjusted() < 300 and value % 1 == 0 else None
        near = float(value)
        if near in (float("inf"), float("-inf")):
            return number_text(value)
        return near if whole is None else whole
    return str(value) if value.__class__ is str else term_text(value)


def _sprintf(context: Context, text: str, values: Value) -> Value:
    if "%" in text:
        return _simple(text, values) or _Format(text, [_argument(value) for value in values], context.max_size).run()
    return text + _extra([_argument(value) for value in values])


def _simple(text: str, values: Value) -> str:
    """Give the text of a format of nothing but ``%v``, one for each of some texts and integers; "" if it is another."""
    parts = text.split("%v")
    if len(parts) != len(values) + 1 or "%" in "".join(parts) or not _SIMPLE.issuperset(map(type, values)):
        return ""
    told = [parts[0]]
    for value, part in zip(values, parts[1:], strict=True):
        told += (value if value.__class__ is str else str(value), part)
    return "".join(told)


_SIMPLE = frozenset({str, int})


class _Format:
    """One run over a format."""

    def __init__(self, text: str, arguments: list[int | float | str], limit: int) -> None:
        self.text = text
        self.arguments = arguments
        self.limit = limit
        self.next = 0
        self.reordered = False

    def run(self) -> str:
        """Give the formatted text."""
        out = re.sub(_VERB, self._verb, self.text)
        rest = [] if self.reordered else self.arguments[self.next :]
        return out + _extra(rest)

    def _number(self, text: str | None) -> int | None:
        if text == "*":
            found = self.arguments[self.next] if self.next < len(self.arguments) else None
            self.next += 1
            return found if isinstance(found, int) else None
        number = None if text is None else int(text)
        if number is not None and number > min(self.limit, _MAX_WIDTH):
            raise BuiltinError(f"a width of {number} is too large")
        return number

    def _verb(self, match: re.Match[str]) -> str:
        flags, first, width_text, precision_text, second, verb = match.groups()
        if verb is None:
            return "%!(NOVERB)"
        width = self._number(width_text)
        precision = self._number(precision_text)
        if precision is None and re.match(_HAS_PRECISION, match.group()):
            precision = 0
        if verb == "%":
            return "%"
        index = second or first
        if index is not None:
            self.reordered = True
            self.next = int(index) - 1
            if not 0 <= self.next < len(self.arguments):
                return f"%!{verb}(BADINDEX)"
        if self.next >= len(self.arguments):
            return f"%!{verb}(MISSING)"
        argument = self.arguments[self.next]
        self.next += 1
        return _formatted(verb, argument, flags, width, precision)


def _extra(rest: list[int | float | str]) -> str:
    if not rest:
        return ""
    return "%!(EXTRA " + ", ".join(f"{_type(each)}={_plain(each)}" for each in rest) + ")"


def _type(argument: float | str) -> str:
    if isinstance(argument, int):
        return "int64" if -(2**63) <= argument < 2**63 else "*big.Int"
    return "float64" if isinstance(argument, float) else "string"


def _plain(argument: float | str) -> str:
    return general(argument, None, "g") if isinstance(argument, float) else str(argument)


def _formatted(verb: str, argument: float | str, flags: str, width: int | None, precision: int | None) -> str:
    if verb == "v":
        flags = flags.replace("+", "")  # it asks for names of fields, which no value here has
    if isinstance(argument, int):
        body = _integer(verb, argument, flags, precision)
    elif isinstance(argument, float):
        body = _float(verb, argument, flags, precision)
    else:
        body = _string(verb, argument, flags, precision)
    if body is None:
        return f"%!{verb}({_type(argument)}={_plain(argument)})"
    return _padded(body, flags, width, numeric=not isinstance(argument, str))


def _padded(body: str, flags: str, width: int | None, *, numeric: bool) -> str:
    if width is None or len(body) >= width:
        return body
    if "-" in flags:
        return body.ljust(width)
    if "0" in flags and numeric:
        sign = body[:1] if body[:1] in "+- " else ""
        return sign + body[len(sign) :].rjust(width - len(sign), "0")
    return body.rjust(width, "0" if "0" in flags else " ")


def _signed(text: str, flags: str) -> str:
    if text.startswith("-"):
        return text
    return "+" + text if "+" in flags else " " + text if " " in flags else text


def _integer(verb: str, number: int, flags: str, precision: int | None) -> str | None:
    base = {"v": "d", "d": "d", "b": "b", "o": "o", "x": "x", "X": "X", "O": "o"}.get(verb)
    if base is not None:
        digits = format(abs(number), base).rjust(precision or 0, "0")
        mark = (
            {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(verb, "") if "#" in flags else "0o" if verb == "O" else ""
        )
        return _signed(("-" if number < 0 else "") + mark + digits, flags)
    if verb == "s" and _type(number) == "*big.Int":
        return str(number)
    if verb in "cq" and _type(number) == "int64":
        char = chr(number) if 0 <= number < 0xD800 or 0xE000 <= number < 0x110000 else "\ufffd"
        return char if verb == "c" else f"'{char}'"
    if verb == "U" and 0 <= number < 0x110000:
        return f"U+{number:04X}"
    return None


def _float(verb: str, number: float, flags: str, precision: int | None) -> str | None:
    if verb in ("v", "g", "G"):
        text = general(number, precision, "G" if verb == "G" else "g")
        return _signed(text, flags)
    if verb in "eEfF":
        text = format(number, f".{6 if precision is None else precision}{verb}")
        return _signed(text, flags)
    if verb in "bxX":
        return _signed(_binary(verb, number, precision), flags)
    return None


def general(number: float, precision: int | None, verb: str) -> str:
    """Write a float with the fewest digits, in exponent form below 1e-4 and from a million on, as Go's ``%g`` does."""
    if precision is not None:
        return format(number, f".{precision or 1}{verb}")
    text = repr(number)
    if not number or 1e-4 <= abs(number) < 1e6:
        return text.removesuffix(".0")
    digits = len(Decimal(text).normalize().as_tuple().digits)
    return format(number, f".{digits - 1}{'E' if verb == 'G' else 'e'}")


def _binary(verb: str, number: float, precision: int | None) -> str:
    """Write the mantissa and the power of two: all 53 bits for ``b``, else in base 16 with one before the point."""
    half, power = frexp(abs(number))
    bits, sign = int(half * 2**53), "-" if copysign(1.0, number) < 0 else ""
    if verb == "b":
        return f"{sign}{bits}p{power - 53 if number else -1074:+d}"
    places = 13 if precision is None else precision
    whole, lost = divmod(bits << 4 * places, 1 << 52)
    whole += lost > 1 << 51 or (lost == 1 << 51 and whole & 1)
    if whole >= 2 * 16**places:
        whole, power = whole // 2, power + 1
    lead, rest = divmod(whole, 16**places)
    digits = f"{rest:0{places}x}" if places else ""
    digits = digits.rstrip("0") if precision is None else digits
    text = f"{sign}0x{lead}{'.' * bool(digits)}{digits}p{power - 1 if number else 0:+03d}"
    return text.upper() if verb == "X" else text


def _string(verb: str, text: str, flags: str, precision: int | None) -> str | None:
    cut = text if precision is None else text[:precision]
    if verb in ("v", "s"):
        return quoted(cut) if "#" in flags and verb == "v" else cut
    if verb == "q":
        return f"`{cut}`" if "#" in flags and "`" not in cut else quoted(cut)
    if verb in "xX":
        digits = cut.encode().hex(" " if " " in flags else "") if " " in flags else cut.encode().hex()
        return digits.upper() if verb == "X" else digits
    return None


BUILTINS: tuple[Builtin, ...] = (builtin("sprintf", _sprintf, contextual=True),)
