-- What was taken back, by whom, and by which entry?
SELECT entry_index, kind, party, admitted_at, corrected_by
FROM entry
WHERE corrected_by IS NOT NULL
ORDER BY corrected_by, entry_index;
