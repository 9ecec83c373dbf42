"""What a wordy model's answer is read as: the last statement of a grade after its thoughts, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.distill.llm.grade_words import read_grade
from endcap.distill.llm.grading import choice_grade
from endcap.distill.llm.reply import READER, Reply, read_reply
from endcap.distill.llm.thoughts import without_thoughts


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("3? Hmm. No.", None),
        ("I'd call it a 2.", 2),
        ("Graded: 2", 2),
        ("A 3 would need the brand, and a 2 the same type. This product is neither, so it gets a 0.", 0),
        ("It would be a 3 if it were red, but it is blue, so 2.", 2),
        ("If blue, 3; otherwise 1", None),
        ("A 2 would need the same colour; here it is 0.", 0),
        ("A 3 would need the brand. This is a 1.", 1),
        ("2 would need the same colour; here it is 0", 0),
        ("It has 2 litres", None),
        ("The query asks for 3 pieces and the product has 2.", None),
        ("3 - what was asked for. It holds 2 litres", 3),
        ("2 - no wait, 1", None),
        ("**Grade: 3**\n\nThe kettle holds 2 litres.", 3),
        ("Not a 3, but a 2.", None),
        ("The grade is not 3", None),
        ("1. The product is a kettle.\n2. The brand matches.\n3. So the grade is 2", 2),
        ("3. What was asked for.", 3),
        ("Grade: 2/3", 2),
        ("2/3", None),
        ("Final answer: \\boxed{2}", 2),
        ('```json\n{"relevance": 1, "confidence": 3}\n```', 1),
        ('{"reason": "a 3 needs x", "grade": 1}', 1),
        ("If the colour were the same, the grade would be 2. It is 0.", 0),
        ("Grade 3 would need X. Grade: 1", 1),
        ("I'd give it a 1.", 1),
        ("The product deserves a 2.", 2),
        ("2, since the colour differs", 2),
        ("2 because of colour", 2),
        ("This cannot be a 3. Therefore 1", 1),
        ("So the answer is: 0", 0),
        ("2\n\nExplanation: The shopper wanted 3 of them.", 2),
        ("0 (something else)", 0),
        ("Grade: 2 or 3", None),
        ("at least 2", None),
        ("more than 1", None),
        ("Score: 3. Reason: fits iPhone 3", 3),
        ("Relevance: 2 (substitute)", 2),
        ("Answer: 3 out of 3", 3),
        ("[2]", 2),
        ('"2"', 2),
        ("2.0", 2),
        ("Grade = 1", 1),
        ("The answer is **0**.", 0),
        ("Rating: 3 – exact", 3),
        ("it could be 2, but here it is 1", 1),
        ("it is 2 litres", None),
        ("This is a 2 pack", None),
        ("so 2 of these", None),
        ("A 3 requires X, which holds, so 3", 3),
        ("Grade: 2 litres", None),
        ("It is 1 of the accessories", None),
        ("0 1 2 3", None),
        ("The rubric says 3 - exact match; but this is 1", 1),
        ("3? No, 2", None),
        ("Is it 3? No. It is 2.", 2),
        ("Maybe 2", None),
        ("Hmm", None),
        ("The score should be 2.", 2),
        ("I think it's a 2", 2),
        ("would be a 2", None),
        ("The grade would be 2", None),
        ("I would rate this product 2", 2),
        ("I'd rate this a 3 because", 3),
        ("Grade:2", 2),
        ("grade_2", None),
        ("The correct grade is 2", 2),
        ("Final grade — 1", 1),
        ("2 – fair substitute", 2),
        ("2: fair substitute", 2),
        ("(2)", 2),
        ("Substitute (2)", None),
        ("Answer with one digit: 2", None),
        ("1 because a 3 would need X", 1),
        ("1, a 3 would need the brand", 1),
        # Other spellings, and other languages.
        ("two", 2),
        ("Grade: zero", 0),
        ("Note: zwei", 2),
        ("Trois.", 3),
        ("Bewertung: 2", 2),
        ("Die Note ist 2.", 2),
        ("La nota es 2", 2),
        ("Оценка: 3", 3),
        ("\u8bc4\u5206\uff1a2", 2),
        ("\uff13", 3),
        ("\u0662", 2),
        ("Score: 2 out of 3.", 2),
        ("I'd give it 2 out of 3.", 2),
        ("two or three", None),
        ("No one would want it.", None),
        ("One of the best.", None),
        ("null", None),
        ("Note: 3 ports are missing", None),
        ("Galaxy Note: 3", None),
        ("It matches 2 out of 3.", None),
        ("3 out of 3 features match", None),
        ("2 out of 5", None),
        ("2\u00bd", None),
        # Explanations and rubrics.
        ("Grade: 1\n\nExplanation: It has 3 ports and the query wants 2.", 1),
        ("Grade: 2 Reason: has 3 parts", 2),
        ("Explanation: It could be a 2. So it is 1.", 1),
        ("The relevance grade for this product is: 2", 2),
        ("The score for product 3", None),
        ("3 = exact, 2 = partial, 1 = related, 0 = none", None),
        ("0: no\n1: maybe\n2: good\n3: exact", None),
        ("0: no\n1: maybe\n2: good\n3: exact\nAnswer: 2", 2),
        ("Brand: 3\nColour: 0", None),
        ("Brand: 3, colour: 0. Overall score: 1", 1),
        # JSON.
        ('{"grade": "2"}', 2),
        ('{"grade": null}', None),
        ('{"grade": 7}', None),
        ('{"query": 2}', None),
        ('{"answer": "2 litres"}', None),
        ('Here it is:\n```json\n{"grade": 1}\n```\nHope that helps!', 1),
        # No answers.
        ("I'm sorry, but I can't help with that.", None),
        ("As an AI language model, I cannot 3", None),
        ("50%", None),
        ("10", None),
        ("2-3", None),
    ],
)
def test_the_last_statement_is_the_answer(text: str, grade: int | None) -> None:
    assert read_grade(text) == grade


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("think 3</think>1", "1"),
        ("<think>3</think>\n2", "2"),
        ("<thinking>3", ""),
        ("[THINK]a[/THINK]2", "2"),
        ("[THINK] 3", ""),
        ("<reasoning>3</reasoning>0", "0"),
        ("<|channel|>analysis<|message|>We need 3<|end|><|start|>assistant<|channel|>final<|message|>2<|return|>", "2"),
        ("<|channel|>analysis<|message|>It may be 3", ""),
        ("analysisWe need 3.assistantfinal2", "2"),
        ("analysisWe need 3", ""),
        ("◁think▷3◁/think▷1", "1"),
        ("<think>3</think><answer>2</answer>", "2"),
        ("analysis of the product: 3", ""),
        ("<|START_THINKING|>3<|END_THINKING|><|START_RESPONSE|>1<|END_RESPONSE|>", "1"),
        ("2", "2"),
        ("<Thought>3</Thought> 1", "1"),
        ("<think>a</think>b<think>3", ""),
        ("<seed:think>3</seed:think>2", "2"),
    ],
)
def test_thoughts_end_where_their_mark_says(text: str, answer: str) -> None:
    """Marks of many models, closed, bare and unclosed; thoughts without an end leave no answer."""
    assert without_thoughts(text) == answer


def grade(message: dict[str, Any], finish: str | None = "stop", limit: int = 8) -> int | None:
    reply = read_reply({"choices": [{"message": message, "finish_reason": finish}]}, limit)
    return choice_grade(reply.choices[0]) if reply.choices else None


@pytest.mark.parametrize("finish", ["length", "error", "max_tokens", "content_filter", "MAX_TOKENS", "aborted"])
def test_a_partial_text_is_no_answer(finish: str) -> None:
    """What was cut, filtered or broken off could have gone on to say anything."""
    assert grade({"content": "2"}, finish) is None
    assert grade({"content": "Grade: 2"}, finish) is None


def test_one_token_that_was_allowed_is_a_whole_answer() -> None:
    assert grade({"content": "2"}, "length", limit=1) == 2
    assert grade({"content": "2 would"}, "length", limit=2) is None


def test_an_answer_that_was_filed_under_thoughts_is_read() -> None:
    """Some servers put all into ``reasoning_content``; where there is a content as well, that alone counts."""
    for name in ("reasoning_content", "reasoning", "thinking"):
        assert grade({"content": None, name: "It fits. Grade: 2"}) == 2
        assert grade({"content": "1", name: "Grade: 2"}) == 1
        assert grade({"content": "", name: "Grade: 2, or"}, "length") is None


def test_what_an_older_reader_kept_is_read_anew_and_told_apart() -> None:
    old = {"choices": [{"text": "A 3?</think>1", "tokens": [["3", {"3": -0.1}]], "finish": "stop"}]}
    reply = Reply.from_json(old | {"tokens_in": 1, "tokens_out": 1, "asked": 8})
    assert (reply.reader, reply.choices[0].text, reply.choices[0].tokens) == (1, "1", ())
    assert Reply.from_json(Reply(()).to_json()).reader == READER


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["<think>", "</think>", "2", "3", " is ", "grade", ". ", "<|channel|>", "final", "\n"]))
)
def test_any_mixture_is_survived(parts: list[str]) -> None:
    assert read_grade(without_thoughts("".join(parts))) in (None, 0, 1, 2, 3)
