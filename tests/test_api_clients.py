"""Clients of others speak to the API unchanged: Cohere's own, and the rerankers of LangChain and LlamaIndex."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from api_parts import DOCUMENTS, QUERY, Running, api

from endcap.plugin import Student
from endcap.serve.keys import make_key

cohere = pytest.importorskip("cohere")
ORDER = np.argsort(-Student.load().score(QUERY, DOCUMENTS), kind="stable").tolist()


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    folder = tmp_path_factory.mktemp("api")
    key = make_key(folder / "api-keys.json", "clients")
    with api(folder) as running:
        yield running, key


def test_cohere_s_client(keyed: tuple[Running, str]) -> None:
    """Both versions, with documents as texts and as objects; a wrong key is its own error."""
    running, key = keyed
    first = cohere.Client(key, base_url=running.url)
    reply = first.rerank(query=QUERY, documents=DOCUMENTS, model="rerank-v3.5", top_n=2, return_documents=True)
    assert [result.index for result in reply.results] == ORDER[:2]
    assert [result.document.text for result in reply.results] == [DOCUMENTS[index] for index in ORDER[:2]]
    objects = [{"name": text, "id": place} for place, text in enumerate(DOCUMENTS)]
    reply = first.rerank(query=QUERY, documents=objects, model="any", rank_fields=["name"])
    assert [result.index for result in reply.results] == ORDER
    reply = cohere.ClientV2(key, base_url=running.url).rerank(query=QUERY, documents=DOCUMENTS, model="rerank-v3.5")
    assert [result.index for result in reply.results] == ORDER
    assert all(0 < result.relevance_score < 1 for result in reply.results)
    with pytest.raises(cohere.errors.UnauthorizedError):
        cohere.ClientV2("wrong", base_url=running.url).rerank(query=QUERY, documents=DOCUMENTS, model="any")
    with pytest.raises(cohere.errors.UnprocessableEntityError):
        cohere.ClientV2(key, base_url=running.url).rerank(query="", documents=DOCUMENTS, model="any")


async def _asked(url: str, key: str) -> list[int]:
    reply = await cohere.AsyncClientV2(key, base_url=url).rerank(query=QUERY, documents=DOCUMENTS, model="any")
    return [result.index for result in reply.results]


def test_cohere_s_client_in_asyncio(keyed: tuple[Running, str]) -> None:
    """The asynchronous one, too."""
    import asyncio

    assert asyncio.run(_asked(keyed[0].url, keyed[1])) == ORDER


def test_langchain(keyed: tuple[Running, str]) -> None:
    """LangChain's CohereRerank orders documents and says their scores."""
    reranker = pytest.importorskip("langchain_cohere").CohereRerank
    from langchain_core.documents import Document

    running, key = keyed
    compressor = reranker(cohere_api_key=key, base_url=running.url, model="rerank-v3.5", top_n=3)
    found = compressor.compress_documents([Document(page_content=text) for text in DOCUMENTS], QUERY)
    assert [document.page_content for document in found] == [DOCUMENTS[index] for index in ORDER[:3]]
    assert all(0 < document.metadata["relevance_score"] < 1 for document in found)


def test_llama_index(keyed: tuple[Running, str]) -> None:
    """LlamaIndex' CohereRerank orders nodes."""
    module = pytest.importorskip("llama_index.postprocessor.cohere_rerank")
    from llama_index.core.schema import NodeWithScore, TextNode

    running, key = keyed
    reranker = module.CohereRerank(top_n=3, api_key=key, base_url=running.url)
    nodes = [NodeWithScore(node=TextNode(text=text), score=0.0) for text in DOCUMENTS]
    found = reranker.postprocess_nodes(nodes, query_str=QUERY)
    assert [node.node.get_content() for node in found] == [DOCUMENTS[index] for index in ORDER[:3]]
