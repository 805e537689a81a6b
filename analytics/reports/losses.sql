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
-- What each step takes from one name and gives another.
stepped AS (
    SELECT
        v.changed,
        v.chips,
        CASE WHEN v.custodian IS NOT NULL THEN 1 ELSE 0 END AS is_there,
        CASE WHEN v.was_custodian IS NOT NULL THEN 1 ELSE 0 END AS was_there,
        -- Only the key that is asked for is carried along.
        CASE $grouping
            WHEN 'owner' THEN v.owner
            WHEN 'liable' THEN v.liable
            WHEN 'owner_parent' THEN v.owner
            WHEN 'site' THEN v.site
            WHEN 'maker' THEN v.maker
            WHEN 'model' THEN v.model
            ELSE v.custodian
        END AS name,
        CASE $grouping
            WHEN 'owner' THEN v.was_owner
            WHEN 'liable' THEN v.was_liable
            WHEN 'owner_parent' THEN v.was_owner
            WHEN 'site' THEN v.was_site
            WHEN 'maker' THEN v.maker
            WHEN 'model' THEN v.was_model
            ELSE v.was_custodian
        END AS was_name,
        CASE WHEN $grouping = 'country' THEN v.site END AS place,
        CASE WHEN $grouping = 'country' THEN v.was_site END AS was_place
    FROM record.step_tally AS v
),
-- Chip-seconds within the time asked for are those from coming to going, each put inside it.
bounded AS (
    SELECT
        m.entry_index,
        m.at_s,
        CASE
            WHEN m.at_s < CAST($since_s AS BIGINT) THEN CAST($since_s AS BIGINT)
            WHEN m.at_s > CAST($as_of_s AS BIGINT) THEN CAST($as_of_s AS BIGINT)
            ELSE m.at_s
        END AS within_s
    FROM moments AS m
),
passed AS (
    SELECT t.*
    FROM stepped AS t
    WHERE
        t.is_there <> t.was_there
        OR COALESCE(t.name, '') <> COALESCE(t.was_name, '')
        OR COALESCE(t.place, '') <> COALESCE(t.was_place, '')
),
exposed AS (
    SELECT x.name, x.place, SUM(x.chip_seconds) AS chip_seconds
    FROM (
        SELECT p.name, p.place, p.chips * (CAST($as_of_s AS BIGINT) - b.within_s) AS chip_seconds
        FROM passed AS p
        INNER JOIN bounded AS b ON b.entry_index = p.changed
        WHERE p.is_there = 1
        UNION ALL
        SELECT
            p.was_name AS name,
            p.was_place AS place,
            -p.chips * (CAST($as_of_s AS BIGINT) - b.within_s) AS chip_seconds
        FROM passed AS p
        INNER JOIN bounded AS b ON b.entry_index = p.changed
        WHERE p.was_there = 1
    ) AS x
    GROUP BY x.name, x.place
),
-- Steps that took a chip from whoever had it and gave it to nobody: few, so they are picked out by themselves.
ended AS (
    SELECT
        v.number,
        v.changed,
        CASE $grouping
            WHEN 'owner' THEN v.was_owner
            WHEN 'liable' THEN v.was_liable
            WHEN 'owner_parent' THEN v.was_owner
            WHEN 'site' THEN v.was_site
            WHEN 'maker' THEN v.maker
            WHEN 'model' THEN v.was_model
            ELSE v.was_custodian
        END AS was_name,
        CASE WHEN $grouping = 'country' THEN v.was_site END AS was_place
    FROM record.chip_step AS v
    WHERE v.was_custodian IS NOT NULL AND (v.born < 0 OR v.custodian IS NULL)
),
-- What is missing or destroyed for good, by the last of them: whatever was found again, or taken back, is no loss.
taken AS (
    SELECT t.number, MAX(t.changed) AS changed FROM ended AS t GROUP BY t.number
),
lost AS (
    SELECT
        t.was_name AS name,
        t.was_place AS place,
        t.changed AS lost_index,
        SUM(CASE WHEN e.kind = 'chips.retired' AND c.status = 'destroyed' THEN 1 ELSE 0 END) AS destroyed,
        SUM(CASE WHEN e.kind = 'chips.retired' AND c.status = 'missing' THEN 1 ELSE 0 END) AS missing,
        SUM(CASE WHEN e.kind <> 'chips.retired' THEN 1 ELSE 0 END) AS conceded
    FROM taken AS l
    INNER JOIN ended AS t ON t.number = l.number AND t.changed = l.changed
    INNER JOIN record.chip_state AS c ON c.number = l.number AND c.status IN ('missing', 'destroyed')
    INNER JOIN record.entry AS e ON e.entry_index = t.changed
    INNER JOIN moments AS m ON m.entry_index = t.changed
    WHERE m.at_s >= CAST($since_s AS BIGINT) AND m.at_s <= CAST($as_of_s AS BIGINT)
    GROUP BY t.was_name, t.was_place, t.changed
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
