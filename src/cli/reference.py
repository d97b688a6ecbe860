"""What Python's transformers says of a checkpoint: `npm run verify:model` runs this and compares.

    echo '{"ids": [5, 9], "greedy": 200}' | python src/cli/reference.py DIR

Prints {"logits": base64 of float32 [len(ids), vocabSize], "greedy": the most probable ids after `ids`, "versions"}.
DIR holds a Hugging Face GPT-2 or Megatron's `mp_rank_NN_model_states.pt`, which are merged here by tensor functions, not
by the rules of the TypeScript reader, so that the two check each other.
"""
import base64
import json
import re
import sys
from pathlib import Path

import numpy
import torch
import transformers
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel

HEADS = {768: 12, 1024: 16, 2560: 32}
RANDOM_STATES = [
    numpy.ndarray,
    numpy.dtype,
    numpy._core.multiarray._reconstruct,
    type(numpy.dtype(numpy.uint32)),
    (numpy._core.multiarray._reconstruct, "numpy.core.multiarray._reconstruct"),
]


def rank_files(folder):
    files = sorted(folder.glob("mp_rank_*_model_states.pt"))
    return files or sorted(folder.glob("*/mp_rank_*_model_states.pt"))


def merge_megatron(files):
    """The ranks' `module`s as one GPT2LMHeadModel's state."""
    with torch.serialization.safe_globals(RANDOM_STATES):
        ranks = [torch.load(file, map_location="cpu", weights_only=True)["module"] for file in files]
    merged = {}
    for name in ranks[0]:
        parts = [rank[name].float() for rank in ranks]
        if "query_key_value" in name:
            # [ranks, 3, rows, …] → [3, ranks, rows, …]
            rows = parts[0].shape[0] // 3
            value = torch.stack([part.view(3, rows, *part.shape[1:]) for part in parts])
            value = value.transpose(0, 1).reshape(3 * rows * len(parts), *parts[0].shape[1:])
        elif re.search(r"word_embeddings|dense_h_to_4h", name):
            value = torch.cat(parts, dim=0)
        elif re.search(r"(attention\.dense|dense_4h_to_h)\.weight", name):
            value = torch.cat(parts, dim=1)
        else:
            value = parts[0]
        if re.search(r"(dense|query_key_value|dense_h_to_4h|dense_4h_to_h)\.weight", name):
            value = value.t()
        for old, new in {
            "word_embeddings": "wte",
            "position_embeddings": "wpe",
            "transformer.final_layernorm": "ln_f",
            "transformer.layers": "h",
            "input_layernorm": "ln_1",
            "post_attention_layernorm": "ln_2",
            "attention.query_key_value": "attn.c_attn",
            "attention.dense": "attn.c_proj",
            "dense_h_to_4h": "c_fc",
            "dense_4h_to_h": "c_proj",
        }.items():
            name = name.replace(old, new)
        merged[f"transformer.{name}"] = value.contiguous()
    merged["lm_head.weight"] = merged["transformer.wte.weight"]
    return merged


def megatron_model(folder, files):
    state = merge_megatron(files)
    vocab_size, hidden = state["transformer.wte.weight"].shape
    told = [place / "config.json" for place in (files[0].parent, folder) if (place / "config.json").exists()]
    heads = json.loads(told[0].read_text())["n_head"] if told else HEADS[hidden]
    layers = sum(name.endswith("ln_1.weight") for name in state)
    positions = state["transformer.wpe.weight"].shape[0]
    config = GPT2Config(vocab_size=vocab_size, n_positions=positions, n_embd=hidden, n_layer=layers, n_head=heads)
    model = GPT2LMHeadModel(config)
    model.load_state_dict(state)
    return model


def load(folder):
    files = rank_files(folder)
    hugging = (folder / "config.json").exists() and not files
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32) if hugging else megatron_model(folder, files)
    return model.float().eval()


@torch.no_grad()
def greedy(model, ids, count):
    """@returns the ids, and the smallest lead of a chosen token over the next best"""
    step, past, chosen, lead = torch.tensor([ids]), None, [], float("inf")
    for _ in range(count):
        out = model(step, past_key_values=past, use_cache=True)
        best = out.logits[0, -1].topk(2)
        lead = min(lead, (best.values[0] - best.values[1]).item())
        chosen.append(best.indices[0].item())
        step, past = best.indices[:1].view(1, 1), out.past_key_values
    return chosen, lead


@torch.no_grad()
def main():
    request = json.load(sys.stdin)
    model = load(Path(sys.argv[1]))
    logits = model(torch.tensor([request["ids"]])).logits[0]
    chosen, lead = greedy(model, request["ids"], request["greedy"])
    json.dump(
        {
            "logits": base64.b64encode(logits.numpy().astype("<f4").tobytes()).decode(),
            "greedy": chosen,
            "lead": lead,
            "versions": f"transformers {transformers.__version__}, torch {torch.__version__}",
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
