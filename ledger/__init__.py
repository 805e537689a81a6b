"""What the registry is: the log, the book, inspections, devices, storage, and the one door in.

Imports nothing from `analytics` or `api`; knows chips, and never HTTP.
"""
