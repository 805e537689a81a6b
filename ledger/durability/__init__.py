"""What survives a power cut, and is what survived still the log that was signed?"""
