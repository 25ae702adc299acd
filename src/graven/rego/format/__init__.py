"""Writes modules in the one form of ``opa fmt``, comments kept; what it means never changes, or it is not written."""

from graven.rego.format.modules import formatted

__all__ = ["formatted"]
