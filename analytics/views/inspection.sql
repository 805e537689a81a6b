-- Which inspections were drawn, how large a sample of what, and what did they come to?
CREATE OR REPLACE VIEW inspection AS
SELECT
    v.inspection,
    v.series,
    v.number,
    v.verifier,
    v.planner,
    v.direction,
    v.born AS at_index,
    v.frame_count AS n_frame,
    v.n_sample,
    v.d,
    v.beta_ppm,
    v.beacon,
    v.round,
    v.timely,
    v.state,
    v.upper_bound,
    v.verdict,
    v.changed AS entry_index
FROM (
    SELECT w.*, ROW_NUMBER() OVER (PARTITION BY w.inspection ORDER BY w.changed DESC) AS latest
    FROM record.inspection_version AS w
) AS v
WHERE v.latest = 1;
