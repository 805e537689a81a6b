"""What each kind of statement looks like: one module a family, shapes and no law."""
