"""A recipe that starts from the shipped student: its weights are read back, and all that belongs to them is kept."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from endcap.demo.catalogue import products
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.errors import InputError
from endcap.plugin.model.folder import default_folder, read_model
from endcap.plugin.model.student import Student
from endcap.plugin.model.text import TextRecipe, product_text, query_text

TEXTS = ["Norvik trail running shoe", "Electric kettle 1.7 l, steel", "x", "USB-C cable, 2 m " * 20]
QUERIES = ["running shoe", "kettle without cable", "4k tv 55 inch"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random BERT with the shipped tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("bert")
    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    torch.manual_seed(7)
    size = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(tokenizer), initializer_range=0.5, **size)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def recipe(base: Path | str, precision: str = "fp32", pooling: str = "cls") -> Recipe:
    text = TextRecipe(max_product_tokens=24, query_prefix="find: ")
    return Recipe("tiny", str(base), "none", pooling=pooling, precision=precision, text=text)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_float_weights_come_back_as_they_were(bert: Path, tmp_path: Path, pooling: str) -> None:
    """Those of the last layer, which is written apart for the first token alone, too."""
    from endcap.distill.export.bert_weights import bert_from_graph
    from endcap.distill.export.export import build_model
    from endcap.distill.student.tower import Tower

    build_model(recipe(bert, pooling=pooling), tmp_path / "model")
    back, tokenizer = bert_from_graph(tmp_path / "model")
    before = Tower.load(bert).model.state_dict()
    assert set(before) == set(back.state_dict())
    for name, value in back.state_dict().items():
        np.testing.assert_allclose(value.numpy(), before[name].numpy(), atol=1e-6, err_msg=name)
    assert tokenizer("running shoes")["input_ids"] == Tower.load(bert).tokens(["running shoes"], 24)[0]


def test_smoothed_int8_weights_come_back_to_within_a_step(bert: Path, tmp_path: Path) -> None:
    """Each number is at most half a step of its column away from what it was, smoothing and factors undone."""
    from endcap.distill.export.bert_weights import bert_from_graph
    from endcap.distill.export.export import build_model
    from endcap.distill.student.tower import Tower

    build_model(recipe(bert, "int8"), tmp_path / "model")
    back, _ = bert_from_graph(tmp_path / "model")
    before = Tower.load(bert).model.state_dict()
    for name, value in back.state_dict().items():
        off = (value - before[name]).norm() / before[name].norm().clamp(min=1e-9)
        assert off < 0.02, name


def test_the_shipped_weights_score_as_the_shipped_model(tmp_path: Path) -> None:
    """Cosines differ by what int8 activations cost, and are those of the shipped text and tokenizer."""
    from endcap.distill.student.tower import Tower

    student, shop = Student.load(), list(islice(products(), 0, 600, 20))
    info = student.info
    tower = Tower.load("shipped", scale=1.0)
    vectors = tower.encode([product_text(p, info.text) for p in shop], info.text.max_product_tokens)
    for query in QUERIES:
        [asked] = tower.encode([query_text(query, info.text)], info.text.max_query_tokens)
        scores = student.score(query, shop)
        assert np.abs(vectors @ asked - scores).max() < 0.02
        assert np.corrcoef(vectors @ asked, scores)[0, 1] > 0.997


def test_a_recipe_takes_all_else_from_the_shipped_student(tmp_path: Path) -> None:
    """Text, pooling and states are its own, unless the recipe says so; prefixes and pooling can't be others."""
    path, info = tmp_path / "a.toml", read_model()

    def read(more: str) -> Recipe:
        path.write_text('name = "a"\nbase = "shipped"\n' + more)
        return read_recipe(path)

    found = read("")
    assert found.text == info.text
    assert (found.pooling, found.shape, found.state_dtype) == (info.pooling, info.shape, info.state_dtype)
    assert (found.license, found.blend_weight) == ("MIT", info.blend_weight)
    narrow = read('[text]\nfields = ["title"]\n')
    assert (narrow.text.fields, narrow.text.query_prefix) == (("title",), info.text.query_prefix)
    for wrong in ('pooling = "mean"\n', 'shape = "cross-encoder"\n', '[text]\nquery_prefix = "find: "\n'):
        with pytest.raises(InputError, match="was taught with"):
            read(wrong)


def test_what_is_made_of_it_says_so(tmp_path: Path) -> None:
    """The folder names the student it was made from, and carries the licences of what that was taught by."""
    from endcap.distill.export.export import write_model_json
    from endcap.distill.export.lineage import licenses

    (tmp_path / "a.toml").write_text('name = "a"\nbase = "shipped"\n')
    made = read_recipe(tmp_path / "a.toml")
    write_model_json(tmp_path, made, 384)
    base = json.loads((tmp_path / "model.json").read_text())["base"]
    assert base == {"name": "endcap-shops (BAAI/bge-small-en-v1.5)", "license": "MIT"}
    assert {"base BAAI/bge-small-en-v1.5", "data chorus", "data esci"} < set(licenses(made))


def test_a_graph_of_others_is_refused(bert: Path, tmp_path: Path) -> None:
    import shutil

    import onnx

    from endcap.distill.export.bert_weights import bert_from_graph
    from endcap.distill.export.export import build_model
    from endcap.plugin.model.folder import file_checksum

    build_model(recipe(bert), tmp_path / "model")
    graph = tmp_path / "model" / "onnx" / "model.onnx"
    model = onnx.load(str(graph))
    del model.graph.node[len(model.graph.node) // 2 :]
    onnx.save(model, str(graph))
    raw = json.loads((tmp_path / "model" / "model.json").read_text())
    raw["files"]["onnx/model.onnx"] = file_checksum(graph)
    (tmp_path / "model" / "model.json").write_text(json.dumps(raw))
    with pytest.raises(InputError, match="not a graph that endcap wrote"):
        bert_from_graph(tmp_path / "model")
    shutil.rmtree(tmp_path / "model")


def test_frozen_layers_are_read_once_and_change_nothing(bert: Path) -> None:
    """Vectors are those of the whole model, and the layers below stay as they were when those above learn."""
    import torch

    from endcap.distill.student.tower import Tower

    whole, frozen = Tower.load(bert), Tower.load(bert)
    frozen.freeze(2)
    rows = whole.tokens(TEXTS, 24)
    whole.eval(), frozen.eval()
    expected = whole.vectors(rows)
    assert torch.allclose(frozen.vectors(rows), expected, atol=0.03)  # it may have been read in bfloat16
    assert torch.allclose(frozen.vectors(rows[::-1]), expected.flip(0), atol=0.03)  # what was kept, otherwise padded
    frozen.vectors(rows).sum().backward()
    learning = {name for name, parameter in frozen.named_parameters() if parameter.grad is not None}
    assert learning
    assert all(".layer.2." in name for name in learning)
