"""Writes a Megatron checkpoint of random weights in CPM-large's shape, as CPM-1-Generate's is published: two ranks, fp16.

    python test/bench/make_megatron.py DIR [layers hidden vocabulary ranks]

5.2 GB at full size; one rank is in memory at a time. Matrices begin as GPT-2's do, so that activations stay in range.
"""
import sys
from collections import OrderedDict
from pathlib import Path

import torch

folder = Path(sys.argv[1])
layers, hidden, vocabulary, ranks = (int(word) for word in sys.argv[2:] or (32, 2560, 30000, 2))


def normal(*shape):
    return torch.empty(*shape, dtype=torch.float16).normal_(0, 0.02)


def norm(name):
    return {f"{name}.weight": torch.ones(hidden).half(), f"{name}.bias": torch.zeros(hidden).half()}


def linear(name, outputs, inputs):
    return {f"{name}.weight": normal(outputs, inputs), f"{name}.bias": torch.zeros(outputs).half()}


(folder / "80000").mkdir(parents=True)
(folder / "latest_checkpointed_iteration.txt").write_text("80000")
torch.manual_seed(0)
positions = normal(1024, hidden)
for rank in range(ranks):
    torch.manual_seed(1 + rank)
    module = OrderedDict()
    module["word_embeddings.weight"] = normal(vocabulary // ranks, hidden)
    module["position_embeddings.weight"] = positions
    for layer in range(layers):
        name = f"transformer.layers.{layer}"
        module.update(norm(f"{name}.input_layernorm"))
        module.update(linear(f"{name}.attention.query_key_value", 3 * hidden // ranks, hidden))
        module.update(linear(f"{name}.attention.dense", hidden, hidden // ranks))
        module.update(norm(f"{name}.post_attention_layernorm"))
        module.update(linear(f"{name}.mlp.dense_h_to_4h", 4 * hidden // ranks, hidden))
        module.update(linear(f"{name}.mlp.dense_4h_to_h", hidden, 4 * hidden // ranks))
    module.update(norm("transformer.final_layernorm"))
    torch.save({"module": module, "iteration": 80000}, folder / "80000" / f"mp_rank_{rank:02}_model_states.pt")
    del module
