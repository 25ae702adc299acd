# METADATA
# title: Immutable repositories on Artifactory
# description: Repositories of releases drop no tags, believe no client's checksum, and let nobody delete or overwrite.
# related_resources:
# - https://jfrog.com/help/r/jfrog-artifactory-documentation/local-repositories
package graven.registries.artifactory

# METADATA
# title: No tags are dropped
# description: maxUniqueTags is 0, so that a new tag does not delete an old one.
# custom:
#   id: graven-artifactory-tags
#   severity: high
#   remediation: Set max_unique_tags (maxUniqueTags) to 0.
deny contains {"msg": "a new tag deletes the oldest one"} if {
	some key in ["max_unique_tags", "maxUniqueTags"]
	to_number(settings[key]) > 0
}

# METADATA
# title: Releases and snapshots apart
# description: A repository that takes releases takes no snapshots, which change.
# custom:
#   id: graven-artifactory-snapshots
#   severity: medium
#   remediation: Set handle_snapshots (handleSnapshots) to false, and keep snapshots in a repository of their own.
deny contains {"msg": "releases and snapshots, which change, lie in one repository"} if {
	some [releases, snapshots] in [["handle_releases", "handle_snapshots"], ["handleReleases", "handleSnapshots"]]
	yes(settings[releases])
	yes(settings[snapshots])
}

# METADATA
# title: Checksums of clients are held against the bytes
# description: With server-generated checksums, what arrives is not held against what was sent.
# custom:
#   id: graven-artifactory-checksums
#   severity: medium
#   remediation: Set checksum_policy_type (checksumPolicyType) to client-checksums.
deny contains {"msg": "what arrives is not held against the client's checksum"} if {
	some key in ["checksum_policy_type", "checksumPolicyType"]
	settings[key] == "server-generated-checksums"
}

# METADATA
# title: Nobody deletes or overwrites
# description: No permission on a repository holds delete, which lets its holder overwrite too.
# custom:
#   id: graven-artifactory-delete
#   severity: high
#   remediation: Take delete out of the permissions; delete by a procedure that leaves a trace.
deny contains {"msg": msg} if {
	input.type == "artifactory_permission_target"
	some kind in ["users", "groups"]
	some holder in input.values.repo[_].actions[_][kind]
	"delete" in holder.permissions
	msg := sprintf("%s may delete and overwrite artifacts", [holder.name])
}

# of Terraform's resource, or of the JSON of Artifactory's REST API
settings := input.values if startswith(input.type, "artifactory_local_")

settings := input if input.rclass == "local"

yes(value) if value in {true, "true"}
