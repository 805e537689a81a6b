"""What a person reads and types: words, tables, advice, shared options. Knows no network."""
