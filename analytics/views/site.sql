-- Which places are there, whose, where, and with how much room and power?
CREATE OR REPLACE VIEW site AS
SELECT
    p.site,
    p.operator,
    p.country,
    p.power_kw,
    p.positions,
    p.changed AS entry_index
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.site ORDER BY v.changed DESC) AS latest
    FROM record.site_version AS v
) AS p
WHERE p.latest = 1 AND p.born >= 0;
