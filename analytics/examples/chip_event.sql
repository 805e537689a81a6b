-- Which entries tell of the chip that most is told of?
SELECT e.chip, e.entry_index, e.kind, e.party, e.counterparty, e.admitted_at
FROM chip_event AS e
INNER JOIN (
    SELECT chip FROM chip_event GROUP BY chip ORDER BY COUNT(*) DESC, chip LIMIT 1
) AS most ON most.chip = e.chip
ORDER BY e.entry_index;
