"""From a person's files and options to signed statements: offline, equal input giving equal bytes."""
