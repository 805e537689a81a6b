"""The ledger at the other end of HTTP: asked, and believed in nothing."""
