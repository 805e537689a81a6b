"""`python -m api.cli` is `chipledger`, for processes that start others with their own interpreter."""

from api.cli.main import run

if __name__ == "__main__":  # worker processes import this module again, to find their function
    run()
