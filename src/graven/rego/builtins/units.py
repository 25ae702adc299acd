"""Owns amounts with units: ``10Gi``, ``100m``, ``5KB``."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin
from graven.rego.numerals import parse_number
from graven.rego.values import Value

__all__ = ["BUILTINS"]

_NUMBER = re.compile(r"(?:[0-9.+-]|[eE](?=[0-9+-]))*")
_EXPONENT = re.compile(r"[eE][+-]?([0-9]+)\Z")
_AMOUNT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_MAX_EXPONENT = 100_000
_LETTERS = "kmgtpe"
_FACTORS: dict[str, Fraction] = {"": Fraction(1)}
for _power, _letter in enumerate(_LETTERS, 1):
    _FACTORS[_letter] = Fraction(1000**_power)
    _FACTORS[f"{_letter}i"] = Fraction(1024**_power)


def _amount(text: str, kind: str) -> tuple[Fraction, str]:
    """Cut a text into its number and its unit."""
    plain = text.replace('"', "")
    if " " in plain:
        raise BuiltinError("spaces not allowed in resource strings")
    match = _NUMBER.match(plain)
    number = match.group() if match else ""
    if not number:
        raise BuiltinError(f"no {kind}amount provided")
    exponent = _EXPONENT.search(number)
    if exponent and (len(exponent.group(1)) > 6 or int(exponent.group(1)) > _MAX_EXPONENT):
        raise BuiltinError("exponent too large")
    if not _AMOUNT.match(number):
        raise BuiltinError(f"could not parse {kind}amount to a number")
    return Fraction(Decimal(number)), plain[len(number) :]


def _parse(text: str) -> Value:
    amount, unit = _amount(text, "")
    factor = Fraction(1, 1000) if unit == "m" else None
    if factor is None:
        folded = unit.lower()
        factor = _FACTORS.get(folded)
    if factor is None:
        raise BuiltinError(f"unit {unit} not recognized")
    found = amount * factor
    if found.denominator == 1:
        return int(found)
    scaled = round(found * 10**10)
    return parse_number(f"{'-' if scaled < 0 else ''}{abs(scaled) // 10**10}.{abs(scaled) % 10**10:010d}")


def _parse_bytes(text: str) -> Value:
    amount, unit = _amount(text, "byte ")
    folded = unit.lower()
    factor = _FACTORS.get(folded.removesuffix("b") if len(folded) > 1 else folded)
    if factor is None:
        raise BuiltinError(f"byte unit {unit} not recognized")
    return int(amount * factor)


BUILTINS: tuple[Builtin, ...] = (builtin("units.parse", _parse), builtin("units.parse_bytes", _parse_bytes))
