"""`python -m api.cli` is `chipledger`, for processes that start others with their own interpreter."""

from api.cli.main import run

run()
