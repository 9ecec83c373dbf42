"""What a real server said (llama.cpp's, by xllamacpp 2026.10, 1 December 2026) with small models behind it."""

from __future__ import annotations

import json

import pytest

from endcap.distill.llm.dialect import Dialect
from endcap.distill.llm.grading import choice_grade, from_logprobs
from endcap.distill.llm.query_writer import is_copied, queries_in_answer
from endcap.distill.llm.reply import read_reply
from endcap.distill.llm.streams import parsed_body
from endcap.index.product import Product

TOO_MANY = "Field 'n': Value must be between 1 <= value <= 2, but got 5"
TOO_LONG = "request (3031 tokens) exceeds the available context size (2048 tokens), try increasing it"
STREAMED = [
    {"choices": [{"finish_reason": None, "index": 0, "delta": {"role": "assistant", "content": None}}]},
    {
        "choices": [
            {
                "finish_reason": None,
                "index": 0,
                "delta": {"content": "2"},
                "logprobs": {
                    "content": [
                        {
                            "id": 17,
                            "token": "2",
                            "bytes": [50],
                            "logprob": -0.4,
                            "top_logprobs": [
                                {"id": 17, "token": "2", "bytes": [50], "logprob": -0.4},
                                {"id": 18, "token": "3", "bytes": [51], "logprob": -1.2},
                            ],
                        }
                    ]
                },
            }
        ]
    },
    {
        "choices": [{"finish_reason": "stop", "index": 0, "delta": {}}],
        "timings": {"cache_n": 32, "prompt_n": 1, "prompt_ms": 444.391, "predicted_n": 2},
    },
]
OFF_RUBRIC = [
    "I'm glad you're enjoying the JSON",
    "It appears to be a JSON document that",
    "I'll start over, but please use",
    "You need to check the content of the",
    "The JSON you provided contains information about the",
]


def test_what_it_does_not_take_is_learnt() -> None:
    """More answers at once than it has slots are asked for one by one; a text that is too long is that pair's alone."""
    dialect = Dialect()
    assert dialect.several
    assert dialect.learn({"n": 5, "max_tokens": 8}, TOO_MANY)
    assert not dialect.several
    assert not Dialect().learn({"max_tokens": 8, "logprobs": True}, TOO_LONG)


def test_a_stream_with_log_probabilities_in_its_middle() -> None:
    """The first event has no text but null, the last one no log-probabilities."""
    events = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in STREAMED) + b"data: [DONE]\n\n"
    [choice] = read_reply(parsed_body(events), 8).choices
    assert (choice.text, choice.finish) == ("2", "stop")
    found = from_logprobs(choice)
    assert found is not None
    assert found.argmax() == 2
    assert found[3] > found[0] == found[1]


@pytest.mark.parametrize("text", OFF_RUBRIC)
def test_who_speaks_of_the_data_gives_no_grade(text: str) -> None:
    """A model of 135 million parameters that does not understand what it is asked for."""
    [choice] = read_reply({"choices": [{"message": {"content": text}, "finish_reason": "length"}]}, 8).choices
    assert choice_grade(choice) is None


def test_queries_in_a_fence() -> None:
    """A model of 1.5 billion parameters, told to write JSON and nothing else."""
    text = '```json\n{\n  "exact": ["cordless screwdriver", "voltane pro k8"],\n  "accessory": ["drill"]\n}\n```'
    assert queries_in_answer(text) == [
        ("exact", "cordless screwdriver"),
        ("exact", "voltane pro k8"),
        ("accessory", "drill"),
    ]


FOOD = Product(
    "f", "Orchid food 1 l, for pots", "Toftwood", description="A capful to the can, every other week. For pots of all."
)


@pytest.mark.parametrize(
    ("query", "copied"),
    [
        ("capful to the can", True),
        ("capful to the can, monthly", True),
        ("groceries > breakfast > muesli", True),
        ("halvex binoculars, binoculars", True),
        ("orchid food for pots", False),
        ("orchid food every other week", False),
        ("usb c to usb c cable", False),
        ("shirt, white, 42", False),
        ("organic blackberry muesli without added sugar", False),
    ],
)
def test_what_nobody_types_is_passed_over(query: str, copied: bool) -> None:
    """What that model wrote in place of a query; what people type has a word twice, or words of a description."""
    assert is_copied(query, FOOD) == copied
