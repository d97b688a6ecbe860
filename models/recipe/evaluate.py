"""Bits per character of a model on held-out documents, all and by genre, in fp32.

    python evaluate.py --model DIR --data heldout-modern.jsonl [--window 512] [--json FILE]

DIR holds config.json, model.safetensors and tokenizer.model. The document's title and <sep> stay pinned in front of
every window, in front of the first with opening_token_id of config.json, where it has one; the text slides through the rest of it in steps of half, so that every token but the first half window's
has at least half a window of left context. Counted: the tokens of the text (not title, not <eod>) over its characters.
"""
import argparse, json, lzma, math, time
import torch
import torch.nn.functional as F

SEP = 4


def read(path):
    f = lzma.open(path, "rt", encoding="utf-8") if path.endswith(".xz") else open(path, encoding="utf-8")
    with f:
        return [json.loads(line) for line in f]


def opening(config):
    """The ids that say where a text begins."""
    return [config["opening_token_id"]] if "opening_token_id" in config else []


def slices(head, body, window, opening=()):
    """(ids, number of leading targets not counted): every token of body is a counted target exactly once."""
    done = 0
    while done < len(body):
        # In the middle of an untitled text nothing stands before it.
        pinned = head + [*opening] if done == 0 else head if len(head) > 1 else []
        room = window + 1 - len(pinned)  # the last id of a slice is target only
        start = max(0, done - (room - room // 2)) if done else 0
        end = min(len(body), start + room)
        yield pinned + body[start:end], len(pinned) - 1 + done - start
        done = end


@torch.no_grad()
def bits(model, sp, docs, window, dtype=torch.float32, batch=16, opening=()):
    """{"all" | genre: {"bits_per_char", "bits", "chars", "tokens"}}"""
    model.eval()
    device = next(model.parameters()).device
    work = []
    for n, d in enumerate(docs):
        head = sp.encode(d.get("title") or "")[:48] + [SEP]
        work += [(ids, skip, n) for ids, skip in slices(head, sp.encode(d["text"]), window, opening)]
    work.sort(key=lambda w: len(w[0]))
    nats, tokens = [0.0] * len(docs), [0] * len(docs)
    for i in range(0, len(work), batch):
        part = work[i:i + batch]
        width = max(len(ids) for ids, _, _ in part)
        x = torch.tensor([ids + [0] * (width - len(ids)) for ids, _, _ in part], device=device)
        if dtype == torch.float32:
            h = model.hidden(x[:, :-1])
        else:
            with torch.autocast(device.type, dtype):
                h = model.hidden(x[:, :-1])
        for row, (ids, skip, n) in zip(range(len(part)), part):
            # A row at a time: the logits of a whole batch would be 16 times as large.
            logits = F.linear(h[row, skip:len(ids) - 1].to(dtype), model.wte.weight.to(dtype)).float()
            nats[n] += F.cross_entropy(logits, x[row, skip + 1:len(ids)], reduction="sum").item()
            tokens[n] += logits.shape[0]
    out = {}
    for name in ["all"] + sorted({d.get("genre", "") for d in docs}):
        of = [n for n, d in enumerate(docs) if name in ("all", d.get("genre", ""))]
        b, c = sum(nats[n] for n in of) / math.log(2), sum(len(docs[n]["text"]) for n in of)
        out[name] = {"bits_per_char": b / c, "bits": b, "chars": c, "tokens": sum(tokens[n] for n in of), "documents": len(of)}
    model.train()
    return out


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--model", required=True), a.add_argument("--data", required=True)
    a.add_argument("--window", type=int, help="default: trained_context of config.json")
    a.add_argument("--tokenizer"), a.add_argument("--json"), a.add_argument("--threads", type=int, default=2)
    o = a.parse_args()
    import sentencepiece as spm
    import model as M
    torch.set_num_threads(o.threads)
    net, config = M.load_hf(o.model)
    sp = spm.SentencePieceProcessor(model_file=o.tokenizer or f"{o.model}/tokenizer.model")
    start = time.time()
    window = o.window or config["trained_context"]
    result = bits(net, sp, read(o.data), window, opening=opening(config))
    for name, r in result.items():
        print(f"{name:14} {r['bits_per_char']:.4f} bits/char   {r['chars']} characters, {r['tokens']} tokens, {r['documents']} documents")
    print(f"window {window}, {time.time() - start:.0f} s")
    if o.json:
        json.dump({"window": window, "sets": result}, open(o.json, "w"), indent=1)


if __name__ == "__main__":
    main()
