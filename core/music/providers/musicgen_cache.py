"""What the decoder keeps of the frames it has heard. The library's own cache is copied whole for every frame, which at
thirty seconds moves more memory than the weights do; this one is written in place."""

from __future__ import annotations

from typing import Any


def cache(config: Any, length: int) -> Any:
    """For `length` positions, the prefix of a melody included."""
    from transformers.cache_utils import Cache, DynamicCache, DynamicLayer, EncoderDecoderCache

    class InPlace(DynamicLayer):  # type: ignore[misc]
        """Keys and values of (rows, heads, positions, width), the positions filled one after another."""

        room_keys: Any = None
        room_values: Any = None

        def update(self, key_states: Any, value_states: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
                rows, heads, _, width = key_states.shape
                self.room_keys = key_states.new_empty((rows, heads, length, width))
                self.room_values = value_states.new_empty((rows, heads, length, width))
                self.keys, self.values = self.room_keys[:, :, :0], self.room_values[:, :, :0]
            had, now = self.keys.shape[-2], self.keys.shape[-2] + key_states.shape[-2]
            self.room_keys[:, :, had:now] = key_states
            self.room_values[:, :, had:now] = value_states
            self.keys, self.values = self.room_keys[:, :, :now], self.room_values[:, :, :now]
            return self.keys, self.values

    own = Cache(layers=[InPlace() for _ in range(config.num_hidden_layers)])
    return EncoderDecoderCache(own, DynamicCache(config=config))
