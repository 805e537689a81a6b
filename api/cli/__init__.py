"""What a person types: `chipledger`, a module for each family of commands. `main.run` is the door."""
