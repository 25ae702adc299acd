package p.q["a-b"]
import rego.v1
a.b.c := 1
a.d contains x if x := {1 , 2}[_]
a["e"]["f g"] := "s" if true
f(x,y)=z if z := x+y*2-1
f(x,_) := plus(x,1)   if{ x!=1;x in [1,2 ] }
g( {"a":b} ) := b
h if { 1 , 2 in [2] } else := 5 if { input.s | {2} == {1,2} } else = `raw`
i if { x:= {y|some y in [1,2]}; count(x)>1 with input as {} with data.x as 1 }
j if a.b.c==1
k if a.b.c==2

l if a.b.c==3
m := -1.50e3
n := set()
o if {{1}}
