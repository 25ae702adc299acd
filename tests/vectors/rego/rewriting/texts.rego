package notes

note := $"{input.name} has {count(input.orders)} orders of {limit}: {[o.id | some o in input.orders]}" if {
	print("name", input.name, [x | x := input.orders[_]; print(x)])
	not $"{input.flag}" == "off"
}

default limit := 7

limit := input.limit

plain := $"a{1}b\{c}"
