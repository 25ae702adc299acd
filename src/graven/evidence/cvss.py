"""Base scores of CVSS vectors: version 2 (FIRST guide, 3.2.1) and versions 3.0 and 3.1 (specification, section 7.1).

A vector of another version, or one that lacks a base metric, has no score: whoever asks says "unknown". Temporal and
environmental metrics are allowed and do not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Literal

__all__ = ["Level", "base_score", "level_of"]

Level = Literal["critical", "high", "medium", "low", "none", "unknown"]

_IMPACT_3 = {"H": 0.56, "L": 0.22, "N": 0.0}
_METRICS_3: Mapping[str, Mapping[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": _IMPACT_3,
    "I": _IMPACT_3,
    "A": _IMPACT_3,
}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
"""Privileges required weigh less where the scope changes."""
_IMPACT_2 = {"N": 0.0, "P": 0.275, "C": 0.660}
_METRICS_2: Mapping[str, Mapping[str, float]] = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "C": _IMPACT_2,
    "I": _IMPACT_2,
    "A": _IMPACT_2,
}


def base_score(kind: str, vector: str) -> float | None:
    """Give the base score of a vector of a kind (OSV: ``CVSS_V2``, ``CVSS_V3``), or None where there is none.

    >>> base_score("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H")
    10.0
    >>> base_score("CVSS_V2", "AV:N/AC:L/Au:N/C:P/I:P/A:P")
    7.5
    """
    metrics = _metrics(vector.removeprefix("CVSS:3.1/").removeprefix("CVSS:3.0/"))
    if metrics is None:
        return None
    try:
        return {"CVSS_V2": _score_2, "CVSS_V3": _score_3}[kind](metrics)
    except KeyError:
        return None


def level_of(score: float) -> Level:
    """Name a score (CVSS 3.1, section 5, "Qualitative Severity Rating Scale").

    >>> level_of(6.9), level_of(7.0), level_of(0.0)
    ('medium', 'high', 'none')
    """
    bounds: tuple[tuple[float, Level], ...] = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
    return next((level for bound, level in bounds if score >= bound), "none")


def _metrics(vector: str) -> dict[str, str] | None:
    pairs = [part.partition(":") for part in vector.strip("()").split("/") if part]
    found = {name: value for name, _, value in pairs}
    return found if len(found) == len(pairs) else None


def _score_3(metrics: Mapping[str, str]) -> float:
    weight = {name: weights[metrics[name]] for name, weights in _METRICS_3.items()}
    scope = metrics["S"]
    weight["PR"] = _PRIVILEGES[scope][metrics["PR"]]
    base = 1 - prod(1 - weight[name] for name in "CIA")
    impact = 6.42 * base if scope == "U" else 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15
    exploitability = 8.22 * weight["AV"] * weight["AC"] * weight["PR"] * weight["UI"]
    if impact <= 0:
        return 0.0
    return _round_up(min((1.0 if scope == "U" else 1.08) * (impact + exploitability), 10.0))


def _round_up(value: float) -> float:
    """Appendix A, "Floating Point Rounding": the smallest tenth that is not below the value."""
    hundred_thousandths = round(value * 100_000)
    return -(-hundred_thousandths // 10_000) / 10


def _score_2(metrics: Mapping[str, str]) -> float:
    weight = {name: weights[metrics[name]] for name, weights in _METRICS_2.items()}
    impact = 10.41 * (1 - prod(1 - weight[name] for name in "CIA"))
    exploitability = 20 * weight["AV"] * weight["AC"] * weight["Au"]
    return round((0.6 * impact + 0.4 * exploitability - 1.5) * (1.176 if impact else 0.0), 1)
