-- Which statements came in longest after what they tell of?
SELECT entry_index, kind, party, occurred_at, admitted_at, lag_s
FROM entry
WHERE corrected_by IS NULL
ORDER BY lag_s DESC, entry_index
LIMIT 20;
