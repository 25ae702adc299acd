package main

import rego.v1

p if input.tags[_] == "a"
q if { some t in input.tags; r(t) }
r(t) if { some x in ["a", "b"]; x == t }
s := true if { p; q }
s := true if { input.n == 3 }
