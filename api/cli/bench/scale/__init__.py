"""How do follower, snapshots and reports bear millions of chips? A log of that size, made and measured."""
