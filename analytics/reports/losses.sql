-- How many chips were reported lost, and how many chip-seconds were they and the others there? One row a group.
WITH
-- Seconds since 1970 of every entry, by the calendar: databases have no function for it in common.
moments AS (
    SELECT
        d.entry_index,
        CAST(
            (
                365 * (d.years - 1970) + FLOOR((d.years - 1969) / 4.0) - FLOOR((d.years - 1901) / 100.0)
                + FLOOR((d.years - 1601) / 400.0) + d.days - 1
            ) * 86400 + d.hours * 3600 + d.minutes * 60 + FLOOR(d.seconds)
            AS BIGINT
        ) AS at_s
    FROM (
        SELECT
            e.entry_index,
            EXTRACT(YEAR FROM e.admitted_at) AS years,
            EXTRACT(DOY FROM e.admitted_at) AS days,
            EXTRACT(HOUR FROM e.admitted_at) AS hours,
            EXTRACT(MINUTE FROM e.admitted_at) AS minutes,
            EXTRACT(SECOND FROM e.admitted_at) AS seconds
        FROM record.entry AS e
    ) AS d
),
stepped AS (
    SELECT
        v.number,
        v.changed,
        v.born,
        v.custodian,
        -- Only the key that is asked for is carried through the sort.
        CASE $grouping
            WHEN 'custodian' THEN v.custodian
            WHEN 'owner' THEN v.owner
            WHEN 'liable' THEN v.liable
            WHEN 'ultimate_parent' THEN v.custodian
            WHEN 'owner_parent' THEN v.owner
            WHEN 'country' THEN v.custodian
            WHEN 'site' THEN v.site
            WHEN 'maker' THEN SUBSTR(v.chip, 1, POSITION(':' IN v.chip) - 1)
            WHEN 'model' THEN v.model
        END AS name,
        CASE WHEN $grouping = 'country' THEN v.site END AS place,
        LEAD(v.changed) OVER (PARTITION BY v.number ORDER BY v.changed) AS next_changed,
        MAX(CASE WHEN v.born >= 0 AND v.custodian IS NOT NULL THEN v.changed END)
            OVER (PARTITION BY v.number) AS last_there
    FROM record.chip_version AS v
),
-- What is missing or destroyed for good: whatever was found again, or taken back, is no loss.
gone AS (
    SELECT c.number, c.status FROM record.chip_state AS c WHERE c.status IN ('missing', 'destroyed')
),
spans AS (
    SELECT
        s.name,
        s.place,
        CASE WHEN f.at_s < CAST($since_s AS BIGINT) THEN CAST($since_s AS BIGINT) ELSE f.at_s END AS from_s,
        CASE WHEN t.at_s < CAST($as_of_s AS BIGINT) THEN t.at_s ELSE CAST($as_of_s AS BIGINT) END AS to_s,
        CASE
            WHEN
                g.number IS NOT NULL
                AND s.changed = s.last_there
                AND t.at_s >= CAST($since_s AS BIGINT)
                AND t.at_s <= CAST($as_of_s AS BIGINT)
                THEN s.next_changed
        END AS lost_index,
        g.status
    FROM stepped AS s
    INNER JOIN moments AS f ON f.entry_index = s.changed
    LEFT JOIN moments AS t ON t.entry_index = s.next_changed
    LEFT JOIN gone AS g ON g.number = s.number
    WHERE s.born >= 0 AND s.custodian IS NOT NULL
),
exposed AS (
    SELECT
        s.name,
        s.place,
        SUM(CASE WHEN s.to_s > s.from_s THEN s.to_s - s.from_s ELSE 0 END) AS chip_seconds
    FROM spans AS s
    GROUP BY s.name, s.place
),
lost AS (
    SELECT
        s.name,
        s.place,
        s.lost_index,
        SUM(CASE WHEN e.kind = 'chips.retired' AND s.status = 'destroyed' THEN 1 ELSE 0 END) AS destroyed,
        SUM(CASE WHEN e.kind = 'chips.retired' AND s.status = 'missing' THEN 1 ELSE 0 END) AS missing,
        SUM(CASE WHEN e.kind <> 'chips.retired' THEN 1 ELSE 0 END) AS conceded
    FROM spans AS s
    INNER JOIN record.entry AS e ON e.entry_index = s.lost_index
    GROUP BY s.name, s.place, s.lost_index
),
counted AS (
    SELECT x.name, x.place, x.chip_seconds, 0 AS destroyed, 0 AS missing, 0 AS conceded, NULL AS lost_index
    FROM exposed AS x
    UNION ALL
    SELECT l.name, l.place, 0 AS chip_seconds, l.destroyed, l.missing, l.conceded, l.lost_index
    FROM lost AS l
),
grouped_by AS (
    SELECT
        CASE $grouping
            WHEN 'country' THEN COALESCE(t.country, p.country)
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, n.name)
            WHEN 'owner_parent' THEN COALESCE(u.ancestor, n.name)
            ELSE n.name
        END AS grouped,
        n.chip_seconds,
        n.destroyed,
        n.missing,
        n.conceded,
        n.lost_index
    FROM counted AS n
    LEFT JOIN site AS t ON t.site = n.place
    LEFT JOIN party_span AS p ON p.party = n.name AND p.to_index IS NULL AND $grouping = 'country'
    LEFT JOIN party_ancestor AS u
        ON u.party = n.name
        AND u.basis = $basis
        AND u.is_ultimate
        AND u.to_index IS NULL
        AND $grouping IN ('ultimate_parent', 'owner_parent')
),
-- What one entry says of chips of several names is one report of their group.
reported AS (
    SELECT
        g.grouped,
        g.lost_index,
        SUM(g.chip_seconds) AS chip_seconds,
        SUM(g.destroyed) AS destroyed,
        SUM(g.missing) AS missing,
        SUM(g.conceded) AS conceded
    FROM grouped_by AS g
    GROUP BY g.grouped, g.lost_index
)
SELECT
    r.grouped,
    CAST(SUM(r.destroyed) AS BIGINT) AS destroyed,
    CAST(SUM(r.missing) AS BIGINT) AS missing,
    CAST(SUM(r.conceded) AS BIGINT) AS conceded,
    CAST(COUNT(r.lost_index) AS BIGINT) AS reports,
    CAST(MAX(r.destroyed + r.missing + r.conceded) AS BIGINT) AS largest,
    CAST(SUM(r.chip_seconds) AS BIGINT) AS chip_seconds,
    CAST(MAX(r.lost_index) AS BIGINT) AS entry_index
FROM reported AS r
GROUP BY r.grouped
ORDER BY r.grouped;
