-- Which log, at which size and root, does everything in this file stand for?
CREATE OR REPLACE VIEW snapshot AS
SELECT
    s.log,
    s.log_size,
    s.root,
    (SELECT MAX(e.admitted_at) FROM record.entry AS e) AS admitted_until,
    CAST(4 AS BIGINT) AS views_version
FROM record.standing AS s;
