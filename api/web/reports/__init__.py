"""Reports as pages: what each says in a sentence, as a picture, as tables that lead to chips and entries."""
