"""Turns parsed modules into Python functions: names, rule tree, safety, types, then ``ast`` nodes."""
