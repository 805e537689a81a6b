"""Example files for every kind that `sign` takes, a module for each thing they are about."""
