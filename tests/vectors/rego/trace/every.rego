package main

import rego.v1

all_named if every c in input.spec.containers { c.name != "" }
all_ported if every c in input.spec.containers { c.port > 0 }
indexed if every i, t in input.tags { i >= 0; t in {"a", "b"} }
none if every x in [] { x == 1 }
wrong if every x in input.n { x == 1 }
