"""Which chip answered, proved by a key inside it: evidence of real accelerators, checked offline.

Pure functions on bytes. Trusts no root of its own, knows no clock, store or network, no statement and no
chip record, and imports nothing else of this project.
"""
