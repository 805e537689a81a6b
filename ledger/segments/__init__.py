"""Manifests as published: one immutable file a run, read and written alike by whoever has the folder."""
