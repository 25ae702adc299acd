package main

import rego.v1

p if max([count(input.tags), input.n + 1]) > count(concat("", input.tags)) + 1
q := object.get(input.labels, "tier", "none")
r := {1, 2, 3} & {2, 3, 4} | {9}
