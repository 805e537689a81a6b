"""What can a cheat do against a plan, and is it caught as often as promised?"""
