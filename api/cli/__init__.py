"""What one types: `chipledger`, its commands, and a room for each kind of work. `main.run` is the door."""
