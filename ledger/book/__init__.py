"""What was said, whether it may stand, and what follows from it."""
