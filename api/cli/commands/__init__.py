"""What a person types after `chipledger`: a module a command or group; other rooms do the work."""
