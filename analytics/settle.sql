-- Which chips changed since the present ones were last brought up to date? Their last versions replace them,
-- and those corrected away are present no more.
CREATE OR REPLACE TEMP TABLE moved AS
SELECT * EXCLUDE (latest)
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.chip ORDER BY v.changed DESC) AS latest
    FROM record.chip_version AS v
    WHERE v.changed >= (SELECT settled_size FROM record.standing)
)
WHERE latest = 1;

DELETE FROM record.chip_state USING moved WHERE chip_state.chip = moved.chip;
INSERT INTO record.chip_state SELECT * FROM moved WHERE born >= 0;
UPDATE record.standing SET settled_size = log_size;
DROP TABLE moved;
