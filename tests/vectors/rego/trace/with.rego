package main

import rego.v1

base := input.n
p if base == 7 with input.n as 7
q := x if x := base with input as {"n": {"deep": true}}
r if data.conf.on with data.conf as {"on": true}
s := y if y := upper("x") with upper as lower
t := y if y := f(1) with f as 9
f(x) := x + 1
u if count(input.tags) == 9 with count as f2
f2(_) := 9
