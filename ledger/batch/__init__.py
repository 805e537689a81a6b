"""What does one batch do? Statements are heard over what those before them changed; one commit writes all."""
