"""How fast is it, beside the bare parts it is made of, measured in the same run: `chipledger bench`."""
