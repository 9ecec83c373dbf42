"""The public data sets that endcap knows: who publishes them, where, under which licence, and their checksums."""

from collections.abc import Mapping
from dataclasses import dataclass

from endcap.errors import InputError

_GITHUB = "https://raw.githubusercontent.com"
_GITHUB_LFS = "https://media.githubusercontent.com/media"
_BEIR = "https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets"

_CHORUS = f"{_GITHUB}/querqy/chorus/96edf8b536e521be06cab910e0f6a9b25e3016fc"
_SAMPLE = f"{_GITHUB}/opensearch-project/dashboards-search-relevance/15bc1794b638078c1b6e3f19153a5564dedc0747"
_SAMPLE_JUDGMENTS = f"{_GITHUB}/opensearch-project/search-relevance/d8be5d1b18de545ca98270a76f20f6504b603f3a"
_ESCI = f"{_GITHUB_LFS}/amazon-science/esci-data/7916cdf6ab75a462e77f20ab40428a10923998d5"
_WANDS = f"{_GITHUB}/wayfair/WANDS/3b74dcf4ba29ab8ff3e6a50b5b09fc627cb882b5"


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """One file to fetch. ``checksum`` is ``sha256:…``, ``md5:…`` or ``git-blob:…`` (git's SHA-1 of the content).

    ``n_bytes`` is None where the owner does not say; a zip with ``unpack`` is taken apart after it was checked.
    """

    name: str
    url: str
    checksum: str
    n_bytes: int | None = None
    unpack: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public catalogue with its judgments, as its owner publishes it; ``format`` where readers should be told one."""

    name: str
    owner: str
    licence: str
    contents: str
    pinned: str
    files: tuple[DatasetFile, ...]
    format: str = ""

    @property
    def n_bytes(self) -> int | None:
        """The size of all files together, or None where one is not known."""
        sizes = [file.n_bytes for file in self.files]
        return sum(size for size in sizes if size is not None) if None not in sizes else None


def _chorus_part(number: int, n_bytes: int, sha256: str) -> DatasetFile:
    path = f"data-encoder/ecommerce/vectors/data/{number}.json.zip"
    return DatasetFile(f"{number}.json.zip", f"{_CHORUS}/{path}", f"sha256:{sha256}", n_bytes)


_ALL = (
    Dataset(
        name="chorus",
        owner="querqy/chorus (Icecat, Supahands)",
        licence="products: Open Icecat content licence; ratings: Apache-2.0",
        contents="19,406 electronics products, human ratings 0 to 3",
        pinned="commit 96edf8b",
        files=(
            _chorus_part(1, 1558268, "15b622a11a6267aa0c450919a84b0fc41d7748db552f4c9c0e04167bbc7c38cb"),
            _chorus_part(2, 1643302, "17d95160289440d03ca50af65c1363d9edd1d5e82678ddb874b27aeac1f87c33"),
            _chorus_part(3, 1662955, "d4d088908fa648da7e79682872a77771ba42f065b253c4fb0f333e630d94f45a"),
            _chorus_part(4, 1422844, "533329e5173eac349ce61512fc86a352d5f6651e31694e03aa6e8428cbeaf3c0"),
            DatasetFile(
                "Broad_Query_Set_rated.csv",
                f"{_CHORUS}/katas/Broad_Query_Set_rated.csv",
                "sha256:065b79c6c19b9ea8fa2dc2b0b8dae3f40c6389454a1f26aac3d3f8a7d43731b2",
                75875,
            ),
        ),
    ),
    Dataset(
        name="esci-us",
        owner="opensearch-project (Amazon)",
        licence="Apache-2.0",
        contents="OpenSearch's e-commerce sample: 6,764 marketplace products, ratings of 150 queries",
        pinned="commits 15bc179, d8be5d1",
        files=(
            DatasetFile(
                "ubi_ecommerce_products.json.gz",
                f"{_SAMPLE}/server/sample_data/data/ubi_ecommerce_products.json.gz",
                "sha256:cfd3b04e069033fa1561e2985260c83a3cb8344ee549754edfd0574a4aa14a49",
                3128785,
            ),
            DatasetFile(
                "esci_us_judgments.json",
                f"{_SAMPLE_JUDGMENTS}/src/test/data-esci/esci_us_judgments.json",
                "sha256:3981436d88e42ef283b5d805c7fa7ec68cd9657584fbc96b3bcd8d51ad1ba708",
                568806,
            ),
        ),
    ),
    Dataset(
        name="esci",
        owner="amazon-science/esci-data",
        licence="Apache-2.0",
        contents="Shopping Queries Data Set: 130,652 queries in three locales, 2,621,738 labels E/S/C/I",
        pinned="commit 7916cdf",
        format="esci:us",
        files=(
            DatasetFile(
                "shopping_queries_dataset_products.parquet",
                f"{_ESCI}/shopping_queries_dataset/shopping_queries_dataset_products.parquet",
                "sha256:25124442d064d64b26f74082d6fa09438d679efc0c183cf28d19064a2b65a265",
                1108857465,
            ),
            DatasetFile(
                "shopping_queries_dataset_examples.parquet",
                f"{_ESCI}/shopping_queries_dataset/shopping_queries_dataset_examples.parquet",
                "sha256:4a735b693b4a424a6fc67f5be6e4c811495c488bbf66d02a602d308b2744263a",
                51286808,
            ),
        ),
    ),
    Dataset(
        name="wands",
        owner="wayfair/WANDS",
        licence="MIT",
        contents="42,994 home products, 480 queries, 233,448 labels Exact/Partial/Irrelevant",
        pinned="commit 3b74dcf",
        files=(
            DatasetFile(
                "product.csv", f"{_WANDS}/dataset/product.csv", "git-blob:a415f7295dc0d90b3163ef606da611a4e9ddeca8"
            ),
            DatasetFile(
                "query.csv",
                f"{_WANDS}/dataset/query.csv",
                "sha256:63b61660560fecc33ec490804c7e2b81402ee3e7c31a9cbb5e03736639f68e95",
                19942,
            ),
            DatasetFile(
                "label.csv", f"{_WANDS}/dataset/label.csv", "git-blob:2c09a0d7b1f77f6040deb5873b5a90b8ef1e3ae9"
            ),
        ),
    ),
    Dataset(
        name="beir-scifact",
        owner="BEIR (TU Darmstadt), AllenAI",
        licence="see the owner: github.com/allenai/scifact",
        contents="5,183 scientific abstracts, 300 test claims",
        pinned="BEIR's published MD5",
        files=(
            DatasetFile(
                "scifact.zip", f"{_BEIR}/scifact.zip", "md5:5f7d1de60b170fc8027bb7898e2efca1", 2816079, unpack=True
            ),
        ),
    ),
    Dataset(
        name="beir-nfcorpus",
        owner="BEIR (TU Darmstadt), Heidelberg University",
        licence="see the owner: cl.uni-heidelberg.de/statnlpgroup/nfcorpus (academic use)",
        contents="3,633 medical abstracts, 323 test queries, grades 0 to 2",
        pinned="BEIR's published MD5",
        files=(
            DatasetFile("nfcorpus.zip", f"{_BEIR}/nfcorpus.zip", "md5:a89dba18a62ef92f7d323ec890a0d38d", unpack=True),
        ),
    ),
)

DATASETS: Mapping[str, Dataset] = {dataset.name: dataset for dataset in _ALL}


def dataset_named(name: str) -> Dataset:
    """The data set of this name; ``InputError`` lists the names there are."""
    if name not in DATASETS:
        raise InputError(f"data set {name!r} is not known. There are: {', '.join(DATASETS)}.")
    return DATASETS[name]
