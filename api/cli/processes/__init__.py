"""Work that runs in a process of its own: how it is handed over, and what is done there."""
