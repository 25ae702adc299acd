# METADATA
# title: Immutable tags on Harbor
# description: Each project has a rule that keeps every tag from being moved or deleted, and lets only signed images out.
# related_resources:
# - https://goharbor.io/docs/2.12.0/working-with-projects/working-with-images/create-tag-immutability-rules/
package graven.registries.harbor

# METADATA
# title: Tags are immutable
# description: A harbor_immutable_tag_rule that is not disabled matches all tags of all repositories of the project.
# custom:
#   id: graven-harbor-immutable-tags
#   severity: critical
#   remediation: Add a harbor_immutable_tag_rule for the project with repo_matching and tag_matching "**".
deny contains {"msg": "tags can be moved to other images"} if {
	input.type == "harbor_project"
	not immutable
}

immutable if {
	some rule in input.referrers
	rule.type == "harbor_immutable_tag_rule"
	rule.values.repo_matching == "**"
	rule.values.tag_matching == "**"
	not disabled(rule)
}

disabled(rule) if yes(rule.values.disabled)

# METADATA
# title: Only signed images are pulled
# description: The project lets only images out that cosign has signed.
# custom:
#   id: graven-harbor-signed
#   severity: high
#   remediation: Set enable_content_trust_cosign = true.
deny contains {"msg": "unsigned images can be pulled"} if {
	input.type == "harbor_project"
	not signed
}

signed if yes(input.values.enable_content_trust_cosign)

# METADATA
# title: Not deleted with its images
# description: A project with force_destroy is deleted with everything in it.
# custom:
#   id: graven-harbor-force-destroy
#   severity: critical
#   remediation: Take force_destroy away.
deny contains {"msg": "force_destroy deletes the project with all its images"} if {
	input.type == "harbor_project"
	yes(input.values.force_destroy)
}

yes(value) if value in {true, "true"}
