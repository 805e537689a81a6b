"""A follower of the log: what the entries add up to, for people who ask in SQL. It changes nothing."""
