-- Which chips can nobody show, on what evidence, and who answers for them? One row a chip.
WITH
late AS (
-- the rows of late.sql
),
-- What is still on its way after the day it was due is O, after whatever else speaks against it.
against AS (
    SELECT
        x.chip,
        x.model,
        x.evidence,
        CASE WHEN s.shipment IS NULL THEN x.also ELSE COALESCE(x.also || ' O', 'O') END AS also,
        x.charged AS liable,
        x.custodian,
        x.owner,
        -- What nobody has is under its last holder, as capacity has it.
        COALESCE(x.custodian, x.liable, x.last_liable) AS holder,
        COALESCE(x.owner, x.last_liable) AS had_by,
        x.site,
        x.status,
        x.shipment,
        x.since_index,
        CAST(NULL AS TIMESTAMP) AS due_by,
        x.changed
    FROM record.evidence AS x
    LEFT JOIN late AS s ON s.shipment = x.shipment AND x.status = 'in_transit'
    UNION ALL
    SELECT
        c.chip,
        c.model,
        'O' AS evidence,
        CAST(NULL AS VARCHAR) AS also,
        COALESCE(c.liable, c.last_liable) AS liable,
        c.custodian,
        c.owner,
        COALESCE(c.custodian, c.liable, c.last_liable) AS holder,
        COALESCE(c.owner, c.last_liable) AS had_by,
        c.site,
        c.status,
        c.shipment,
        s.born AS since_index,
        s.due_by,
        c.changed
    FROM record.chip_state AS c
    INNER JOIN late AS s ON s.shipment = c.shipment
    WHERE c.status = 'in_transit' AND c.number NOT IN (SELECT x.number FROM record.evidence AS x)
)
SELECT
    CASE $grouping
        WHEN 'liable' THEN a.liable
        WHEN 'custodian' THEN a.holder
        WHEN 'owner' THEN a.had_by
        WHEN 'country' THEN COALESCE(t.country, p.country)
        WHEN 'site' THEN a.site
        WHEN 'model' THEN a.model
        WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, a.liable)
    END AS grouped,
    a.chip,
    a.model,
    a.evidence,
    a.also,
    a.liable,
    a.custodian,
    a.owner,
    COALESCE(t.country, p.country) AS country,
    a.site,
    a.status,
    a.shipment,
    a.since_index,
    -- What is overdue is so since it was due; the entry is that of its dispatch.
    COALESCE(a.due_by, e.admitted_at) AS since,
    m.h100e,
    a.changed AS entry_index
FROM against AS a
LEFT JOIN site AS t ON t.site = a.site
LEFT JOIN party_span AS p ON p.party = a.holder AND p.to_index IS NULL
LEFT JOIN model AS m ON m.model = a.model
LEFT JOIN record.entry AS e ON e.entry_index = a.since_index
LEFT JOIN party_ancestor AS u
    ON u.party = a.liable AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
ORDER BY grouped, a.chip;
