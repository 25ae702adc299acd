package main

import rego.v1

f("a", _) := 1
f("b", y) := y
f(x, 3) := x
p := f("b", 2)
q := f("c", 3)
