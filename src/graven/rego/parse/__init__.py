"""Reads the text of modules: terms, bodies, rules, annotations, and what v1 forbids."""
