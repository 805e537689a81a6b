-- Which statements say this?
SELECT e.entry_index, e.statement, e.kind, e.party, e.occurred_at, e.admitted_at
FROM entry AS e
WHERE POSITION(' ' || CAST(e.entry_index AS VARCHAR) || ' ' IN ' ' || $entries || ' ') > 0
ORDER BY e.entry_index
