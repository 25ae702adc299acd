package main

import rego.v1

team := "a" if input.name == "db"
team := "b" if input.name == "web"
team := "c" if { input.name == "web"; input.kind == "Job" }
level := 1 if input.n == 1
level := 2 if { input.n == 3; input.on == false }
route contains 1 if startswith(input.name, "we")
route contains 2 if startswith(input.name, "xx")
route contains 3 if input.name in ["web", "api"]
route contains 4 if "a" in input.tags
route contains 5 if "q" in input.tags
route contains 6 if glob.match("w*", [], input.name)
route contains 7 if input.labels.app
route contains 8 if input.labels.none
