"""Outside estimates in others' tables, read as claims of ours: rows, what is left out of them, and why."""
