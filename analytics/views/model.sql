-- What can one chip of each model do?
CREATE OR REPLACE VIEW model AS
SELECT
    m.model,
    m.vendor,
    m.fp64_gflops,
    m.fp32_gflops,
    m.tf32_gflops,
    m.bf16_gflops,
    m.fp16_gflops,
    m.fp8_gflops,
    m.int8_gflops,
    m.fp4_gflops,
    m.memory_gb,
    m.memory_bandwidth_gbps,
    m.interconnect_gbps,
    m.tpp,
    m.dies,
    m.die_area_um2,
    m.hbm_stacks,
    m.h100e,
    m.changed AS entry_index
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.model ORDER BY v.changed DESC) AS latest
    FROM record.model_version AS v
) AS m
WHERE m.latest = 1 AND m.born >= 0;
