"""The graph that is written by hand computes what the model does, and no more."""

from pathlib import Path

import numpy as np
import pytest

from endcap.distill.recipe.settings import Recipe
from endcap.plugin.model.folder import GRAPH, default_folder
from endcap.plugin.model.student import Student
from endcap.plugin.model.text import TextRecipe

TEXTS = ["Norvik trail running shoe", "Electric kettle 1.7 l, steel", "USB-C cable, 2 m"]
QUERY = "shoe for jogging"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random BERT whose norms, biases and token types all count."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("weights")
    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    torch.manual_seed(7)
    size = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
    model = BertForSequenceClassification(
        BertConfig(vocab_size=len(tokenizer), num_labels=1, initializer_range=0.4, layer_norm_eps=1e-3, **size)
    )
    for name, parameter in model.named_parameters():
        if "LayerNorm" in name or name.endswith("bias"):
            torch.nn.init.normal_(parameter, 1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.3)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("shape", "first_only"), [("bi", False), ("bi", True), ("cross", False)])
def test_the_graph_is_the_model(weights: Path, tmp_path: Path, shape: str, first_only: bool) -> None:
    """Outputs of a padded batch with two kinds of token types are torch's, to float32 rounding."""
    import onnx
    import onnxruntime
    import torch
    from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

    from endcap.distill.export.bert_graph import can_write, write_bert

    load = AutoModelForSequenceClassification if shape == "cross" else AutoModel
    model = load.from_pretrained(weights, attn_implementation="eager").eval()
    assert can_write(model)
    write_bert(model, tmp_path / "model.onnx", first_only=first_only, int8=False)
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    graph = onnx.load(tmp_path / "model.onnx").graph
    assert {c.name for c in graph.initializer} <= {name for node in graph.node for name in node.input}
    inputs = AutoTokenizer.from_pretrained(weights)([QUERY] * 3, TEXTS, padding=True, return_tensors="pt")
    assert inputs["attention_mask"].min() == 0
    with torch.no_grad():
        expected = model(**inputs)[0]
    [found] = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    mask = inputs["attention_mask"].bool().numpy()
    if shape == "cross":
        np.testing.assert_allclose(found, expected.numpy(), atol=2e-5)
    elif first_only:
        assert found.shape == (3, 1, 32)
        np.testing.assert_allclose(found[:, 0], expected[:, 0].numpy(), atol=2e-5)
    else:
        np.testing.assert_allclose(found[mask], expected.numpy()[mask], atol=2e-5)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_folder_of_the_first_token_loads_elsewhere(weights: Path, tmp_path: Path, precision: str) -> None:
    """A graph that gives the first token alone scores the same in sentence-transformers and in fastembed."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType
    from sentence_transformers import SentenceTransformer

    from endcap.distill.export.export import build_model

    text = TextRecipe(max_product_tokens=24, query_prefix="find: ")
    recipe = Recipe("x", str(weights), "none", pooling="cls", precision=precision, text=text)
    folder = build_model(recipe, tmp_path / "out").folder
    ours = Student.load(folder).score(QUERY, TEXTS)

    model = SentenceTransformer(str(folder), backend="onnx", device="cpu")
    products = np.concatenate([model.encode([product]) for product in TEXTS])
    [query] = model.encode([QUERY], prompt_name="query")
    np.testing.assert_allclose(ours, products @ query, atol=2e-3)

    name = f"endcap-first-{precision}"
    TextEmbedding.add_custom_model(
        model=name,
        pooling=PoolingType.CLS,
        normalization=True,
        sources=ModelSource(hf=name),
        dim=32,
        model_file=GRAPH,
    )
    embed = TextEmbedding(name, specific_model_path=str(folder), threads=1).embed
    products = np.stack([next(iter(embed([product]))) for product in TEXTS])
    [query] = embed([text.query_prefix + QUERY])
    np.testing.assert_allclose(ours, products @ query, atol=2e-3)


def test_int8_stays_near_fp32(weights: Path, tmp_path: Path) -> None:
    """The int8 graph's scores are those of fp32 but for quantisation, of both shapes."""
    from endcap.distill.export.export import build_model

    for shape, most in (("bi-encoder", 0.05), ("cross-encoder", 0.4)):
        scores = []
        for precision in ("fp32", "int8"):
            recipe = Recipe("x", str(weights), "none", shape=shape, precision=precision)
            scores.append(Student(build_model(recipe, tmp_path / precision)).score(QUERY, TEXTS))
        assert 0 < np.abs(scores[0] - scores[1]).max() < most


def test_other_models_go_through_the_exporter(tmp_path: Path) -> None:
    """A model that is no BERT, as this knows it, is exported by tracing, in int8 as well."""
    from transformers import AutoTokenizer, RobertaConfig, RobertaModel

    from endcap.distill.export.export import build_model

    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    RobertaModel(RobertaConfig(vocab_size=len(tokenizer), initializer_range=0.5, **size)).save_pretrained(
        tmp_path / "w"
    )
    tokenizer.save_pretrained(tmp_path / "w")
    scores = []
    for precision in ("fp32", "int8"):
        recipe = Recipe("x", str(tmp_path / "w"), "none", pooling="cls", precision=precision)
        scores.append(Student(build_model(recipe, tmp_path / precision)).score(QUERY, TEXTS))
    np.testing.assert_allclose(scores[0], scores[1], atol=0.1)
