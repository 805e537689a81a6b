-- Which chips did others see in this group, and had the book them there?
SELECT COALESCE(l.chip, m.chip) AS chip, l.is_both, l.entry_index
FROM listed AS l
LEFT JOIN record.chip_mention AS m ON m.entry_index = l.entry_index AND m.number = l.number
WHERE l.grouped = $grouped
ORDER BY 1
