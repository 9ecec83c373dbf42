"""Words as shops and shoppers write them, a file a language: plurals, small words, denials, amounts, model numbers."""
