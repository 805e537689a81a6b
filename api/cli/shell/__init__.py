"""The shell of `chipledger sql`: what is typed, completed, asked and shown."""
