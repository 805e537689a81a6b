"""The ordinary routes, a module a subject."""
