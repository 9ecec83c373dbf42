"""Queries as people might type them, made from a catalogue, and the products that each is to be compared with."""
