"""A tiny random CLAP in the real on-disk format: config.json, model.safetensors, preprocessor_config.json and a byte-level
tokenizer like RoBERTa's. It agrees and disagrees by chance, which is enough to test everything but its taste."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

INSTALLED = all(find_spec(module) is not None for module in ("torch", "transformers"))
needs_clap = pytest.mark.skipif(not INSTALLED, reason="torch and transformers are not installed")


def build(folder: Path, seed: int = 0) -> Path:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, RobertaTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    text = {
        "vocab_size": 320, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
        "max_position_embeddings": 130, "projection_dim": 16,
    }  # fmt: skip
    audio = {
        "patch_embeds_hidden_size": 8, "hidden_size": 16, "depths": [1, 1], "num_attention_heads": [2, 2],
        "num_hidden_layers": 2, "window_size": 8, "projection_dim": 16, "num_mel_bins": 64, "spec_size": 256,
    }  # fmt: skip
    model = ClapModel(ClapConfig(text_config=text, audio_config=audio, projection_dim=16))
    with torch.no_grad():  # as it is drawn, every text says nearly the same to it
        for weight in [*model.text_model.parameters(), *model.text_projection.parameters()]:
            if weight.ndim == 2:
                weight.normal_(0.0, 0.5)
    model.save_pretrained(folder)
    ClapFeatureExtractor(truncation="rand_trunc", padding="repeatpad").save_pretrained(folder)

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    words = Tokenizer(models.BPE(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=alphabet)
    words.train_from_iterator(["calm ambient music", "a fast rock song with guitars"], trainer)
    words.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    RobertaTokenizerFast(tokenizer_object=words, model_max_length=77).save_pretrained(folder)
    words.model.save(str(folder))  # vocab.json and merges.txt, as the published repository has them besides
    names = ("bos_token", "pad_token", "eos_token", "unk_token", "mask_token")
    known = dict(zip(names, special, strict=True)) | {"cls_token": "<s>", "sep_token": "</s>"}
    (folder / "special_tokens_map.json").write_text(json.dumps(known), encoding="utf-8")
    return folder
