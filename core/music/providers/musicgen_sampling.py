"""Frame after frame: the decoder's guesses, and the one that is drawn of them.

The library's generate() does the same for one seed and one window. Here every piece of a batch has its own seed, each step
can be watched and stopped, and a window goes on from tokens, not from sound that is heard and guessed anew. With one
likeliest token (top_k = 1) both make the same tokens; tests hold that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.music.providers.musicgen_cache import cache
from core.music.providers.musicgen_model import Condition, Loaded


@dataclass(frozen=True)
class Knobs:
    temperature: float = 1.0
    top_k: int = 250
    """0: all."""
    top_p: float = 0.0
    """0: not used. Both may be: then of the top_k likeliest so many that together they are that likely."""
    guidance: float = 3.0
    """1 and less: the words are followed as they come."""

    @property
    def guided(self) -> bool:
        return self.guidance > 1


def sow(model: Loaded, seeds: Sequence[int]) -> list[Any]:
    """A source of chance for each piece."""
    import torch

    place = "cpu" if model.device == "mps" else model.device
    return [torch.Generator(place).manual_seed(seed) for seed in seeds]


def sample(
    model: Loaded, condition: Condition, known: Any, new: int, knobs: Knobs, chances: Sequence[Any],
    step: Callable[[], None], aloud: Callable[[Any], None] | None = None,
) -> Any:  # fmt: skip
    """`new` more frames after `known` (pieces, codebooks, frames): (pieces, codebooks, new). step() is called before
    each, and ends all by raising; `aloud`, about once a second of sound, with what is there of the new ones.

    A codebook lags the one before it by a frame, the two channels of a stereo model together.
    """
    import torch

    pieces, books = len(chances), model.codebooks
    lags = torch.arange(books, device=model.device) // model.channels
    lag = int(lags[-1]) + 1
    had = known.shape[-1]
    total = had + new
    # Column 0 says "begin"; frame t of a codebook stands in column 1 + t + its lag.
    grid = torch.full((pieces, books, total + lag), model.pad, dtype=torch.long, device=model.device)
    for book in range(books):
        first = 1 + int(lags[book])
        grid[:, book, first : first + had] = known[:, book]
    prefix = condition.hidden.shape[1] if model.melody else 0
    memory = cache(model.model.config.decoder, prefix + total + lag)
    fed = 0
    for column in range(had + 1, total + lag):
        step()
        given = grid[..., fed:column]
        if knobs.guided:
            given = given.repeat(2, 1, 1)
        hears = not model.melody or fed == 0
        out = model.decoder(
            input_ids=given.reshape(-1, given.shape[-1]),
            encoder_hidden_states=condition.hidden if hears else None,
            encoder_attention_mask=condition.mask if hears else None,
            past_key_values=memory,
            use_cache=True,
        )
        fed = column
        guesses = out.logits[:, -1].float().reshape(-1, books, out.logits.shape[-1])
        if knobs.guided:
            words, nothing = guesses[:pieces], guesses[pieces:]
            guesses = nothing + (words - nothing) * knobs.guidance
        drawn = draw(guesses, knobs, chances)
        frame = column - 1 - lags
        free = (frame >= had) & (frame < total)
        grid[:, :, column] = torch.where(free, drawn, grid[:, :, column])
        ready = column + 1 - lag - had
        if aloud is not None and ready > 0 and ready % model.frames_a_second == 0:
            aloud(_fresh(grid, lags, had, ready))
    return _fresh(grid, lags, had, new)


def _fresh(grid: Any, lags: Any, had: int, new: int) -> Any:
    """(pieces, codebooks, new): the first frames after those that were there before, with every codebook at its time."""
    import torch

    books = grid.shape[1]
    return torch.stack([grid[:, book, 1 + int(lags[book]) + had :][..., :new] for book in range(books)], dim=1)


def draw(guesses: Any, knobs: Knobs, chances: Sequence[Any]) -> Any:
    """(pieces, codebooks) of (pieces, codebooks, tokens)."""
    import torch

    most = guesses.shape[-1]
    likeliest, tokens = torch.topk(guesses, min(knobs.top_k or most, most), dim=-1)
    shares = torch.softmax(likeliest / knobs.temperature, dim=-1)
    if 0 < knobs.top_p < 1:
        before = shares.cumsum(dim=-1) - shares
        shares = shares * (before < knobs.top_p)
    # The largest share over exponential noise is a fair draw, and each piece has its own noise.
    noise = torch.stack([torch.empty(shares.shape[1:], device=c.device).exponential_(generator=c) for c in chances])
    place = (shares / noise.to(shares.device)).argmax(dim=-1, keepdim=True)
    return tokens.gather(-1, place)[..., 0]
