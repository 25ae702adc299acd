package old
import future.keywords.in
p[x]{x:=1}
p[x] { x = 2; not q }
q{ input.x==1 } { input.y }
r = v { v := {k:1|k:="a"} } else = 2 { true }
s["k"] = 1
t { 1 in [1] }
