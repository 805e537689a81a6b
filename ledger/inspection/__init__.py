"""How many chips to visit, which ones, and what a visit proves.

Pure statistics and drawing on plain values. Knows no chip record, statement, clock, store or network, and
imports nothing else of this project.
"""
