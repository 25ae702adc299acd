package main

import rego.v1

p if { trace("looking"); print("at", input.n); trace(sprintf("%v", [input.tags])); input.n == 4 }
