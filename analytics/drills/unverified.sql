-- Which chips of this group and model has nobody independent seen for long, and nothing else speaks against?
SELECT c.chip, c.model, c.confirmed_at AS last_confirmed_at, c.changed AS entry_index
FROM record.chip_state AS c
LEFT JOIN site AS t ON t.site = c.site
LEFT JOIN party_span AS p ON p.party = c.custodian AND p.to_index IS NULL
LEFT JOIN party_ancestor AS u
    ON u.party = c.liable AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
WHERE
    c.status IN ('held', 'in_transit')
    AND (c.confirmed_at IS NULL OR c.confirmed_at < CAST($confirmed_since AS TIMESTAMP))
    AND c.number NOT IN (SELECT x.number FROM record.evidence AS x)
    AND (
        c.status = 'held'
        OR COALESCE(c.shipment, '') NOT IN (
            SELECT s.shipment
            FROM shipment AS s
            INNER JOIN record.shipment_version AS v ON v.shipment = s.shipment AND v.changed = s.entry_index
            WHERE v.due_by_s < CAST($as_of_s AS BIGINT)
        )
    )
    AND COALESCE(c.model, '-') = $models
    AND COALESCE(
        CASE $grouping
            WHEN 'liable' THEN c.liable
            WHEN 'custodian' THEN c.custodian
            WHEN 'owner' THEN c.owner
            WHEN 'country' THEN COALESCE(t.country, p.country)
            WHEN 'site' THEN c.site
            WHEN 'model' THEN c.model
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, c.liable)
        END,
        ''
    ) = $grouped
ORDER BY c.chip
