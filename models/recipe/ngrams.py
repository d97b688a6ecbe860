"""The n-gram table that a model is shipped with: what followed one to four tokens in the training text.

    python ngrams.py --data DIR --model DIR --tune heldout.jsonl --to DIR/ngrams.bin [--floor 8] [--report FILE.jsonl …]
    python ngrams.py --tables ngrams.bin --model DIR --tune …       the tables of that file, λ fitted to another network

A network of ten million parameters forgets most names, idioms and turns of phrase that it has read; a table does not. The
engine lays it over the network's probabilities (src/generation/evidence.ts), the longest context first:

    p(token) = λ₄ q₄(token) + (1 − λ₄) (λ₃ q₃(token) + (1 − λ₃) (λ₂ q₂(token) + (1 − λ₂) (λ₁ q₁(token) + (1 − λ₁) network(token))))

q_k: counts of the tokens kept for the last k tokens, summing to 1. λ depends on k, on how often the context was seen and on
which share of that the kept tokens have; fitted by expectation-maximisation with the shipped network on --tune, which is
not training text, without the documents that --report has too, weighted like the rows of the training.

Kept are tokens that were seen twice and whose count is worth `--floor` bits more than with a context one token shorter:
count · log2(q_k / q_(k−1)). Counts are weighted like the rows of the training (weights.json). No context crosses documents.

ngrams.bin, little endian; sections begin at multiples of 4 bytes:

    uint32  "NGRM" as a number, format 1, longest context K, vocabulary
    f32     [K, 32]  λ by bucket
    for k = 1 … K:
      uint32  number of contexts C, number of entries E
      uint32  [C]  hash of the context, ascending (see context_hash)
      uint16  [C]  entries of each context
      uint8   [C]  bucket: 4 · min(7, ⌊log2 count⌋) + min(3, ⌊4 · share⌋)
      uint16  [E]  token ids, the likeliest of each context first
      uint8   [E]  −16 · log2(count / the context's largest count), at most 255
"""
import argparse, hashlib, json, math, os, struct, time
import numpy as np
import evaluate

HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST, BUCKETS = 4, 32
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(h):
    h = (h ^ (h >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return h ^ (h >> np.uint64(29))


def contexts(ids, k):
    """64-bit hashes of the k tokens before each token: for counting."""
    h = np.full(len(ids), k + 1, np.uint64)
    for j in range(k, 0, -1):
        before = np.zeros(len(ids), np.uint64)
        before[j:] = ids[:-j]
        h = mix(h * GOLDEN + before + np.uint64(1))
    return h


def context_hash(ids, at, k):
    """The 32-bit hash of the k tokens before each of the positions `at`, oldest first, as the engine computes it."""
    h = np.full(len(at), k, np.uint32)
    for j in range(k, 0, -1):
        h = (h ^ ids[at - j].astype(np.uint32)) * np.uint32(0x9E3779B1)
        h ^= h >> np.uint32(15)
    return h


def pair(h, token):
    return mix(h * GOLDEN + token + np.uint64(7))


def groups(sorted_keys):
    """Where each run of equal keys begins."""
    return np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]][:len(sorted_keys)])


def count(ids, start, weight, k, shorter):
    """The kept entries of contexts of k tokens. @param shorter those of k - 1, or the unigram shares"""
    ok = np.flatnonzero(np.arange(len(ids)) - start >= k)
    h, token, g = contexts(ids, k)[ok], ids[ok], weight[ok]
    both = pair(h, token)
    order = np.argsort(both, kind="stable")
    first = groups(both[order])
    times, total = np.diff(np.r_[first, len(order)]), np.add.reduceat(g[order], first)
    seen = order[first][times >= 2]
    entry = dict(key=both[seen], context=h[seen], at=ok[seen], token=token[seen], count=total[times >= 2])
    order = np.argsort(h, kind="stable")
    first = groups(h[order])
    keys, sums = h[order][first], np.add.reduceat(g[order], first)
    entry["of"] = sums[np.searchsorted(keys, entry["context"])]
    entry["share"] = entry["count"] / entry["of"]
    unigram = shorter["unigram"][entry["token"].astype(np.int64)]
    if k == 1:
        less = unigram
    else:
        short = pair(contexts(ids, k - 1)[entry["at"]], entry["token"])
        i = np.minimum(np.searchsorted(shorter["key"], short), len(shorter["key"]) - 1)
        less = np.where(shorter["key"][i] == short, shorter["share"][i], 0.1 * unigram)
    entry["worth"] = entry["count"] * np.log2(entry["share"] / np.maximum(less, 1e-9))
    entry["unigram"] = shorter["unigram"]
    return entry


def table(ids, entry, k, floor):
    """Contexts in the order of their hash, with their entries, as they are written."""
    keep = np.flatnonzero(entry["worth"] > floor)
    e = {name: entry[name][keep] for name in ("at", "token", "count", "of")}
    h = context_hash(ids, e["at"], k)
    # Two contexts of one hash: the one seen more often stays.
    order = np.lexsort((-e["count"], contexts(ids, k)[e["at"]], -e["of"], h))
    whole, h = contexts(ids, k)[e["at"]][order], h[order]
    owner = whole[groups(h)].repeat(np.diff(np.r_[groups(h), len(h)]))
    order, h = order[owner == whole], h[owner == whole]
    first = groups(h)
    sizes = np.diff(np.r_[first, len(h)])
    token, c, of = e["token"][order], e["count"][order], e["of"][order]
    sums = np.add.reduceat(c, first)
    bucket = 4 * np.minimum(7, np.log2(np.maximum(1, of[first])).astype(int)) + np.minimum(3, (4 * sums / of[first]).astype(int))
    code = np.minimum(255, np.rint(-16 * np.log2(c / c[first].repeat(sizes)))).astype(np.uint8)
    sizes = np.minimum(sizes, 65535)
    return dict(hash=h[first], sizes=sizes, bucket=bucket.astype(np.uint8), token=token.astype(np.uint16), code=code,
                first=np.r_[0, np.cumsum(sizes)])


def evidence(tables, ids, begin):
    """For each token of `ids`: [K] its q, and [K] its context's bucket or -1. @param begin where its document begins"""
    q, bucket = np.zeros((LONGEST, len(ids))), np.full((LONGEST, len(ids)), -1)
    for k, t in tables.items():
        if len(t["hash"]) == 0:  # of a small corpus
            continue
        at = np.flatnonzero(np.arange(len(ids)) - begin >= k)
        h = context_hash(ids, at, k)
        i = np.minimum(np.searchsorted(t["hash"], h), len(t["hash"]) - 1)
        at, i = at[t["hash"][i] == h], i[t["hash"][i] == h]
        bucket[k - 1, at] = t["bucket"][i]
        p = np.exp2(t["code"] / -16.0)  # a minus before unsigned codes would wrap
        sums = np.add.reduceat(p, t["first"][:-1])
        # Entries of a context are few: look at each in turn until all are done.
        for j in range(int(t["sizes"][i].max(initial=0))):
            more = t["sizes"][i] > j
            at, i = at[more], i[more]
            entry = t["first"][i] + j
            hit = t["token"][entry] == ids[at]
            q[k - 1, at[hit]] = p[entry[hit]] / sums[i[hit]]
            at, i = at[~hit], i[~hit]
    return q, bucket


def mixed(network, q, bucket, share):
    """Probabilities of the tokens, and [K] the share of each that is its level's."""
    p, own = network, []
    for k in range(len(q)):
        l = np.where(bucket[k] >= 0, share[k][bucket[k]], 0)
        mine = l * q[k]
        p = mine + (1 - l) * p
        own.append(mine / np.maximum(p, 1e-300))
    return p, own


def fit(network, q, bucket, weight, rounds=40):
    """λ by level and bucket. Two pseudo-observations keep buckets that were hardly seen at a tenth.
    @param weight of each token"""
    share = np.full((LONGEST, BUCKETS), 0.1)
    for _ in range(rounds):
        _, own = mixed(network, q, bucket, share)
        reach = weight.copy()  # what is left when the levels above have taken their part
        for k in reversed(range(LONGEST)):
            seen = bucket[k] >= 0
            mine = np.bincount(bucket[k][seen], (reach * own[k])[seen], BUCKETS)
            all_ = np.bincount(bucket[k][seen], reach[seen], BUCKETS)
            share[k] = (mine + 0.2) / (all_ + 2)
            reach = reach * (1 - own[k] * seen)
    return share


def network_probabilities(folder, documents, window):
    """Token ids of all documents, where each token's document begins, the network's probability of each."""
    import torch
    import torch.nn.functional as F
    import sentencepiece as spm
    import model as M
    net, config = M.load_hf(folder)
    sp = spm.SentencePieceProcessor(model_file=f"{folder}/tokenizer.model")
    net.eval()
    ids, begin, p = [], [], []
    with torch.no_grad():
        for d in documents:
            body = sp.encode(d["text"])
            begin += [len(ids)] * len(body)
            ids += body
            for window_ids, skip in evaluate.slices(sp.encode(d.get("title") or "")[:48] + [4], body, window or config["trained_context"], evaluate.opening(config)):
                x = torch.tensor([window_ids])
                logits = F.linear(net.hidden(x[:, :-1])[0, skip:], net.wte.weight)
                p.append(torch.exp(-F.cross_entropy(logits, x[0, skip + 1:], reduction="none")).double().numpy())
    return np.array(ids, np.uint64), np.array(begin), np.concatenate(p)


def write(path, vocab, tables, share):
    out = bytearray(struct.pack("<4sIII", b"NGRM", 1, LONGEST, vocab) + share.astype("<f4").tobytes())
    for t in (tables[k] for k in range(1, LONGEST + 1)):
        out += struct.pack("<II", len(t["hash"]), len(t["token"]))
        for part in (t["hash"].astype("<u4"), t["sizes"].astype("<u2"), t["bucket"], t["token"].astype("<u2"), t["code"]):
            out += part.tobytes()
            out += bytes(-len(out) % 4)
    with open(path + ".tmp", "wb") as f:
        f.write(out)
    os.replace(path + ".tmp", path)
    return len(out)


def read(path):
    """The tables by length of a file that `write` has written."""
    data = open(path, "rb").read()
    at, tables = 16 + 4 * LONGEST * BUCKETS, {}

    def part(kind, count):
        nonlocal at
        values = np.frombuffer(data, kind, count, at)
        at += values.nbytes + -values.nbytes % 4
        return values

    for k in range(1, LONGEST + 1):
        contexts_, entries = part("<u4", 2)
        t = dict(hash=part("<u4", contexts_), sizes=part("<u2", contexts_), bucket=part("u1", contexts_), token=part("<u2", entries), code=part("u1", entries))
        tables[k] = dict(t, first=np.r_[0, np.cumsum(t["sizes"].astype(np.int64))])
    return tables


def counted(data, vocab, weights, floors):
    """The tables by length; kept in DATA, since they do not depend on the network, for each mixture."""
    mixture = hashlib.sha256(json.dumps(weights, sort_keys=True).encode()).hexdigest()[:8]
    kept = f"{data}/ngrams-{'-'.join(f'{x:g}' for x in floors)}-{mixture}.npz"
    if os.path.exists(kept):
        z = np.load(kept)
        return {k: {name.split("/")[1]: z[name] for name in z.files if name.startswith(f"{k}/")} for k in range(1, LONGEST + 1)}
    group_names = json.load(open(f"{data}/meta.json"))["groups"]
    ids = np.fromfile(f"{data}/train.bin", np.uint16).astype(np.uint64)
    start, weight = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.float32)
    for d in np.load(f"{data}/docs.npy"):
        source, genre = group_names[d[4]]
        start[d[0]:d[1]], weight[d[0]:d[1]] = d[0], weights.get(source, weights.get(genre, 1))
    unigram = np.bincount(ids.astype(np.int64), weight, vocab)
    tables, entry = {}, {"unigram": unigram / unigram.sum()}
    for k in range(1, LONGEST + 1):
        entry = count(ids, start, weight, k, entry)
        tables[k] = table(ids, entry, k, floors[k - 1])
        print(f"{k} tokens: {len(tables[k]['hash'])} contexts, {len(tables[k]['token'])} entries", flush=True)
    with open(kept + ".tmp", "wb") as f:
        np.savez(f, **{f"{k}/{name}": part for k, t in tables.items() for name, part in t.items()})
    os.replace(kept + ".tmp", kept)
    return tables


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--model", required=True), a.add_argument("--to", required=True), a.add_argument("--window", type=int)
    a.add_argument("--data"), a.add_argument("--tables", help="an earlier ngrams.bin, in place of --data")
    a.add_argument("--tune", required=True), a.add_argument("--report", nargs="*", default=[])
    a.add_argument("--floor", type=float, nargs="+", default=[8.0], help="bits; one for all lengths or one each")
    a.add_argument("--weights", default=os.path.join(HERE, "weights.json"))
    o = a.parse_args()
    if not o.data and not o.tables:
        a.error("--data or --tables is needed")
    start_time = time.time()
    vocab = json.load(open(f"{o.model}/config.json"))["vocab_size"]
    weights = json.load(open(o.weights))
    tables = read(o.tables) if o.tables else counted(o.data, vocab, weights, o.floor if len(o.floor) == LONGEST else o.floor[:1] * LONGEST)
    reported = {path: evaluate.read(path) for path in o.report}
    known = {(d["source"], d.get("title"), d["text"][:40]) for documents in reported.values() for d in documents}
    tune = [d for d in evaluate.read(o.tune) if (d["source"], d.get("title"), d["text"][:40]) not in known]
    ids, begin, network = network_probabilities(o.model, tune, o.window)
    weight = {first: weights.get(d["source"], weights.get(d["genre"], 1)) for first, d in zip(np.unique(begin), tune)}
    share = fit(network, *evidence(tables, ids, begin), np.array([weight[first] for first in begin], float))
    size = write(o.to, vocab, tables, share)
    print(f"{size / 1e6:.1f} MB, λ from {len(tune)} documents, {time.time() - start_time:.0f} s")
    for path, documents in reported.items():
        ids, begin, network = network_probabilities(o.model, documents, o.window)
        p, _ = mixed(network, *evidence(tables, ids, begin), share)
        characters = sum(len(d["text"]) for d in documents)
        alone, together = (-np.log2(x).sum() / characters for x in (network, p))
        print(f"{os.path.basename(path)}: {alone:.4f} bits per character, with the table {together:.4f}")


if __name__ == "__main__":
    main()
