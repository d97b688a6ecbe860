"""Corpus -> SentencePiece model + token files for train.py.

Usage: python prepare.py --corpus DIR --out DIR [--vocab 10000] [--weights weights.json]

DIR holds *.jsonl or *.jsonl.xz, a document a line: {"title", "text", "source", "genre", "lic"[, "part"]}.
heldout*.jsonl are never trained on. Only documents whose `lic` is pd or free go in: every document is asked.
Dropped as well: documents that share much with a held-out one, and near-duplicates within the training text.

Writes  tokenizer.model   Unigram, identity normalisation, byte fallback, no dummy prefix, "\\n" a piece of its own;
                          0 <unk>  1 <s>  2 </s>  3 <pad>  4 <sep>  5 <eod>
        train.bin         uint16 ids of all bodies, one after the other, each finished work followed by <eod>
        titles.bin        uint16 ids of all titles
        docs.npy          int64 [documents, 6] = body start, body end, title start, title end, group, starts a work
        meta.json         sizes, counts by licence class and source, the groups (source, genre) that weights apply to, versions
                          and seeds
The sampling weights are applied by train.py, so they can be changed between parts of one run; here they only steer
which lines the tokenizer is trained on.
"""
import argparse, collections, glob, hashlib, json, lzma, os, platform, random, re
import numpy as np
import sentencepiece as spm

SEP, EOD = 4, 5
SEEDS = {"order": 1, "tokenizer": 2}
LICENCES = {"pd", "free"}
# In every vocabulary, however rare in the corpus: what a modern Chinese text may be punctuated with.
REQUIRED = "「」『』“”‘’…—《》〈〉（）【】〔〕、，。；：？！·～￥％＋－＝／　"
# Style variants, share of documents each: writers differ in these, the corpus is uniform.
VARIANTS = [(0.06, "corner quotes"), (0.10, "blank lines"), (0.04, "indent"), (0.05, "spaces around Latin")]


def read(path):
    f = lzma.open(path, "rt", encoding="utf-8") if path.endswith(".xz") else open(path, encoding="utf-8")
    with f:
        for line in f:
            yield json.loads(line)


def windows(text, n=16):
    """Hashes of all n-character windows of the Han characters of a text."""
    c = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
    c = c[(c >= 0x4E00) & (c <= 0x9FFF)]
    if len(c) < n:
        return np.zeros(0, np.uint64)
    h = np.zeros(len(c) - n + 1, np.uint64)
    for i in range(n):
        h = h * np.uint64(0x9E3779B97F4A7C15) + c[i:len(c) - n + 1 + i]
    h ^= h >> np.uint64(29)
    return np.unique(h * np.uint64(0xBF58476D1CE4E5B9))


def deduplicate(docs, held):
    """Drops documents that overlap a held-out one by a tenth, or an earlier training document by half."""
    owner = np.concatenate([np.full(len(w), i) for i, w in enumerate(held)])
    known = np.concatenate(held)
    order = np.argsort(known)
    known, owner, sizes = known[order], owner[order], np.array([max(1, len(w)) for w in held])
    seen, out, lost = set(), [], collections.Counter()
    for d in docs:
        w = windows(d["text"])
        if len(w):
            at = np.minimum(np.searchsorted(known, w), len(known) - 1)
            shared = np.bincount(owner[at[known[at] == w]], minlength=len(held))
            if (shared / np.minimum(sizes, len(w)) > 0.1).any():
                lost["like a held-out document"] += 1
                continue
        # A sixteenth of the windows is enough to find whole repeated works.
        mine = w[(w >> np.uint64(60)) == 0].tolist()
        if len(mine) >= 4 and sum(x in seen for x in mine) > 0.5 * len(mine):
            lost["near-duplicate"] += 1
            continue
        seen.update(mine)
        out.append(d)
    return out, dict(lost)


def vary(text, rng):
    x = rng.random()
    for share, name in VARIANTS:
        if x < share:
            break
        x -= share
    else:
        return text
    if name == "corner quotes":
        return text.translate(str.maketrans("“”‘’", "「」『』"))
    if name == "blank lines":
        return re.sub(r"\n+", "\n\n", text)
    if name == "indent":
        return re.sub(r"(?m)^(?=[^\s　])", "　　", text)
    return re.sub(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[\u4e00-\u9fff])", " ", text)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--corpus", required=True), a.add_argument("--out", required=True)
    a.add_argument("--vocab", type=int, default=10000)
    a.add_argument("--weights", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "weights.json"))
    a.add_argument("--sample_chars", type=int, default=8_000_000)
    a.add_argument("--tokenizer", help="use this tokenizer.model instead of training one")
    a.add_argument("--sampling", type=float, default=0, help="draw how a text is cut, each way with its probability to this power, as --seed has it (0: always the likeliest)")
    a.add_argument("--seed", type=int, default=3, help="of what is drawn")
    o = a.parse_args()
    os.makedirs(o.out, exist_ok=True)
    weights = json.load(open(o.weights))

    files = [p for p in sorted(glob.glob(f"{o.corpus}/*.jsonl*")) if "heldout" not in os.path.basename(p)]
    held = [windows(d["text"]) for p in sorted(glob.glob(f"{o.corpus}/heldout*.jsonl*")) for d in read(p)]
    docs, last = [], {}
    for p in files:
        for d in read(p):
            if d.get("lic") not in LICENCES:
                continue
            d["title"] = re.sub(r"（续\d+）$", "", (d.get("title") or "").strip())
            d["whole"] = not d.get("part")
            last[d["source"], d["title"]] = max(last.get((d["source"], d["title"]), 0), d.get("part") or 0)
            docs.append(d)
    docs, lost = deduplicate(docs, held)
    print(len(docs), "documents kept; dropped:", lost, flush=True)
    random.Random(SEEDS["order"]).shuffle(docs)
    assert all(d["lic"] in LICENCES for d in docs)

    weight = lambda d: weights.get(d["source"], weights.get(d["genre"], 1))
    for d in docs:
        d["text"] = vary(d["text"], random.Random(hashlib.md5(d["text"].encode()).digest()))
    if o.tokenizer:
        model = open(o.tokenizer, "rb").read()
        with open(f"{o.out}/tokenizer.model", "wb") as f:
            f.write(model)
    else:
        total = sum(len(d["text"]) * weight(d) for d in docs)
        rng, sample = random.Random(SEEDS["tokenizer"]), f"{o.out}/sample.txt"
        with open(sample, "w", encoding="utf-8") as f:
            for d in docs:
                keep = o.sample_chars / total * weight(d)
                for line in [d["title"]] + d["text"].split("\n"):
                    if line and rng.random() < keep:
                        f.write(line + "\n")
        # An iterator and a writer, not two paths: paths would be recorded in the model, and with it in every release.
        with open(sample, encoding="utf-8") as lines, open(f"{o.out}/tokenizer.model", "wb") as model:
            spm.SentencePieceTrainer.train(
                sentence_iterator=(line.rstrip("\n") for line in lines), model_writer=model, vocab_size=o.vocab, model_type="unigram",
                character_coverage=0.9995, byte_fallback=True, normalization_rule_name="identity", add_dummy_prefix=False,
                remove_extra_whitespaces=False, split_by_whitespace=False, split_digits=True, max_sentencepiece_length=8,
                required_chars=REQUIRED, unk_id=0, bos_id=1, eos_id=2, pad_id=3, control_symbols=["<sep>", "<eod>"],
                user_defined_symbols=["\n"], max_sentence_length=20000, num_threads=2, minloglevel=1)
        os.remove(sample)
    sp = spm.SentencePieceProcessor(model_file=f"{o.out}/tokenizer.model")
    assert [sp.piece_to_id(p) for p in ("<unk>", "<s>", "</s>", "<pad>", "<sep>", "<eod>")] == list(range(6))
    missing = [c for c in REQUIRED if sp.encode(c) and sp.piece_to_id(c) == 0]
    assert not missing, missing

    # Line by line: to draw a path through a whole document takes a lattice of it.
    spm.set_random_generator_seed(o.seed)
    cut = lambda line: sp.encode(line, enable_sampling=True, alpha=o.sampling, nbest_size=-1)
    drawn = lambda text: [id for line in text.splitlines(keepends=True) for id in cut(line)]
    encode = drawn if o.sampling else sp.encode

    groups = sorted({(d["source"], d["genre"]) for d in docs})
    index = {g: i for i, g in enumerate(groups)}
    rows, bp, tp, counts = [], 0, 0, collections.Counter()
    with open(f"{o.out}/train.bin", "wb") as body, open(f"{o.out}/titles.bin", "wb") as titles:
        for d in docs:
            # <eod> only where the work ends, not where the corpus cut a long one.
            ended = (d.get("part") or 0) == last[d["source"], d["title"]]
            b, t = encode(d["text"]) + [EOD] * ended, encode(d["title"])[:48]
            np.array(b, np.uint16).tofile(body), np.array(t, np.uint16).tofile(titles)
            rows.append((bp, bp + len(b), tp, tp + len(t), index[d["source"], d["genre"]], d["whole"]))
            bp, tp = bp + len(b), tp + len(t)
            counts[d["lic"], d["source"], d["genre"]] += len(d["text"])
    np.save(f"{o.out}/docs.npy", np.array(rows, np.int64))
    meta = {"vocab_size": sp.get_piece_size(), "train_tokens": bp, "train_chars": sum(counts.values()), "documents": len(docs),
            "dropped": lost, "groups": groups, "seeds": SEEDS, "weights": weights, "sampling": [o.sampling, o.seed],
            "versions": {"python": platform.python_version(), "numpy": np.__version__, "sentencepiece": spm.__version__}, "chars_by_licence": {}, "chars_by_source": {}}
    for (lic, source, _), n in sorted(counts.items()):
        meta["chars_by_licence"][lic] = meta["chars_by_licence"].get(lic, 0) + n
        meta["chars_by_source"][source] = meta["chars_by_source"].get(source, 0) + n
    with open(f"{o.out}/meta.json.tmp", "w") as f:
        json.dump(meta, f, ensure_ascii=False, indent=1)
    os.replace(f"{o.out}/meta.json.tmp", f"{o.out}/meta.json")  # that it is there says that the rest is
    print({k: meta[k] for k in ("vocab_size", "train_tokens", "train_chars", "chars_by_licence")})


if __name__ == "__main__":
    main()
