-- Does every party, site or model account for its chips, between two sizes? One row an account; residual is 0.
WITH
span_of AS (
    SELECT
        CASE WHEN CAST($to_size AS BIGINT) < s.log_size THEN CAST($to_size AS BIGINT) ELSE s.log_size END AS to_size,
        CAST($from_size AS BIGINT) AS from_size
    FROM snapshot AS s
),
stepped AS (
    -- Nobody has what is missing, ended or was corrected away: it is nowhere.
    SELECT
        v.changed,
        v.status,
        v.is_made,
        v.custodian,
        v.was_custodian,
        v.chips,
        CASE
            WHEN v.custodian IS NULL AND v.liable IS NOT NULL AND v.liable <> v.was_custodian THEN 1 ELSE 0
        END AS is_charged_elsewhere,
        CASE
            WHEN v.custodian IS NULL THEN NULL
            WHEN $grouping = 'party' THEN v.custodian
            WHEN $grouping = 'site' THEN v.site
            ELSE v.model
        END AS now_at,
        CASE
            WHEN v.was_custodian IS NULL THEN NULL
            WHEN $grouping = 'party' THEN v.was_custodian
            WHEN $grouping = 'site' THEN v.was_site
            ELSE v.was_model
        END AS was_at
    FROM record.step_tally AS v
    WHERE v.changed < (SELECT x.to_size FROM span_of AS x)
),
counted AS (
    -- A step within one account says nothing of it.
    SELECT t.* FROM stepped AS t WHERE COALESCE(t.now_at, '') <> COALESCE(t.was_at, '')
),
moved AS (
    SELECT e.kind, c.*
    FROM counted AS c
    INNER JOIN record.entry AS e ON e.entry_index = c.changed
    WHERE c.changed >= (SELECT x.from_size FROM span_of AS x)
),
termed AS (
    SELECT
        m.now_at,
        m.was_at,
        m.chips,
        CASE
            WHEN $grouping <> 'party' AND m.custodian IS NOT NULL AND m.was_custodian IS NOT NULL
                THEN CASE $grouping WHEN 'site' THEN 'moved_in' ELSE 'reclassified_in' END
            WHEN m.kind = 'discrepancy.resolved' AND m.is_made THEN 'split_in'
            WHEN m.kind = 'chips.declared' AND NOT m.is_made THEN 'recovered'
            WHEN m.kind = 'chips.registered' THEN 'registered'
            WHEN m.kind = 'chips.declared' THEN 'declared'
            WHEN m.kind = 'shipment.arrived' THEN 'received'
            WHEN m.kind IN ('discrepancy.answered', 'discrepancy.resolved') THEN 'conceded_in'
            WHEN m.kind = 'statement.corrected' THEN 'corrected_in'
        END AS gain,
        CASE
            WHEN $grouping <> 'party' AND m.custodian IS NOT NULL AND m.was_custodian IS NOT NULL
                THEN CASE $grouping WHEN 'site' THEN 'moved_out' ELSE 'reclassified_out' END
            WHEN m.kind = 'statement.corrected' THEN 'corrected_out'
            WHEN m.custodian IS NOT NULL AND m.kind = 'shipment.arrived' THEN 'handed_over'
            WHEN
                m.kind IN ('discrepancy.answered', 'discrepancy.resolved')
                AND (m.custodian IS NOT NULL OR m.is_charged_elsewhere = 1)
                THEN 'conceded_out'
            WHEN m.custodian IS NULL AND m.status IN ('destroyed', 'missing', 'replaced') THEN m.status
        END AS loss
    FROM moved AS m
),
stood AS (
    SELECT c.changed, c.now_at AS account, c.chips FROM counted AS c WHERE c.now_at IS NOT NULL
    UNION ALL
    SELECT c.changed, c.was_at AS account, -c.chips AS chips FROM counted AS c WHERE c.was_at IS NOT NULL
),
legs AS (
    SELECT t.now_at AS account, t.gain AS term, t.chips FROM termed AS t WHERE t.now_at IS NOT NULL
    UNION ALL
    SELECT t.was_at AS account, t.loss AS term, t.chips FROM termed AS t WHERE t.was_at IS NOT NULL
    UNION ALL
    -- How many there are at a size is what came less what went until then.
    SELECT d.account, 'closing' AS term, d.chips FROM stood AS d
    UNION ALL
    SELECT d.account, 'opening' AS term, d.chips
    FROM stood AS d
    WHERE d.changed < (SELECT x.from_size FROM span_of AS x)
),
summed AS (
    SELECT
        l.account,
        CAST(SUM(CASE l.term WHEN 'opening' THEN l.chips ELSE 0 END) AS BIGINT) AS opening,
        CAST(SUM(CASE l.term WHEN 'registered' THEN l.chips ELSE 0 END) AS BIGINT) AS registered,
        CAST(SUM(CASE l.term WHEN 'declared' THEN l.chips ELSE 0 END) AS BIGINT) AS declared,
        CAST(SUM(CASE l.term WHEN 'received' THEN l.chips ELSE 0 END) AS BIGINT) AS received,
        CAST(SUM(CASE l.term WHEN 'conceded_in' THEN l.chips ELSE 0 END) AS BIGINT) AS conceded_in,
        CAST(SUM(CASE l.term WHEN 'recovered' THEN l.chips ELSE 0 END) AS BIGINT) AS recovered,
        CAST(SUM(CASE l.term WHEN 'corrected_in' THEN l.chips ELSE 0 END) AS BIGINT) AS corrected_in,
        CAST(SUM(CASE l.term WHEN 'split_in' THEN l.chips ELSE 0 END) AS BIGINT) AS split_in,
        CAST(SUM(CASE l.term WHEN 'reclassified_in' THEN l.chips ELSE 0 END) AS BIGINT) AS reclassified_in,
        CAST(SUM(CASE l.term WHEN 'moved_in' THEN l.chips ELSE 0 END) AS BIGINT) AS moved_in,
        CAST(SUM(CASE l.term WHEN 'closing' THEN l.chips ELSE 0 END) AS BIGINT) AS closing,
        CAST(SUM(CASE l.term WHEN 'handed_over' THEN l.chips ELSE 0 END) AS BIGINT) AS handed_over,
        CAST(SUM(CASE l.term WHEN 'conceded_out' THEN l.chips ELSE 0 END) AS BIGINT) AS conceded_out,
        CAST(SUM(CASE l.term WHEN 'destroyed' THEN l.chips ELSE 0 END) AS BIGINT) AS destroyed,
        CAST(SUM(CASE l.term WHEN 'missing' THEN l.chips ELSE 0 END) AS BIGINT) AS missing,
        CAST(SUM(CASE l.term WHEN 'replaced' THEN l.chips ELSE 0 END) AS BIGINT) AS replaced,
        CAST(SUM(CASE l.term WHEN 'corrected_out' THEN l.chips ELSE 0 END) AS BIGINT) AS corrected_out,
        CAST(SUM(CASE l.term WHEN 'reclassified_out' THEN l.chips ELSE 0 END) AS BIGINT) AS reclassified_out,
        CAST(SUM(CASE l.term WHEN 'moved_out' THEN l.chips ELSE 0 END) AS BIGINT) AS moved_out
    FROM legs AS l
    WHERE l.account IS NOT NULL
    GROUP BY l.account
)
SELECT
    s.account AS grouped,
    s.opening,
    s.registered,
    s.declared,
    s.received,
    s.conceded_in,
    s.recovered,
    s.corrected_in,
    s.split_in,
    s.reclassified_in,
    s.moved_in,
    s.closing,
    s.handed_over,
    s.conceded_out,
    s.destroyed,
    s.missing,
    s.replaced,
    s.corrected_out,
    s.reclassified_out,
    s.moved_out,
    s.opening + s.registered + s.declared + s.received + s.conceded_in + s.recovered + s.corrected_in
    + s.split_in + s.reclassified_in + s.moved_in - s.closing - s.handed_over - s.conceded_out - s.destroyed
    - s.missing - s.replaced - s.corrected_out - s.reclassified_out - s.moved_out AS residual
FROM summed AS s
ORDER BY s.account;
