"""Tests of rules: ``runner`` asks each rule whose name begins with ``test_``, ``coverage`` says what they reached."""

from __future__ import annotations

from graven.rego.testing.coverage import Branch, Coverage, FileCoverage
from graven.rego.testing.runner import Case, Runner, TestResult, cases, run
from graven.rego.testing.subtests import SubResult

__all__ = ["Branch", "Case", "Coverage", "FileCoverage", "Runner", "SubResult", "TestResult", "cases", "run"]
