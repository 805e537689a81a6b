"""The verifier's day, a command a file: plan, commit, draw, and what follows."""
