"""Mutation testing: rules are changed one small thing at a time, and a change that no test notices is told.

``operators`` makes the mutants of a module, ``survey`` runs the tests against each. A mutant that survives is a
question that the tests do not ask, or one that means the same as the rule; the latter are listed by hand.
"""

from __future__ import annotations

from graven.rego.mutation.operators import OPERATORS, Mutant, mutants
from graven.rego.mutation.survey import Survey, Verdict, survey

__all__ = ["OPERATORS", "Mutant", "Survey", "Verdict", "mutants", "survey"]
