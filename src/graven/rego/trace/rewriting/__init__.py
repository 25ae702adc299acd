"""Rewrites parsed modules and queries into what OPA's compiler leaves for evaluation; it evaluates nothing itself."""
