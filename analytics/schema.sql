-- What does the warehouse keep? Base tables: one row an entry, one a version of a thing, one a present chip.
CREATE SCHEMA record;

CREATE TABLE record.standing (
    log VARCHAR, log_size BIGINT, root VARCHAR, settled_size BIGINT, schema_sha256 VARCHAR, views_sha256 VARCHAR
);
INSERT INTO record.standing VALUES (NULL, 0, NULL, 0, NULL, NULL);

CREATE TABLE record.entry (
    entry_index BIGINT, statement VARCHAR, kind VARCHAR, party VARCHAR, key_id VARCHAR,
    occurred_at TIMESTAMP, admitted_at TIMESTAMP, lag_s BIGINT, lines BIGINT
);

CREATE TABLE record.party_version (
    party VARCHAR, name VARCHAR, roles VARCHAR, country VARCHAR, parent VARCHAR, suspended BOOLEAN,
    succeeded_by VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.model_version (
    model VARCHAR, vendor VARCHAR,
    fp64_gflops BIGINT, fp32_gflops BIGINT, tf32_gflops BIGINT, bf16_gflops BIGINT,
    fp16_gflops BIGINT, fp8_gflops BIGINT, int8_gflops BIGINT, fp4_gflops BIGINT,
    memory_gb BIGINT, memory_bandwidth_gbps BIGINT, interconnect_gbps BIGINT, tpp BIGINT,
    dies BIGINT, die_area_um2 BIGINT, hbm_stacks BIGINT, h100e DOUBLE, born BIGINT, changed BIGINT
);

CREATE TABLE record.site_version (
    site VARCHAR, operator VARCHAR, country VARCHAR, power_kw BIGINT, positions BIGINT, born BIGINT, changed BIGINT
);

CREATE TABLE record.chip_version (
    chip VARCHAR, number BIGINT, model VARCHAR, class VARCHAR, custodian VARCHAR, owner VARCHAR,
    liable VARCHAR, site VARCHAR, system VARCHAR, slot VARCHAR, status VARCHAR, shipment VARCHAR,
    lots VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.chip_state (
    chip VARCHAR, number BIGINT, model VARCHAR, class VARCHAR, custodian VARCHAR, owner VARCHAR,
    liable VARCHAR, site VARCHAR, system VARCHAR, slot VARCHAR, status VARCHAR, shipment VARCHAR,
    lots VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.shipment_version (
    shipment VARCHAR, sender VARCHAR, receiver VARCHAR, country VARCHAR, due_by TIMESTAMP, due_by_s BIGINT,
    title VARCHAR, sent BIGINT, received BIGINT, refused BIGINT, cancelled BIGINT, lost BIGINT,
    unexpected BIGINT, state VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.discrepancy_version (
    discrepancy VARCHAR, kind VARCHAR, observer VARCHAR, counterparty VARCHAR, chips BIGINT, shipment VARCHAR,
    site VARCHAR, state VARCHAR, outcome VARCHAR, closed BIGINT, born BIGINT, changed BIGINT
);

CREATE TABLE record.discrepancy_chip (
    discrepancy VARCHAR, chip VARCHAR, seen VARCHAR, book_changed BIGINT, closed BIGINT
);

CREATE TABLE record.inspection_version (
    inspection VARCHAR, series VARCHAR, number BIGINT, verifier VARCHAR, provers VARCHAR, beacon VARCHAR,
    commitment VARCHAR, stages_drawn BIGINT, frame_count BIGINT, frame_root VARCHAR, timely VARCHAR,
    state VARCHAR, born BIGINT, changed BIGINT
);
