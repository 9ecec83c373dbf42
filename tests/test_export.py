"""From a base encoder to a model folder, with the training side installed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.errors import InputError
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.student import Student
from endcap.plugin.model.text import TextRecipe

TEXTS = ["Norvik trail running shoe", "Electric kettle 1.7 l, steel", "x", "USB-C cable, 2 m " * 20, "Größe ü ✓"]
QUERIES = ["running shoe", "kettle without cable", "charger"]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random BERT with the shipped tokenizer: a real model whose weights mean nothing."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    from endcap.plugin.model.folder import default_folder

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    torch.manual_seed(7)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(tokenizer), initializer_range=0.5, **size)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def torch_vectors(base: str, texts: list[str], pooling: str, max_tokens: int) -> np.ndarray:
    """Unit vectors float32 (n, d) as transformers itself computes them."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(base), AutoModel.from_pretrained(base).eval()
    vectors = []
    for text in texts:
        with torch.no_grad():
            hidden = model(**tokenizer(text, truncation=True, max_length=max_tokens, return_tensors="pt"))[0][0]
        vectors.append((hidden[0] if pooling == "cls" else hidden.mean(0)).numpy())
    matrix = np.stack(vectors)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_scores_are_the_bases_cosines(tiny: Path, tmp_path: Path, pooling: str) -> None:
    """An exported fp32 folder scores as torch does, to float16 of the state, long texts cut at the same token."""
    from endcap.distill.export.export import build_model

    text = TextRecipe(max_product_tokens=24, query_prefix="find: ")
    recipe = Recipe("tiny", str(tiny), "none", pooling=pooling, precision="fp32", text=text)
    student = Student(build_model(recipe, tmp_path / "out"))
    canonical = [student.text(t) for t in TEXTS]
    products = torch_vectors(str(tiny), canonical, pooling, 24)
    for query in QUERIES:
        [asked] = torch_vectors(str(tiny), [f"find: {query}"], pooling, 64)
        np.testing.assert_allclose(student.score(query, TEXTS), products @ asked, atol=2e-3)


def test_a_real_base_in_int8_is_that_base(hub_base: str, tmp_path: Path) -> None:
    """The int8 student's cosines are those of its base in torch, all but for quantisation."""
    from endcap.distill.export.export import build_model

    recipe = read_recipe("bge-small")
    student = Student(build_model(recipe, tmp_path / "model"))
    products = torch_vectors(hub_base, [student.text(t) for t in TEXTS], recipe.pooling, 64)
    queries = torch_vectors(hub_base, [recipe.text.query_prefix + q for q in QUERIES], recipe.pooling, 64)
    ours = np.stack([student.score(query, TEXTS) for query in QUERIES])
    assert np.abs(ours - queries @ products.T).max() < 0.03
    assert np.corrcoef(ours.ravel(), (queries @ products.T).ravel())[0, 1] > 0.99


def test_the_shipped_student_is_what_its_recipe_says() -> None:
    """The default recipe's base, text and states; taught, by the lineage, on both shops."""
    recipe, info = read_recipe("default"), read_model()
    assert (info.name, info.raw["base"]["name"], info.text) == (recipe.name, recipe.base, recipe.text)
    assert (info.state_dtype, info.precision, info.pooling) == (recipe.state_dtype, recipe.precision, recipe.pooling)
    assert set(info.raw["lineage"]["data"]["shops"]) == {shop.name for shop in recipe.shops}


@pytest.fixture(scope="session")
def hub_base() -> str:
    from transformers import AutoConfig

    base = read_recipe("bge-small").base
    try:
        AutoConfig.from_pretrained(base)
    except OSError:
        pytest.skip(f"{base} is not in the hub's cache and can't be fetched")
    return base


def test_a_cross_encoder_scores_as_torch_does(tiny: Path, tmp_path: Path) -> None:
    """Query and product read together: the folder's logits are those of transformers."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from endcap.distill.export.export import build_model

    torch.manual_seed(7)
    model = AutoModelForSequenceClassification.from_pretrained(tiny, num_labels=1).eval()
    weights = tmp_path / "weights"
    model.save_pretrained(weights)
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    tokenizer.save_pretrained(weights)
    recipe = Recipe("cross", str(weights), "none", shape="cross-encoder", precision="fp32")
    student = Student(build_model(recipe, tmp_path / "out"))
    states = student.encode(TEXTS)
    for query in QUERIES:
        with torch.no_grad():
            expected = [
                model(**tokenizer(query, student.text(t), return_tensors="pt")).logits.item()
                for t in TEXTS
                if len(t) < 99
            ]
        got = [s for s, t in zip(student.score(query, states), TEXTS, strict=True) if len(t) < 99]
        np.testing.assert_allclose(got, expected, atol=1e-4)


def test_a_failed_build_leaves_the_old_folder(tiny: Path, tmp_path: Path) -> None:
    """A base that can't be loaded is named, and what stood in the folder's place still stands there."""
    from endcap.distill.export.export import build_model

    recipe = Recipe("tiny", str(tiny), "none", precision="int8")
    before = build_model(recipe, tmp_path / "out")
    with pytest.raises(InputError, match="no-such-base"):
        build_model(recipe, tmp_path / "out", base=tmp_path / "no-such-base")
    assert build_model(recipe, tmp_path / "out").checksum == before.checksum
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_smoothing_changes_nothing_in_fp32(tiny: Path) -> None:
    """Scales that are taken from inputs and given to weights leave the model's output as it was."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from endcap.distill.export.smoothquant import calibration_texts, smoothquant

    model, tokenizer = AutoModel.from_pretrained(tiny).eval(), AutoTokenizer.from_pretrained(tiny)
    inputs = tokenizer(TEXTS, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.no_grad():
        before = model(**inputs)[0]
        assert smoothquant(model, tokenizer, calibration_texts()[:20]) == 4
        after = model(**inputs)[0]
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)
    with pytest.raises(ValueError, match="no texts"):
        smoothquant(model, tokenizer, [])


def test_int8_weights_fit_every_cpu(tiny: Path, tmp_path: Path) -> None:
    """Quantised weights stay within seven bits: without VNNI, sums of two products must fit 16 bits."""
    import onnx
    from onnx import numpy_helper

    from endcap.distill.export.export import build_model

    info = build_model(Recipe("tiny", str(tiny), "none", precision="int8"), tmp_path / "out")
    graph = onnx.load(info.folder / "onnx" / "model.onnx").graph
    weights = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    multiplied = [n.input[1] for n in graph.node if n.op_type == "DynamicQuantizeMatMul" and n.input[1] in weights]
    assert len(multiplied) == 9
    for name in multiplied:
        assert weights[name].dtype == np.int8
        assert np.abs(weights[name].astype(int)).max() <= 64


def test_states_follow_the_recipe(tiny: Path, tmp_path: Path) -> None:
    """What a recipe says of states stands in the folder; more numbers than the base's vectors have are refused."""
    from endcap.distill.export.export import build_model

    recipe = Recipe("tiny", str(tiny), "none", precision="fp32", state_dtype="int8", state_size=16)
    info = build_model(recipe, tmp_path / "out")
    assert (info.state_dtype, info.state_shape, info.state_bytes) == ("int8", (16,), 20)
    with pytest.raises(InputError, match="state_size = 33: the base's vectors have 32 numbers"):
        build_model(replace(recipe, state_size=33), tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name = 1", "the key base is missing"),
        ('name="a"\nbase="b"\nlicense="c"\npooling="max"', "pooling = 'max'"),
        ('name="a"\nbase="b"\nlicense="c"\n[text]\nfields=["titel"]', "titel"),
        ('name="a"\nbase="b"\nlicense="c"\nblend_weight=2', "blend_weight = 2"),
        ("name =", "no recipe"),
    ],
)
def test_wrong_recipes_are_named(tmp_path: Path, content: str, message: str) -> None:
    """A recipe's error names the key and the value."""
    (tmp_path / "recipe.toml").write_text(content)
    with pytest.raises(InputError, match=message):
        read_recipe(tmp_path / "recipe.toml")
    with pytest.raises(InputError, match="default"):
        read_recipe(tmp_path / "none.toml")


def test_recipes_that_come_with_the_package_are_read() -> None:
    """Every shipped recipe is sound."""
    for name in ("default", "bge-small", "minilm", "demo"):
        assert replace(read_recipe(name), precision="fp32").shape == "bi-encoder"
