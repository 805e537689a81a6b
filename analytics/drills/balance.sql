-- Which chips stood on this account in this span, from which entry on and by what?
SELECT c.chip, e.kind, c.from_index, c.to_index, c.entry_index
FROM chip_span AS c
INNER JOIN entry AS e ON e.entry_index = c.from_index
WHERE
    c.custodian IS NOT NULL
    AND CASE $grouping WHEN 'party' THEN c.custodian WHEN 'site' THEN c.site ELSE c.model END = $grouped
    AND c.from_index < CAST($to_size AS BIGINT)
    AND (c.to_index IS NULL OR c.to_index >= CAST($from_size AS BIGINT))
ORDER BY c.chip, c.from_index
