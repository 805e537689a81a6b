-- Which inspections were drawn, how large a sample of what, and what came of them?
SELECT inspection, verifier, planner, n_frame, n_sample, beta_ppm, timely, state, verdict, upper_bound
FROM inspection
ORDER BY at_index;
