"""Writes as yangjianxin1/CPM's generate.py does, on a checkpoint of GPT-2; `npm run bench -- essay` runs it.

    python test/bench/essayPeer.py CHECKPOINT THREADS

The method, written anew: at each token the last 200 ids go through the model, without a cache; <unk> is barred; top-p
0.85 at temperature 1. Prints the tokens per second of each round, the window being full.
"""
import sys
import time

import torch
from transformers import GPT2LMHeadModel

WINDOW, TOKENS, ROUNDS = 200, 20, 2

torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(1)
model = GPT2LMHeadModel.from_pretrained(sys.argv[1]).eval()
ids = torch.randint(8, model.config.vocab_size, (WINDOW,)).tolist()
for round_number in range(1 + ROUNDS):
    start = time.perf_counter()
    for _ in range(TOKENS):
        with torch.no_grad():
            logits = model(torch.tensor([ids[-WINDOW:]]), use_cache=False).logits[0, -1]
        logits[0] = -torch.inf
        probabilities, order = logits.softmax(-1).sort(descending=True)
        probabilities[probabilities.cumsum(-1) - probabilities >= 0.85] = 0
        ids.append(order[torch.multinomial(probabilities, 1)].item())
    if round_number > 0:  # the first is a warm-up
        print(TOKENS / (time.perf_counter() - start), flush=True)
