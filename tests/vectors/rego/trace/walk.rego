package main

import rego.v1

images contains value if { walk(input, [path, value]); path[count(path) - 1] == "image" }
leaves contains v if { walk(input.labels, [_, v]); is_string(v) }
