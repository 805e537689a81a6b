"""Between EPCIS 2.0 documents and statements: translation both ways, without a network."""
