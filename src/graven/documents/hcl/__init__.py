"""HashiCorp's configuration language: its words, its syntax tree, its JSON form, and what of it is known at rest.

``source`` holds a text and finds lines in it, ``tokens`` cuts it into words, ``tree`` has the forms, ``grammar``,
``operands`` and ``templates`` build them, ``shape`` gives the JSON that conftest gives. ``scope``, ``evaluation`` and
``functions`` find the values that do not depend on a run. The parsers ``hcl1`` and ``hcl2`` and the reading of
Terraform stand beside this package.
"""

from __future__ import annotations

__all__: list[str] = []
