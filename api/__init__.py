"""The edge: HTTP, pages and commands. Clocks, sockets, settings and chance live here and nowhere below."""
