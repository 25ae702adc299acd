# METADATA
# title: All of it
package annotated

# METADATA
# title: A rule
# custom:
#  level: high
deny contains msg if {
	meta := rego.metadata.rule()
	msg := sprintf("%s: %v", [meta.title, rego.metadata.chain()])
}
