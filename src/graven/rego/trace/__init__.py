"""Owns traces of an evaluation as OPA prints them, and what such a trace shows: the expressions after rewriting."""
