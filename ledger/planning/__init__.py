"""What is a plan of an inspection told as?

`demand` holds what was asked, every input of it; `reading` makes it of texts, whichever door they came
through; `presence` and `hidden` ask the exact planners; `telling` says the answer as a sentence, a table and
an object, `curves` as points. Web, terminal and page say the same because they all ask here. Knows no clock,
network, ledger or chance.
"""
