"""Which dated rule lists a chip, and how many of it a quota holds. Not legal advice."""
