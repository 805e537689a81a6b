-- Which chips came onto this account or left it within the span, under which term and by which entry?
WITH
held AS (
    SELECT
        v.chip,
        v.changed,
        v.status,
        v.liable,
        v.born,
        CASE WHEN v.born >= 0 THEN v.custodian END AS custodian,
        CASE
            WHEN v.born >= 0 AND v.custodian IS NOT NULL
                THEN CASE $grouping
                    WHEN 'party' THEN v.custodian
                    WHEN 'site' THEN v.site
                    ELSE v.model
                END
        END AS account
    FROM record.chip_version AS v
    WHERE v.changed < CAST($to_size AS BIGINT)
),
stepped AS (
    SELECT
        h.*,
        LAG(h.custodian) OVER (PARTITION BY h.chip ORDER BY h.changed) AS old_custodian,
        LAG(h.account) OVER (PARTITION BY h.chip ORDER BY h.changed) AS old_account,
        LEAD(h.changed) OVER (PARTITION BY h.chip ORDER BY h.changed) AS next_changed
    FROM held AS h
    WHERE h.chip IN (SELECT n.chip FROM held AS n WHERE n.account = $grouped)
),
moved AS (
    SELECT t.*, e.kind
    FROM stepped AS t
    INNER JOIN entry AS e ON e.entry_index = t.changed
    WHERE t.changed >= CAST($from_size AS BIGINT) AND COALESCE(t.account, '') <> COALESCE(t.old_account, '')
),
termed AS (
    SELECT
        m.chip,
        m.changed,
        CASE
            WHEN $grouping <> 'party' AND m.custodian IS NOT NULL AND m.old_custodian IS NOT NULL
                THEN CASE $grouping WHEN 'site' THEN 'moved_in' ELSE 'reclassified_in' END
            WHEN m.kind = 'discrepancy.resolved' AND m.born = m.changed THEN 'split_in'
            WHEN m.kind = 'chips.declared' AND m.born <> m.changed THEN 'recovered'
            WHEN m.kind = 'chips.registered' THEN 'registered'
            WHEN m.kind = 'chips.declared' THEN 'declared'
            WHEN m.kind = 'shipment.arrived' THEN 'received'
            WHEN m.kind IN ('discrepancy.answered', 'discrepancy.resolved') THEN 'conceded_in'
            WHEN m.kind = 'statement.corrected' THEN 'corrected_in'
        END AS term
    FROM moved AS m
    WHERE m.account = $grouped
    UNION ALL
    SELECT
        m.chip,
        m.changed,
        CASE
            WHEN $grouping <> 'party' AND m.custodian IS NOT NULL AND m.old_custodian IS NOT NULL
                THEN CASE $grouping WHEN 'site' THEN 'moved_out' ELSE 'reclassified_out' END
            WHEN m.kind = 'statement.corrected' THEN 'corrected_out'
            WHEN m.custodian IS NOT NULL AND m.kind = 'shipment.arrived' THEN 'handed_over'
            WHEN
                m.kind IN ('discrepancy.answered', 'discrepancy.resolved')
                AND (m.custodian IS NOT NULL OR (m.liable IS NOT NULL AND m.liable <> m.old_custodian))
                THEN 'conceded_out'
            WHEN m.custodian IS NULL AND m.status IN ('destroyed', 'missing', 'replaced') THEN m.status
        END AS term
    FROM moved AS m
    WHERE m.old_account = $grouped
    UNION ALL
    SELECT t.chip, t.changed, 'opening' AS term
    FROM stepped AS t
    WHERE
        t.account = $grouped
        AND t.changed < CAST($from_size AS BIGINT)
        AND (t.next_changed IS NULL OR t.next_changed >= CAST($from_size AS BIGINT))
    UNION ALL
    SELECT t.chip, t.changed, 'closing' AS term
    FROM stepped AS t
    WHERE t.account = $grouped AND t.next_changed IS NULL
)
SELECT t.term, t.chip, e.kind, e.party AS said_by, e.admitted_at, t.changed AS entry_index
FROM termed AS t
INNER JOIN entry AS e ON e.entry_index = t.changed
WHERE t.term = $term OR ($term = 'moves' AND t.term NOT IN ('opening', 'closing'))
ORDER BY t.term, t.chip, t.changed
