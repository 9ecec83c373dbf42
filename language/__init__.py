"""Words as shops and shoppers write them, in several languages: plurals, small words, denials, amounts, model numbers."""
