-- Which chips that are there belong to this group, standing and model?
SELECT c.chip, c.model, c.custodian, c.owner, c.site, c.status, c.entry_index
FROM chip AS c
LEFT JOIN site AS t ON t.site = c.site
LEFT JOIN party_span AS p ON p.party = c.custodian AND p.to_index IS NULL
LEFT JOIN party_ancestor AS u
    ON u.party = c.custodian AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
LEFT JOIN party_ancestor AS o
    ON o.party = c.owner AND o.basis = $basis AND o.is_ultimate AND o.to_index IS NULL
LEFT JOIN (
    SELECT DISTINCT l.chip
    FROM discrepancy_chip AS l
    INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy
    WHERE d.state IN ('open', 'answered') AND l.closed_index IS NULL
) AS x ON x.chip = c.chip
WHERE
    c.status IN ('held', 'in_transit')
    AND COALESCE(
        CASE $grouping
            WHEN 'custodian' THEN c.custodian
            WHEN 'owner' THEN c.owner
            WHEN 'country' THEN COALESCE(t.country, p.country)
            WHEN 'site' THEN c.site
            WHEN 'model' THEN c.model
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, c.custodian)
            WHEN 'owner_parent' THEN COALESCE(o.ancestor, c.owner)
        END,
        ''
    ) = $grouped
    AND (
        $standing = '*'
        OR $standing = CASE
            WHEN x.chip IS NOT NULL THEN 'disputed'
            WHEN c.status = 'in_transit' THEN 'in_transit'
            WHEN c.system IS NOT NULL THEN 'placed'
            ELSE 'stored'
        END
    )
    AND COALESCE(t.country, p.country, '') <> $outside
    AND ($models = '*' OR POSITION(' ' || COALESCE(c.model, '-') || ' ' IN ' ' || $models || ' ') > 0)
ORDER BY c.chip
