-- Which chips of this group and model has nobody independent seen for long?
SELECT c.chip, c.model, c.last_confirmed_at, c.entry_index
FROM unseen AS c
LEFT JOIN site AS t ON t.site = c.site
LEFT JOIN party_span AS p ON p.party = c.custodian AND p.to_index IS NULL
LEFT JOIN party_ancestor AS u
    ON u.party = c.liable AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
WHERE
    COALESCE(c.model, '-') = $models
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
