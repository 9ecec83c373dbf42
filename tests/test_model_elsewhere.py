"""A model folder in the libraries that others serve with: the same scores."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from endcap.distill.recipe.settings import Recipe
from endcap.plugin.model.folder import default_folder, read_model
from endcap.plugin.model.student import Student
from endcap.plugin.model.text import TextRecipe

TEXTS = ["Norvik trail running shoe", "Electric kettle 1.7 l, steel", "USB-C cable, 2 m"]
QUERY = "shoe for jogging"


def unrounded() -> Student:
    """The shipped student with states of whole numbers: int8 ones move a cosine by up to .003."""
    return Student(replace(read_model(), state_dtype="float32"))


def test_the_shipped_folder_loads_in_sentence_transformers() -> None:
    """As an embedding model with its prompts; one text at a time, as int8 scales are taken over a batch."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(default_folder()), backend="onnx", device="cpu")
    products = np.concatenate([model.encode([text]) for text in TEXTS])
    [query] = model.encode([QUERY], prompt_name="query")
    np.testing.assert_allclose(unrounded().score(QUERY, TEXTS), products @ query, atol=1e-3)


def test_the_shipped_folder_loads_in_fastembed() -> None:
    """As a custom embedding model."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    TextEmbedding.add_custom_model(
        model="endcap-default",
        pooling=PoolingType.CLS,
        normalization=True,
        sources=ModelSource(hf="endcap-default"),
        dim=384,
        model_file="onnx/model.onnx",
    )
    model = TextEmbedding("endcap-default", specific_model_path=str(default_folder()), threads=1)
    student = unrounded()
    products = np.stack([next(iter(model.embed([text]))) for text in TEXTS])
    [query] = model.embed([student.info.text.query_prefix + QUERY])
    np.testing.assert_allclose(student.score(QUERY, TEXTS), products @ query, atol=1e-3)


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder's folder, from a small random BERT."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    from endcap.distill.export.export import build_model

    weights, out = tmp_path_factory.mktemp("weights"), tmp_path_factory.mktemp("cross") / "out"
    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    torch.manual_seed(7)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig(vocab_size=len(tokenizer), num_labels=1, initializer_range=0.5, **size)
    BertForSequenceClassification(config).save_pretrained(weights)
    tokenizer.save_pretrained(weights)
    recipe = Recipe("x", str(weights), "none", shape="cross-encoder", precision="fp32", text=TextRecipe())
    return build_model(recipe, out).folder


def test_a_cross_encoder_loads_in_sentence_transformers(cross_encoder: Path) -> None:
    """As a cross-encoder on the ONNX backend."""
    import torch
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(cross_encoder), backend="onnx", device="cpu")
    theirs = model.predict([(QUERY, text) for text in TEXTS], activation_fn=torch.nn.Identity())
    np.testing.assert_allclose(Student.load(cross_encoder).score(QUERY, TEXTS), theirs, atol=1e-4)


def test_a_cross_encoder_loads_in_fastembed(cross_encoder: Path) -> None:
    """As a custom cross-encoder."""
    from fastembed.common.model_description import ModelSource
    from fastembed.rerank.cross_encoder import TextCrossEncoder

    TextCrossEncoder.add_custom_model(
        model="endcap-cross", model_file="onnx/model.onnx", sources=ModelSource(hf="endcap-cross")
    )
    model = TextCrossEncoder("endcap-cross", specific_model_path=str(cross_encoder), threads=1)
    theirs = list(model.rerank(QUERY, TEXTS))
    np.testing.assert_allclose(Student.load(cross_encoder).score(QUERY, TEXTS), theirs, atol=1e-4)
