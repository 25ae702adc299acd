package main

import rego.v1

p contains x if { some x in numbers.range(1, 4); x % 2 == 0; x > 2 }
q := sum([x | some x in p])
r := count(p) > 0
