"""Times yangjianxin1/CPM's way of generating on a random CPM-small, to set beside `npm run bench -- engine`.

    pip install torch transformers && python test/bench/essayPeer.py [threads]

The method, written anew: at each token the last 200 ids go through the model, without a cache; <unk> is barred; top-p
0.85 at temperature 1. Prints the tokens per second of each round, the window being full.
"""
import sys
import time

import torch
from transformers import GPT2Config, GPT2LMHeadModel

WINDOW, TOKENS, ROUNDS = 200, 20, 5

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
torch.manual_seed(1)
model = GPT2LMHeadModel(GPT2Config(vocab_size=30000, bos_token_id=1, eos_token_id=7)).eval()
ids = torch.randint(8, 30000, (WINDOW,)).tolist()
for round_number in range(ROUNDS):
    start = time.perf_counter()
    for _ in range(TOKENS):
        with torch.no_grad():
            logits = model(torch.tensor([ids[-WINDOW:]]), use_cache=False).logits[0, -1]
        logits[0] = -torch.inf
        probabilities, order = logits.softmax(-1).sort(descending=True)
        probabilities[probabilities.cumsum(-1) - probabilities >= 0.85] = 0
        ids.append(order[torch.multinomial(probabilities, 1)].item())
    print(f"round {round_number + 1}: {TOKENS / (time.perf_counter() - start):.1f} tokens/s", flush=True)
