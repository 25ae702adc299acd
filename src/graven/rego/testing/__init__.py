"""Tests of rules: ``runner`` asks each rule whose name begins with ``test_``, ``coverage`` says what they reached."""

from __future__ import annotations

from graven.rego.testing.coverage import Branch, Coverage, FileCoverage
from graven.rego.testing.runner import Case, TestResult, cases, run

__all__ = ["Branch", "Case", "Coverage", "FileCoverage", "TestResult", "cases", "run"]
