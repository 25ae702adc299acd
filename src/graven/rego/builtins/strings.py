"""Owns the builtins on strings; their positions count code points, as OPA's do."""

from __future__ import annotations

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin, operand_error
from graven.rego.numerals import as_integer
from graven.rego.values import RegoSet, Value, boolean, type_name

__all__ = ["BUILTINS"]

_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
_DIGITS = {2: "b", 8: "o", 10: "d", 16: "x"}


def _strings(values: Value, position: int) -> list[str]:
    """Give the strings of a string, array or set."""
    if values.__class__ is str:
        return [values]
    items = values.ordered() if values.__class__ is RegoSet else values
    for item in items:
        if item.__class__ is not str:
            name = type_name(values)
            raise operand_error(position, f"{name} of strings", f"{name} containing {type_name(item)}")
    return list(items)


def _integer(value: Value, position: int) -> int:
    whole = as_integer(value)
    if whole is None or abs(whole) >= 2**63:
        raise operand_error(position, "integer number", "floating-point number")
    return whole


def _concat(mark: str, values: Value) -> Value:
    return mark.join(_strings(values, 2))


def _format_int(number: Value, base: Value) -> Value:
    form = _DIGITS.get(base)
    if form is None:
        raise operand_error(2, "one of {2, 8, 10, 16}", str(base))
    return format(int(number), form)


def _index(text: str, part: str) -> Value:
    if not part:
        raise BuiltinError("empty search character")
    return text.find(part)


def _indexes(text: str, part: str) -> Value:
    """Give every place of a part, overlapping ones too."""
    if not part:
        raise BuiltinError("empty search character")
    found, at = [], text.find(part)
    while at >= 0:
        found.append(at)
        at = text.find(part, at + 1)
    return tuple(found)


def _case(text: str, *, upper: bool) -> str:
    """Change case character by character, as Go does: the length stays."""
    changed = text.upper() if upper else text.lower()
    if text.isascii():
        return changed
    pairs = ((char, char.upper() if upper else char.lower()) for char in text)
    return "".join(new if len(new) == 1 else old for old, new in pairs)


def _split(text: str, mark: str) -> Value:
    return tuple(text.split(mark)) if mark else tuple(text)


def _split_n(text: str, mark: str, limit: Value) -> Value:
    """Give the first parts, or with a negative limit the last."""
    count, parts = _integer(limit, 3), _split(text, mark)
    return parts[:count] if count >= 0 else parts[count:]


def _substring(text: str, offset: Value, length: Value) -> Value:
    start, size = _integer(offset, 2), _integer(length, 3)
    if start < 0:
        raise BuiltinError("negative offset")
    return text[start:] if size < 0 else text[start : start + size]


def _any_match(starts: Value, parts: Value, *, prefix: bool) -> Value:
    texts, ends = _strings(starts, 1), tuple(_strings(parts, 2))
    return boolean(any(text.startswith(ends) if prefix else text.endswith(ends) for text in texts))


def _replace(context: Context, text: str, old: str, new: str) -> Value:
    size = len(text) + text.count(old) * (len(new) - len(old))
    if size > context.max_size:
        raise BuiltinError(f"a text of {size} characters is too large", halts=True)
    return text.replace(old, new)


def _count(text: str, part: str) -> Value:
    return text.count(part)


def _replace_n(context: Context, pairs: Value, text: str) -> Value:
    """Replace at each place by the first pattern that stands there, and go on behind it."""
    for what, parts in (("key", pairs), ("value", pairs.values())):
        if any(part.__class__ is not str for part in parts):
            raise BuiltinError(f"operand 1 non-string {what} found in pattern object", "eval_type_error")
    patterns, out, at, size = pairs.ordered_items(), [], 0, 0
    while at <= len(text):
        found = next(((old, new) for old, new in patterns if text.startswith(old, at)), None)
        if found is not None:
            out.append(found[1])
            size += len(found[1])
            if size > context.max_size:
                raise BuiltinError(f"a text of {size} characters is too large", halts=True)
        if found is None or not found[0]:
            out.append(text[at : at + 1])
            at += 1
        else:
            at += len(found[0])
    return "".join(out)


BUILTINS: tuple[Builtin, ...] = (
    builtin("concat", _concat),
    builtin("contains", lambda text, part: boolean(part in text)),
    builtin("startswith", lambda text, part: boolean(text.startswith(part))),
    builtin("endswith", lambda text, part: boolean(text.endswith(part))),
    builtin("format_int", _format_int),
    builtin("indexof", _index),
    builtin("indexof_n", _indexes),
    builtin("lower", lambda text: _case(text, upper=False)),
    builtin("upper", lambda text: _case(text, upper=True)),
    builtin("replace", _replace, contextual=True),
    builtin("split", _split),
    builtin("substring", _substring),
    builtin("trim", lambda text, chars: text.strip(chars)),
    builtin("trim_left", lambda text, chars: text.lstrip(chars)),
    builtin("trim_right", lambda text, chars: text.rstrip(chars)),
    builtin("trim_prefix", lambda text, part: text.removeprefix(part)),
    builtin("trim_suffix", lambda text, part: text.removesuffix(part)),
    builtin("trim_space", lambda text: text.strip(_SPACE)),
    builtin("strings.any_prefix_match", lambda texts, parts: _any_match(texts, parts, prefix=True)),
    builtin("strings.any_suffix_match", lambda texts, parts: _any_match(texts, parts, prefix=False)),
    builtin("strings.count", _count),
    builtin("strings.replace_n", _replace_n, contextual=True),
    builtin("strings.reverse", lambda text: text[::-1]),
    builtin("strings.split_n", _split_n),
)
