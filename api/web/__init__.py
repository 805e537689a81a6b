"""Pages for people: plain HTML made on the server, no script, one style sheet."""
