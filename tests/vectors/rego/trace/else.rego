package main

import rego.v1

size := "small" if { input.n < 2 } else := "middle" if { input.n < 5 } else := "large"
