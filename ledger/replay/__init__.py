"""One inspection in one file, so that anybody can redo it: the file's form, its making, its check."""
