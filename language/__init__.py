"""English as shops and shoppers write it: words, plurals, small words, negations, units, model numbers, slips."""
