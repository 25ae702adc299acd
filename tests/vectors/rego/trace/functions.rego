package main

import rego.v1

f(x) := y if { y := x * 2; x > 1 }
f(x) := 0 if x <= 1
g("a") := 1
g("b") := 2
h(x, y) if x == y
default d(_) := "none"
d(x) := x if x == "some"
p := [f(input.n), f(1), f(input.n)]
q := g("b")
r if h(input.n, 3)
s if not h(1, 2)
t := [d("x"), d("some")]
