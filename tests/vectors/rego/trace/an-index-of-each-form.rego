package main

import rego.v1

deny contains "1" if "web" in input.name
deny contains "2" if input.name == "web"
deny contains "3" if input.tags == "a"
deny contains "4" if input.tags[_] == "a"
deny contains "5" if "z" in input.tags
deny contains "6" if { x := "web"; y := x; y == input.name }
deny contains "7" if { k := "name"; input[k] == "q" }
deny contains "8" if { v := input.n; input.name in ["q", v] }
deny contains "10" if input.labels == {"app": "web"}
deny contains "11" if input.paths[0] == ["x", 1]
deny contains "12" if input.paths[0] = ["x", _]
deny contains "13" if { startswith(input.name, "q"); input.kind == "x" }
deny contains "14" if { endswith(input.name, "b"); startswith(input.name, "b") }
deny contains "15" if { strings.any_prefix_match(input.name, ["x", "w"]); input.kind == "Deployment" }
deny contains "16" if { strings.any_suffix_match(input.name, {"x", "eb"}); input.kind == "d" }
deny contains "17" if { input.kind in {"Deployment", "e"}; input.name in {"a", "web"}; input.n == 1 }
deny contains "18" if { glob.match("a*b", ["."], input.name) }
deny contains "19" if { glob.match("ghcr.io/*", ["/"], input.spec.containers[0].image) }
deny contains "20" if { glob.match("*/y", ["/"], input.name) }
deny contains "21" if { x := input; x.kind == "nope" }
deny contains "22" if { some c in input.tags; c == "q" }
deny contains "23" if { [a, 1] = input.paths[0]; a == "x" }
deny contains "24" if input.labels[_] == "front"
