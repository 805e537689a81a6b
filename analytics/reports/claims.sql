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
-- Steps before the last time that any claim of what is installed names.
counted AS (
    SELECT h.changed, h.custodian, h.model, h.was_custodian, h.was_model, h.chips
    FROM record.step_tally AS h
    WHERE h.changed < (SELECT MAX(t.until_size) FROM timed AS t WHERE t.measure = 'installed')
),
-- What each entry gave to each custodian of each model, and took from it: added up to a size, they are what was
-- there at it.
gained AS (
    SELECT g.changed, g.custodian, g.model, SUM(g.chips) AS chips
    FROM (
        SELECT c.changed, c.custodian, c.model, c.chips FROM counted AS c WHERE c.custodian IS NOT NULL
        UNION ALL
        SELECT c.changed, c.was_custodian AS custodian, c.was_model AS model, -c.chips AS chips
        FROM counted AS c
        WHERE c.was_custodian IS NOT NULL
    ) AS g
    GROUP BY g.changed, g.custodian, g.model
),
stood AS (
    SELECT z.until_size, g.custodian, g.model, SUM(g.chips) AS chips
    FROM (SELECT DISTINCT t.until_size FROM timed AS t WHERE t.measure = 'installed') AS z
    INNER JOIN gained AS g ON g.changed < z.until_size
    GROUP BY z.until_size, g.custodian, g.model
    HAVING SUM(g.chips) <> 0
),
-- Chips whose owner is another after a step, or that are of class C and come with one. A claim counts a chip once
-- however often it passes, so which chips they are is kept: neighbours by number, 62 at most, are bits of a number.
passed AS (
    SELECT p.neighbours, p.changed, p.model, p.owner, p.was_owner, p.from_maker, p.bits
    FROM record.passing AS p
    WHERE
        p.changed < (SELECT MAX(t.until_size) FROM timed AS t WHERE t.measure <> 'installed')
        AND p.changed >= (SELECT MIN(t.since_size) FROM timed AS t WHERE t.measure <> 'installed')
),
-- Between whom, and of which model, a claim is about what passed.
meant AS (
    SELECT t.entry_index, t.since_size, t.until_size, v.model, v.owner, v.was_owner, v.from_maker
    FROM timed AS t
    CROSS JOIN (SELECT DISTINCT p.model, p.owner, p.was_owner, p.from_maker FROM passed AS p) AS v
    LEFT JOIN scope AS x ON x.entry_index = t.entry_index AND x.model = v.model
    LEFT JOIN family AS o ON o.party = t.party AND o.member = v.owner
    LEFT JOIN family AS w ON w.party = t.party AND w.member = v.was_owner
    WHERE
        (t.is_all = 1 OR x.model IS NOT NULL)
        AND (
            -- What passes between two of one family is nobody's acquisition.
            (t.measure = 'acquired' AND (t.party = '*' OR o.member IS NOT NULL) AND w.member IS NULL)
            OR (
                t.measure = 'sold'
                AND ((w.member IS NOT NULL AND o.member IS NULL) OR (t.party = '*' AND v.from_maker = 1))
            )
        )
),
-- Each chip once that came or went within a claim's span.
met AS (
    SELECT m.entry_index, p.neighbours, p.model, BIT_OR(p.bits) AS bits
    FROM meant AS m
    INNER JOIN passed AS p
        ON p.model = m.model
        AND p.owner = m.owner
        AND p.was_owner = m.was_owner
        AND p.from_maker = m.from_maker
        AND p.changed >= m.since_size
        AND p.changed < m.until_size
    GROUP BY m.entry_index, p.neighbours, p.model
),
-- Neighbours of several models, which may be one chip whose model was put right: it is of the first by name.
mixed AS (
    SELECT m.entry_index, m.neighbours
    FROM met AS m
    GROUP BY m.entry_index, m.neighbours
    HAVING COUNT(*) > 1
),
before AS (
    SELECT m.entry_index, m.neighbours, m.model, BIT_OR(o.bits) AS bits
    FROM mixed AS x
    INNER JOIN met AS m ON m.entry_index = x.entry_index AND m.neighbours = x.neighbours
    INNER JOIN met AS o
        ON o.entry_index = m.entry_index
        AND o.neighbours = m.neighbours
        AND o.model <> m.model
        AND (m.model = '' OR (o.model <> '' AND o.model < m.model))
    GROUP BY m.entry_index, m.neighbours, m.model
),
alike AS (
    SELECT m.entry_index, m.model, m.bits, COALESCE(b.bits, 0) AS bits_before, COUNT(*) AS times
    FROM met AS m
    LEFT JOIN before AS b
        ON b.entry_index = m.entry_index AND b.neighbours = m.neighbours AND b.model = m.model
    GROUP BY m.entry_index, m.model, m.bits, COALESCE(b.bits, 0)
),
fresh AS (
    SELECT a.entry_index, a.model, a.times, a.bits - (a.bits & a.bits_before) AS bits FROM alike AS a
),
digit AS (
    SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
    UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7
),
bit AS (
    SELECT CAST(POWER(2, 8 * e.d + d.d) AS BIGINT) AS worth
    FROM digit AS e
    CROSS JOIN digit AS d
    WHERE 8 * e.d + d.d < 62
),
-- How many chips the bits of each number are.
summed AS (
    SELECT n.bits, SUM(CASE WHEN MOD(n.bits, 2 * b.worth) >= b.worth THEN 1 ELSE 0 END) AS chips
    FROM (SELECT DISTINCT f.bits FROM fresh AS f) AS n
    CROSS JOIN bit AS b
    GROUP BY n.bits
),
found AS (
    SELECT t.entry_index, d.model, d.chips
    FROM timed AS t
    INNER JOIN stood AS d ON d.until_size = t.until_size
    LEFT JOIN scope AS x ON x.entry_index = t.entry_index AND x.model = d.model
    LEFT JOIN family AS h ON h.party = t.party AND h.member = d.custodian
    WHERE
        t.measure = 'installed'
        AND (t.is_all = 1 OR x.model IS NOT NULL)
        AND (t.party = '*' OR h.member IS NOT NULL)
    UNION ALL
    SELECT f.entry_index, f.model, SUM(f.times * n.chips) AS chips
    FROM fresh AS f
    INNER JOIN summed AS n ON n.bits = f.bits
    GROUP BY f.entry_index, f.model
),
models_found AS (
    SELECT f.entry_index, f.model, SUM(f.chips) AS chips FROM found AS f GROUP BY f.entry_index, f.model
),
-- Model by model in the order of their names: fractions come to the same sum every time.
ledger AS (
    SELECT r.entry_index, MAX(r.chips) AS chips, MAX(r.h100e) AS h100e
    FROM (
        SELECT
            f.entry_index,
            SUM(f.chips) OVER so_far AS chips,
            SUM(f.chips * l.h100e) OVER so_far AS h100e
        FROM models_found AS f
        LEFT JOIN model AS l ON l.model = f.model
        WINDOW so_far AS (PARTITION BY f.entry_index ORDER BY f.model ROWS UNBOUNDED PRECEDING)
    ) AS r
    GROUP BY r.entry_index
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
