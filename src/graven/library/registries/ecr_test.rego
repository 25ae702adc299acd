package graven.registries.ecr_test

import data.graven.registries.ecr

repository(values) := {"type": "aws_ecr_repository", "values": values}

moved := {{"msg": "tags can be moved to other images"}}

test_each_form[name] if {
	some name, case in {
		"immutable": {"values": {"image_tag_mutability": "IMMUTABLE"}, "want": set()},
		"mutable": {"values": {"image_tag_mutability": "MUTABLE"}, "want": moved},
		"not said": {"values": {}, "want": moved},
		"with exclusions": {"values": {"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION"}, "want": set()},
		"with all excluded": {"values": {"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION", "image_tag_mutability_exclusion_filter": [{"filter": "latest"}, {"filter": "*", "filter_type": "WILDCARD"}]}, "want": moved},
		"with some excluded": {"values": {"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION", "image_tag_mutability_exclusion_filter": [{"filter": "dev-*"}, {"filter": "*-dev"}]}, "want": set()},
		"deleted": {"values": {"image_tag_mutability": "IMMUTABLE", "force_delete": true}, "want": {{"msg": "force_delete deletes the repository with all its images"}}},
		"deleted by a word": {"values": {"image_tag_mutability": "IMMUTABLE", "force_delete": "true"}, "want": {{"msg": "force_delete deletes the repository with all its images"}}},
		"kept": {"values": {"image_tag_mutability": "IMMUTABLE", "force_delete": false}, "want": set()},
	}
	ecr.deny == case.want with input as repository(case.values)
}

test_exclusions_are_told if {
	ecr.warn == {{"msg": "tags that a filter excludes can be moved to other images"}} with input as repository({"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION"})
	ecr.warn == set() with input as repository({"image_tag_mutability": "IMMUTABLE"})
}

test_other_resources_are_left_alone if {
	ecr.deny == set() with input as {"type": "aws_ecr_lifecycle_policy", "values": {"force_delete": true}}
	ecr.deny == set() with input as {"type": "aws_ecr_lifecycle_policy", "values": {"image_tag_mutability": "MUTABLE"}}
	ecr.warn == set() with input as {"type": "aws_ecr_lifecycle_policy", "values": {"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION"}}
}
