"""The ledger over HTTP: a FastAPI application whose hot routes are plain ASGI handlers."""
