-- Does every party, site or model account for its chips, between two sizes? One row an account; residual is 0.
WITH
span_of AS (
    SELECT
        CASE WHEN CAST($to_size AS BIGINT) < s.log_size THEN CAST($to_size AS BIGINT) ELSE s.log_size END AS to_size,
        CAST($from_size AS BIGINT) AS from_size
    FROM snapshot AS s
),
placed AS (
    -- Nobody has what is missing, ended or was corrected away: it is nowhere.
    SELECT
        v.chip,
        v.changed,
        v.status,
        v.liable,
        CASE WHEN v.born = v.changed THEN 1 ELSE 0 END AS is_born,
        CASE WHEN v.born < 0 THEN NULL ELSE v.custodian END AS custodian,
        CASE WHEN v.born < 0 OR v.custodian IS NULL THEN NULL ELSE v.site END AS site,
        CASE WHEN v.born < 0 OR v.custodian IS NULL THEN NULL ELSE v.model END AS model
    FROM record.chip_version AS v
    WHERE v.changed < (SELECT x.to_size FROM span_of AS x)
),
stepped AS (
    SELECT
        p.*,
        LAG(p.custodian) OVER (PARTITION BY p.chip ORDER BY p.changed) AS old_custodian,
        LAG(p.site) OVER (PARTITION BY p.chip ORDER BY p.changed) AS old_site,
        LAG(p.model) OVER (PARTITION BY p.chip ORDER BY p.changed) AS old_model,
        LEAD(p.changed) OVER (PARTITION BY p.chip ORDER BY p.changed) AS next_changed
    FROM placed AS p
),
moved AS (
    SELECT
        e.kind,
        t.custodian,
        t.old_custodian,
        t.status,
        t.is_born,
        CASE $grouping WHEN 'party' THEN t.custodian WHEN 'site' THEN t.site ELSE t.model END AS now_at,
        CASE $grouping WHEN 'party' THEN t.old_custodian WHEN 'site' THEN t.old_site ELSE t.old_model END AS was_at,
        CASE
            WHEN t.custodian IS NULL AND t.liable IS NOT NULL AND t.liable <> t.old_custodian THEN 1 ELSE 0
        END AS is_charged_elsewhere,
        COUNT(*) AS chips
    FROM stepped AS t
    INNER JOIN record.entry AS e ON e.entry_index = t.changed
    WHERE t.changed >= (SELECT x.from_size FROM span_of AS x)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
termed AS (
    SELECT
        m.now_at,
        m.was_at,
        m.chips,
        CASE
            WHEN $grouping <> 'party' AND m.custodian IS NOT NULL AND m.old_custodian IS NOT NULL
                THEN CASE $grouping WHEN 'site' THEN 'moved_in' ELSE 'reclassified_in' END
            WHEN m.kind = 'discrepancy.resolved' AND m.is_born = 1 THEN 'split_in'
            WHEN m.kind = 'chips.declared' AND m.is_born = 0 THEN 'recovered'
            WHEN m.kind = 'chips.registered' THEN 'registered'
            WHEN m.kind = 'chips.declared' THEN 'declared'
            WHEN m.kind = 'shipment.arrived' THEN 'received'
            WHEN m.kind IN ('discrepancy.answered', 'discrepancy.resolved') THEN 'conceded_in'
            WHEN m.kind = 'statement.corrected' THEN 'corrected_in'
        END AS gain,
        CASE
            WHEN $grouping <> 'party' AND m.custodian IS NOT NULL AND m.old_custodian IS NOT NULL
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
    WHERE COALESCE(m.now_at, '') <> COALESCE(m.was_at, '')
),
legs AS (
    SELECT t.now_at AS account, t.gain AS term, t.chips FROM termed AS t WHERE t.now_at IS NOT NULL
    UNION ALL
    SELECT t.was_at AS account, t.loss AS term, t.chips FROM termed AS t WHERE t.was_at IS NOT NULL
    UNION ALL
    SELECT
        CASE $grouping WHEN 'party' THEN t.custodian WHEN 'site' THEN t.site ELSE t.model END AS account,
        'opening' AS term,
        COUNT(*) AS chips
    FROM stepped AS t
    WHERE
        t.custodian IS NOT NULL
        AND t.changed < (SELECT x.from_size FROM span_of AS x)
        AND (t.next_changed IS NULL OR t.next_changed >= (SELECT x.from_size FROM span_of AS x))
    GROUP BY 1
    UNION ALL
    SELECT
        CASE $grouping WHEN 'party' THEN t.custodian WHEN 'site' THEN t.site ELSE t.model END AS account,
        'closing' AS term,
        COUNT(*) AS chips
    FROM stepped AS t
    WHERE t.custodian IS NOT NULL AND t.next_changed IS NULL
    GROUP BY 1
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
