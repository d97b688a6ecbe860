"""What Python's transformers says of a checkpoint: `npm run verify:model` runs this and compares.

    echo '{"ids": [5, 9], "greedy": 200}' | python src/cli/reference.py DIR

Prints {"logits": base64 of float32 [len(ids), vocabSize], "greedy": the most probable ids after `ids`, "versions"}.
DIR holds a Hugging Face GPT-2 or Megatron's `mp_rank_NN_model_states.pt`, which are merged here by tensor functions, not
by the rules of the TypeScript reader, so that the two check each other. Ends with CHECKPOINT_UNREADABLE where the
checkpoint is to blame, and with 1 where this Python or its packages are.
"""
import base64
import json
import re
import sys
import traceback
from pathlib import Path

import numpy
import torch
import transformers
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel

try:
    from numpy._core.multiarray import _reconstruct
except ImportError:  # NumPy 1
    from numpy.core.multiarray import _reconstruct

CHECKPOINT_UNREADABLE = 3
HEADS = {768: 12, 1024: 16, 2560: 32}
RANKS = "mp_rank_*_model_states.pt"
# Of what a Megatron checkpoint keeps of its random generators, by the names that either NumPy gives.
RANDOM_STATES = [
    numpy.ndarray,
    numpy.dtype,
    type(numpy.dtype(numpy.uint32)),
    (_reconstruct, "numpy.core.multiarray._reconstruct"),
    (_reconstruct, "numpy._core.multiarray._reconstruct"),
]


class TooOld(Exception):
    """Says nothing of the checkpoint."""


def is_at_least(package, *version):
    return tuple(int(part) for part in re.findall(r"\d+", package.__version__)[:2]) >= version


def rank_files(folder):
    """Those in the folder itself, or in the folder of the step that a file in it names."""
    places = [folder]
    for latest in (folder / "latest_checkpointed_iteration.txt", folder / "latest"):
        if latest.is_file():
            places.append(folder / latest.read_text().strip())
    return next((files for files in (sorted(place.glob(RANKS)) for place in places) if files), [])


def merge_megatron(files):
    """The ranks' `module`s as one GPT2LMHeadModel's state."""
    if not is_at_least(torch, 2, 6):  # the first whose safe_globals takes names
        raise TooOld(
            f"Megatron's files are read with torch 2.6 or newer, this Python has {torch.__version__}: "
            f"{sys.executable} -m pip install --upgrade torch"
        )
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
    places = [place / "config.json" for place in (files[0].parent, folder) if (place / "config.json").exists()]
    told = json.loads(places[0].read_text()) if places else {}
    if hidden not in HEADS and "n_head" not in told:
        raise ValueError('no file says the number of attention heads: put a config.json into the folder, as {"n_head": 32}')
    sizes = {
        "vocab_size": vocab_size,
        "n_positions": state["transformer.wpe.weight"].shape[0],
        "n_embd": hidden,
        "n_inner": state["transformer.h.0.mlp.c_fc.weight"].shape[1],
        "n_layer": sum(name.endswith("ln_1.weight") for name in state),
        "n_head": HEADS.get(hidden),
    }
    model = GPT2LMHeadModel(GPT2Config.from_dict({**sizes, **told}))
    model.load_state_dict(state)
    return model


def load(folder):
    hugging = any(folder.glob("model.safetensors*")) or any(folder.glob("pytorch_model.bin*"))
    files = [] if hugging else rank_files(folder)
    if files:
        return megatron_model(folder, files).float().eval()
    dtype = "dtype" if is_at_least(transformers, 4, 56) else "torch_dtype"
    options = {dtype: torch.float32, "output_loading_info": True}
    model, loading = AutoModelForCausalLM.from_pretrained(folder, **options)
    missing = sorted(set(loading["missing_keys"]) - {"lm_head.weight"})  # the head is the token table
    if missing:  # filled with random numbers, after a warning
        raise ValueError(f"transformers does not find {len(missing)} tensors in the files, {missing[0]} for one")
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
    try:
        model = load(Path(sys.argv[1]))
    except TooOld as error:
        sys.exit(str(error))
    except Exception:
        traceback.print_exc()
        sys.exit(CHECKPOINT_UNREADABLE)
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
