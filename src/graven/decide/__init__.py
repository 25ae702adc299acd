"""What the rules are asked, and what they say: question, policy sets, stages, verdict, record and replay. Pure."""
