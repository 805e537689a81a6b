"""What an inspection comes to, and what several say together, reckoned on the verifier's own machine."""
