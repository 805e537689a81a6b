-- What did counts find, against the book?
SELECT party, site, model, scope, book, counted, absent, surplus, book - counted AS muf
FROM stocktake
ORDER BY absent DESC, entry_index, model;
