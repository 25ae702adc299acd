package orders

import data.prices as price
import input.customer

total := sum(amounts) if {
	amounts := [cost | some line in input.lines; cost := line.count * price[line.item]]
	count(amounts) > 0
}

first := name if {
	some i
	name := input.lines[i].item
	[kind, _] := split(name, "-")
	{"size": size} := input.lines[i]
	size != kind
	customer.name
}

sum_of(count) := x if {
	x = count + 1
	y := [x | x := count]
	y[_] == 1
}

shadowed if {
	max = input.most
	max > 3
}
