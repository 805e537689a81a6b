"""The main job once, end to end, on a world with real proportions: `chipledger demo`."""
