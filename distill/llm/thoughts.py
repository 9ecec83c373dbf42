"""An answer without what a model thought aloud before it, in the marks of the models that there are."""

from __future__ import annotations

import re

_NAME = r"(?:\w+:)?(?:think|thinking|thoughts?|reason|reasoning|reflection|analysis|scratchpad|rationale|cot)"
_OPENED = re.compile(
    rf"<{_NAME}(?:\s[^<>]*)?>|\[{_NAME}\]|◁{_NAME}▷|<\|(?:begin_of_thought|START_THINKING|begin_of_reasoning|think)\|>"
    r"|<\|channel>\s*\w+|<unused94>",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    rf"</{_NAME}\s*>|\[/{_NAME}\]|◁/{_NAME}▷|<\|(?:end_of_thought|END_THINKING|end_of_reasoning|/think)\|>"
    r"|<channel\|>|<unused95>",
    re.IGNORECASE,
)
"""A bare closing mark counts: chat templates often write the opening one into the prompt."""
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>", re.IGNORECASE)
_BARE_CHANNEL = re.compile(r"^\s*(?:analysis|commentary)(?=[\s\W]|[A-Z])", re.DOTALL)
"""The same channels where the server has dropped the special tokens: "analysisWe need ...assistantfinal2"."""
_BARE_FINAL = re.compile(r"assistant\s*final(?=\W|\d|[A-Z]|_|$)", re.DOTALL)
_MARKS = re.compile(
    r"<\|[^|<>]*\|>|</?(?:answer|final|final_answer|response|output|grade|score|rating|relevance|label|result|s)\s*>",
    re.IGNORECASE,
)


_ENDED = re.compile(
    r"(?<=\S)\s*(?:<\|(?:endoftext|im_end|eot_id|end_of_text)\|>|</s>|<end_of_turn>|<eos>)", re.IGNORECASE
)
"""Where a model's turn is over: what stands behind is another one's."""


def without_thoughts(text: str) -> str:
    """What stands after the last thought; thoughts that never end leave nothing."""
    channels = list(_CHANNEL.finditer(text))
    if channels:
        last = channels[-1]
        text = text[last.end() :] if last[1].lower() == "final" else ""
    elif _BARE_CHANNEL.match(text) or _BARE_FINAL.match(text):
        finals = list(_BARE_FINAL.finditer(text))
        text = text[finals[-1].end() :] if finals else ""
    closed = list(_CLOSED.finditer(text))
    if closed:
        text = text[closed[-1].end() :]
    if _OPENED.search(text):
        return ""
    return _MARKS.sub(" ", _ENDED.split(text.strip())[0]).strip()
