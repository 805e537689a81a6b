"""Analytics taken to where analysts already work: other databases, dbt, files with their provenance."""
