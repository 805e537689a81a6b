"""How signed statements reach a ledger, and how their receipts come to lie beside them."""
