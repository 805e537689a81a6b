"""The law: one module a family, plain functions on frozen values, no SQL, HTTP, clock or chance.

Each module offers, for each of its kinds, `check` (what needs only the statement), `needs` (which
rows to load), optionally `follow` (further rows, once those are known) and `judge`.
"""
