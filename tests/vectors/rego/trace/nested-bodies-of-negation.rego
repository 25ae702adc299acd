package main

import rego.v1

p if { not input.spec.containers[0].port; not f(input.n) }
f(x) if { x > 5; not x == 7 }
q if { not has_port(80) }
has_port(n) if { some c in input.spec.containers; c.port == n }
