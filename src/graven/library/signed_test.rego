package graven.signed_test

import data.graven.example
import data.graven.signed

test_a_trusted_signature_is_enough if {
	count(signed.deny) == 0 with input as example.question with data.parameters as example.parameters
}

test_no_signature_refuses if {
	unsigned := object.union(example.question, {"signature": {"verified": false, "identities": []}, "signatures": []})
	count(signed.deny) == 1 with input as unsigned with data.parameters as example.parameters
}

test_a_question_that_says_nothing_of_signatures_refuses if {
	count(signed.deny) == 1 with input as {} with data.parameters as example.parameters
}

test_another_identity_than_those_named_refuses if {
	named := object.union(example.parameters, {"default": {"identities": ["*@platform"]}})
	some refusal in signed.deny with input as example.question with data.parameters as named
	refusal.msg == "signed by release@team, and not by any of *@platform"
}

test_a_pattern_of_identities_lets_through if {
	named := object.union(example.parameters, {"default": {"identities": ["*@team"]}})
	count(signed.deny) == 0 with input as example.question with data.parameters as named
}
