-- What can one chip of each model do?
SELECT model, vendor, tpp, h100e, bf16_gflops / 1000 AS bf16_tflops, memory_gb
FROM model
ORDER BY tpp DESC, model;
