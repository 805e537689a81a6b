"""Real figures the demo and the model list start from, as small files carried in the package.

`chip_models.csv` and `clusters.csv` with their reader; README.md names the sources. Knows no ledger.
"""
