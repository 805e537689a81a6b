-- Which chips has nobody independent seen for a year, or ever? A year before the snapshot's last entry.
SELECT c.chip, c.liable, c.site, c.last_confirmed_at
FROM chip AS c
CROSS JOIN snapshot AS s
WHERE c.status IN ('held', 'in_transit')
    AND (c.last_confirmed_at IS NULL OR c.last_confirmed_at < s.admitted_until - INTERVAL 365 DAY)
ORDER BY c.last_confirmed_at NULLS FIRST, c.chip;
