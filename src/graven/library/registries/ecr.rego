# METADATA
# title: Immutable tags on Amazon ECR
# description: A tag of a repository of releases never points at something else, and the repository is not deleted.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
package graven.registries.ecr

# METADATA
# title: Tags are immutable
# description: image_tag_mutability is IMMUTABLE, and no filter excludes all tags.
# custom:
#   id: graven-ecr-immutable-tags
#   severity: critical
#   remediation: Set image_tag_mutability = "IMMUTABLE".
deny contains {"msg": "tags can be moved to other images"} if {
	input.type == "aws_ecr_repository"
	not immutable
}

immutable if {
	input.values.image_tag_mutability in {"IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"}
	not all_excluded
}

all_excluded if regex.match(`^\*+$`, input.values.image_tag_mutability_exclusion_filter[_].filter)

# METADATA
# title: No tag is excluded
# description: A tag that a filter excludes can be moved.
# custom:
#   id: graven-ecr-excluded-tags
#   severity: medium
#   remediation: Set image_tag_mutability = "IMMUTABLE".
warn contains {"msg": "tags that a filter excludes can be moved to other images"} if {
	input.type == "aws_ecr_repository"
	input.values.image_tag_mutability == "IMMUTABLE_WITH_EXCLUSION"
}

# METADATA
# title: Not deleted with its images
# description: A repository with force_delete is deleted with everything in it.
# custom:
#   id: graven-ecr-force-delete
#   severity: critical
#   remediation: Take force_delete away.
deny contains {"msg": "force_delete deletes the repository with all its images"} if {
	input.type == "aws_ecr_repository"
	input.values.force_delete in {true, "true"}
}
