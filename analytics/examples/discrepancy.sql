-- Which disagreements are open, between whom, about how many chips?
SELECT discrepancy, kind, party_a, party_b, chips, opened_index
FROM discrepancy
WHERE state = 'open'
ORDER BY chips DESC, discrepancy;
