package graven.signed_test

import data.graven.example
import data.graven.signed

unsigned := {"msg": "nobody trusted has signed this artifact"}

unreadable := {"msg": "the setting identities is not readable"}

test_each_setting[name] if {
	some name, case in {
		"anybody trusted": {"identities": [], "want": set()},
		"who signed": {"identities": ["release@team"], "want": set()},
		"a pattern of who signed": {"identities": ["*@platform", "*@team"], "want": set()},
		"others": {"identities": ["*@platform", "*@security"], "want": {{"msg": "signed by release@team, and not by any of *@platform, *@security"}}},
		"who signed and no word": {"identities": ["*@team", 7], "want": {unreadable}},
		"a word": {"identities": "*@team", "want": {unreadable}},
		"an object": {"identities": {"who": "*@team"}, "want": {unreadable}},
		"a set, which no file can hold": {"identities": {"*@platform"}, "want": {unreadable}},
	}
	case.want == signed.deny with input as example.question with data.parameters as example.set_to("identities", case.identities)
}

test_a_setting_that_is_missing_refuses if {
	signed.deny == {unreadable} with input as example.question with data.parameters as {}
}

signers := {"signature": {"verified": true, "identities": ["b@team", "a@team"]}, "signatures": [{"verified": true, "identity": "a@team"}]}

test_all_who_signed_are_told if {
	told := {{"msg": "signed by a@team, b@team, and not by any of *@platform"}}
	told == signed.deny with input as object.union(example.question, signers) with data.parameters as example.set_to("identities", ["*@platform"])
}

test_a_signer_without_a_name_is_nobody_of_those_named if {
	told := {{"msg": "signed by somebody without a name, and not by any of *@team"}}
	nameless := {"signature": {"verified": true}, "signatures": [{"verified": true}]}
	told == signed.deny with input as nameless with data.parameters as example.set_to("identities", ["*@team"])
}

test_what_is_not_verified[name] if {
	some name, case in {
		"alone": {"question": {"signature": {"verified": false, "identities": []}, "signatures": []}, "want": {unsigned}},
		"with a claim": {"question": {"signature": {"verified": "true"}}, "want": {unsigned}},
		"anybody": {"question": {"signatures": [{"verified": false, "identity": "release@team"}]}, "identities": [], "want": {{"msg": "signed by release@team, and not by any of "}}},
		"named": {"question": {"signatures": [{"verified": false, "identity": "release@team"}]}, "identities": ["*@team"], "want": {{"msg": "signed by release@team, and not by any of *@team"}}},
	}
	identities := object.get(case, "identities", [])
	case.want == signed.deny with input as object.union(example.question, case.question) with data.parameters as example.set_to("identities", identities)
}

test_a_question_that_says_nothing_of_signatures_refuses if {
	signed.deny == {unsigned} with input as {} with data.parameters as example.parameters
}
