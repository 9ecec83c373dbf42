"""A large language model behind an OpenAI-compatible endpoint: as a teacher, and as a writer of queries."""
