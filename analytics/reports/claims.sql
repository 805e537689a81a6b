-- What does each claim that stands say, and what has the ledger at that time and of that scope? One row a claim.
WITH
said AS (
    SELECT
        c.entry_index,
        c.subject,
        c.model,
        c.family,
        c.unit,
        c.measure,
        c."from" AS since,
        c.as_of,
        c.status,
        c.low,
        c.high,
        c.source_sha256,
        CASE
            WHEN LOWER(c.status) LIKE 'planned%' OR LOWER(c.status) LIKE 'decommissioned%' THEN 0 ELSE 1
        END AS exists_now,
        CASE WHEN POSITION('duplicate' IN LOWER(c.status)) > 0 THEN 1 ELSE 0 END AS said_duplicate
    FROM claim AS c
),
party_now AS (
    SELECT p.party, p.name FROM party_span AS p WHERE p.to_index IS NULL
),
-- A subject is a party's id, or the name of one party alone; '*' is the whole book.
about AS (
    SELECT
        s.entry_index,
        CASE WHEN LOWER(s.subject) = 'world' THEN '*' ELSE COALESCE(i.party, n.party) END AS party
    FROM said AS s
    LEFT JOIN party_now AS i ON i.party = s.subject
    LEFT JOIN (
        SELECT LOWER(p.name) AS name, MIN(p.party) AS party
        FROM party_now AS p
        GROUP BY LOWER(p.name)
        HAVING COUNT(*) = 1
    ) AS n ON n.name = LOWER(s.subject)
),
-- Whose chips a claim about a party is set beside: its own, and by ultimate parent those of all beneath it.
family AS (
    SELECT p.party, p.party AS member FROM party_now AS p
    UNION
    SELECT u.ancestor AS party, u.party AS member
    FROM party_ancestor AS u
    -- On suspicion a family is under its head alone; who is beneath a party as registered stays so.
    WHERE u.basis IN ('registered', $basis) AND u.to_index IS NULL AND $grouping = 'ultimate_parent'
),
-- The listed models that a claim is about; a claim about no model in particular is about every chip.
scope AS (
    SELECT s.entry_index, m.model, m.h100e
    FROM said AS s
    INNER JOIN model AS m
        ON m.model = s.model
        OR (
            s.model IS NULL
            AND s.family IS NOT NULL
            AND (
                s.family = SUBSTR(m.model, POSITION('/' IN m.model) + 1)
                OR POSITION(
                    ' ' || s.family || '=' || SUBSTR(m.model, POSITION('/' IN m.model) + 1) || ' ' IN $families
                ) > 0
            )
        )
),
scoped AS (
    SELECT
        s.*,
        a.party,
        CASE WHEN s.model IS NULL AND s.family IS NULL THEN 1 ELSE 0 END AS is_all,
        COALESCE(x.models, 0) AS models,
        -- A claim about every chip is about every model.
        CASE WHEN s.model IS NULL AND s.family IS NULL THEN b.h100e ELSE x.h100e END AS best_h100e
    FROM said AS s
    INNER JOIN about AS a ON a.entry_index = s.entry_index
    LEFT JOIN (
        SELECT y.entry_index, COUNT(*) AS models, MAX(y.h100e) AS h100e FROM scope AS y GROUP BY y.entry_index
    ) AS x ON x.entry_index = s.entry_index
    CROSS JOIN (SELECT MAX(m.h100e) AS h100e FROM model AS m) AS b
),
-- The size of the log at each time that a claim names.
moments AS (
    SELECT s.as_of AS moment FROM said AS s
    UNION
    SELECT s.since AS moment FROM said AS s WHERE s.since IS NOT NULL
),
sizes AS (
    SELECT m.moment, COALESCE(MAX(e.entry_index), -1) + 1 AS log_size
    FROM moments AS m
    LEFT JOIN entry AS e ON e.admitted_at <= m.moment
    GROUP BY m.moment
),
-- Why a claim is compared with nothing, where it is.
judged AS (
    SELECT
        s.*,
        z.log_size AS until_size,
        COALESCE(f.log_size, 0) AS since_size,
        CASE
            WHEN s.exists_now = 0 THEN 'planned or decommissioned: it does not exist'
            WHEN s.party IS NULL THEN 'the subject is no party, and no name of one party alone'
            WHEN s.is_all = 0 AND s.models = 0 THEN 'no model of that scope is listed'
            -- What is to come is a forecast: the ledger of now says nothing of it.
            WHEN s.as_of > n.admitted_at THEN 'not yet comparable: of a time after the snapshot''s last entry'
            WHEN z.log_size = 0 THEN 'of a time before the log'
            WHEN s.since IS NOT NULL AND f.log_size = 0 AND s.measure <> 'installed' THEN 'since a time before the log'
        END AS told
    FROM scoped AS s
    INNER JOIN sizes AS z ON z.moment = s.as_of
    LEFT JOIN sizes AS f ON f.moment = s.since
    CROSS JOIN (SELECT MAX(e.admitted_at) AS admitted_at FROM entry AS e) AS n
),
timed AS (
    SELECT j.* FROM judged AS j WHERE j.told IS NULL
),
steps AS (
    SELECT
        v.chip,
        v.custodian,
        v.owner,
        v.model,
        v.class,
        v.from_index,
        v.to_index,
        LAG(v.owner) OVER (PARTITION BY v.chip ORDER BY v.from_index) AS old_owner
    FROM chip_span AS v
),
-- Each chip that is in a claim's measure, scope and time: there at its time, or come or gone within its span.
met AS (
    SELECT DISTINCT t.entry_index, v.chip, v.model
    FROM timed AS t
    INNER JOIN steps AS v ON v.from_index < t.until_size
    LEFT JOIN scope AS x ON x.entry_index = t.entry_index AND x.model = v.model
    LEFT JOIN family AS h ON h.party = t.party AND h.member = v.custodian
    LEFT JOIN family AS o ON o.party = t.party AND o.member = v.owner
    LEFT JOIN family AS w ON w.party = t.party AND w.member = v.old_owner
    WHERE
        (t.is_all = 1 OR x.model IS NOT NULL)
        AND (
        (
            t.measure = 'installed'
            AND v.custodian IS NOT NULL
            AND (t.party = '*' OR h.member IS NOT NULL)
            AND (v.to_index IS NULL OR v.to_index >= t.until_size)
        )
        OR (
            t.measure = 'acquired'
            AND v.from_index >= t.since_size
            AND (t.party = '*' OR o.member IS NOT NULL)
            AND (
                -- What passes between two of one family is nobody's acquisition.
                (v.old_owner IS NOT NULL AND v.old_owner <> v.owner AND w.member IS NULL)
                OR (v.old_owner IS NULL AND v.class = 'C' AND v.owner IS NOT NULL)
            )
        )
        OR (
            t.measure = 'sold'
            AND v.from_index >= t.since_size
            AND v.owner <> v.old_owner
            AND (
                (w.member IS NOT NULL AND o.member IS NULL)
                OR (t.party = '*' AND v.old_owner = SUBSTR(v.chip, 1, POSITION(':' IN v.chip) - 1))
            )
        )
        )
),
ledger AS (
    SELECT m.entry_index, COUNT(DISTINCT m.chip) AS chips, SUM(l.h100e) AS h100e
    FROM met AS m
    LEFT JOIN model AS l ON l.model = m.model
    GROUP BY m.entry_index
)
SELECT
    s.entry_index,
    s.subject,
    s.party,
    s.model,
    s.family,
    s.unit,
    s.measure,
    s.since,
    s.as_of,
    s.status,
    s.exists_now,
    s.said_duplicate,
    s.low,
    s.high,
    s.source_sha256,
    CAST(s.models AS BIGINT) AS models,
    s.best_h100e,
    CASE WHEN s.told IS NULL THEN s.since_size END AS since_size,
    CASE WHEN s.told IS NULL THEN s.until_size END AS until_size,
    s.told,
    CASE WHEN s.told IS NULL THEN CAST(COALESCE(l.chips, 0) AS BIGINT) END AS ledger_chips,
    CASE WHEN s.told IS NULL THEN CAST(COALESCE(l.h100e, 0) AS DOUBLE) END AS ledger_h100e
FROM judged AS s
LEFT JOIN ledger AS l ON l.entry_index = s.entry_index
ORDER BY s.entry_index;
