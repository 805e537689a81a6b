-- Which chips of this group were lost, by which entry, and who had them just before?
WITH last_there AS (
    SELECT v.number, MAX(v.changed) AS changed
    FROM record.chip_version AS v
    INNER JOIN record.chip_state AS c ON c.number = v.number
    WHERE c.status IN ('missing', 'destroyed') AND v.born >= 0 AND v.custodian IS NOT NULL
    GROUP BY v.number
),
gone AS (
    SELECT l.number, l.changed, MIN(v.changed) AS lost_index
    FROM last_there AS l
    INNER JOIN record.chip_version AS v ON v.number = l.number AND v.changed > l.changed
    GROUP BY l.number, l.changed
)
SELECT c.chip, c.model, v.custodian, v.owner, v.site, c.status, e.kind, g.lost_index AS entry_index
FROM gone AS g
INNER JOIN record.chip_state AS c ON c.number = g.number
INNER JOIN record.chip_version AS v ON v.number = g.number AND v.changed = g.changed
INNER JOIN entry AS e ON e.entry_index = g.lost_index
LEFT JOIN site AS t ON t.site = v.site
LEFT JOIN party_span AS p ON p.party = v.custodian AND p.to_index IS NULL
LEFT JOIN party_ancestor AS u
    ON u.party = CASE $grouping WHEN 'owner_parent' THEN v.owner ELSE v.custodian END
    AND u.basis = $basis
    AND u.is_ultimate
    AND u.to_index IS NULL
WHERE
    e.admitted_at >= CAST($counted_since AS TIMESTAMP)
    AND e.admitted_at < CAST($counted_until AS TIMESTAMP)
    AND COALESCE(
        CASE $grouping
            WHEN 'custodian' THEN v.custodian
            WHEN 'owner' THEN v.owner
            WHEN 'liable' THEN v.liable
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, v.custodian)
            WHEN 'owner_parent' THEN COALESCE(u.ancestor, v.owner)
            WHEN 'country' THEN COALESCE(t.country, p.country)
            WHEN 'site' THEN v.site
            WHEN 'maker' THEN SUBSTR(v.chip, 1, POSITION(':' IN v.chip) - 1)
            WHEN 'model' THEN v.model
        END,
        ''
    ) = $grouped
ORDER BY c.chip
