-- Which chips did others see in this group, and had the book them there?
SELECT l.chip, l.is_both, l.entry_index
FROM listed AS l
WHERE l.grouped = $grouped
ORDER BY l.chip
