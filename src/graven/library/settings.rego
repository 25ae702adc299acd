# METADATA
# title: Settings of the shipped rules
# description: >-
#   What a stage sets under `parameters`, or else the policy set's default. Undefined where neither says anything, which
#   each rule refuses.
package graven.settings

value(name) := data.parameters.stages[input.target.stage][name]

value(name) := data.parameters["default"][name] if {
	not set_by_stage(name)
}

set_by_stage(name) if {
	some key, _ in data.parameters.stages[input.target.stage]
	key == name
}

number_at_least(name, least) if {
	is_number(value(name))
	value(name) >= least
}
