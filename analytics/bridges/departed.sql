-- How many entries of the old mirror are not in the new one as they were? The log only grows: none.
SELECT COUNT(*) AS entries
FROM {schema}_record.entry AS o
LEFT JOIN {schema}_incoming.entry AS n ON n.entry_index = o.entry_index AND n.statement = o.statement
WHERE n.entry_index IS NULL
