"""Where the log and its book are kept: one protocol, several stores, one contract."""
