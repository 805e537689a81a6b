"""Is the whole log what it claims to be? Everything checked again from published bytes alone."""
