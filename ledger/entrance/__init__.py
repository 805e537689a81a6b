"""What knocks, is it signed by somebody known, and what is a refusal that holds against its giver?"""
