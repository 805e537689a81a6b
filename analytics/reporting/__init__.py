"""Standing questions put to a snapshot: which there are, what each may be asked, what is made of its rows."""
