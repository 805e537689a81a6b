"""What do gaps between book and shelf prove, and what may be chance? Pure arithmetic on counts."""
