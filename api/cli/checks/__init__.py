"""Does what a ledger says hold? Receipts, keys and whole logs, checked without its word."""
