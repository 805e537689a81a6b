"""How a verifier plans, commits to and draws a sample, on its own machine."""
