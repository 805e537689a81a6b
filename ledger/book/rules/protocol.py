"""Which rules make an inspection, from the commitment to the verdict?"""

from ledger.book.rules import closings, draws, inspections, visits

RULES = (*inspections.RULES, *draws.RULES, *visits.RULES, *closings.RULES)
