"""Trains the built-in model from scratch, on a CPU (bf16 where it has AMX or AVX512_BF16) or one CUDA GPU.

    python train.py --data DIR --out DIR                       start, or go on from OUT/checkpoint.pt
    python train.py --data DIR --out NEW --from OUT/checkpoint.pt --cooldown 500 --train_ctx 512
                                                               branch off: learning rate to zero over 500 steps, export

Everything is counted in steps and tokens, nothing in wall-clock time, so that a run can be stopped (SIGSTOP) for any
time. The rows of step n depend on the seed and n alone, so a run that is interrupted goes on exactly where it was.

Schedule: warm-up, then a constant learning rate (the hold phase) for as long as the run is left going. A model to ship
comes from a branch: the held weights, cooled down. The hold phase itself is never cooled, so it can always go on.
--train_ctx may change from run to run; positions beyond the longest one so far start as a copy of what was learned.

A row is a slice of one document, 7 in 10 (--pin) with the document's title and <sep> pinned in front wherever the slice begins,
so that at generation time the title can stay in the window however long the text has grown; a row that reaches the end
of its document goes on with "title <sep> text" of another. Where the text begins, <s> follows <sep>: without it a model
takes every beginning for the middle of a text, since most rows are. Titles are context only: no loss on their tokens.

Hidden matrices are trained with Muon (orthogonalised momentum), the rest with AdamW. An exponential moving average of
the weights is kept beside them; what is measured and exported is that average.
"""
import argparse, json, os, signal, time
import numpy as np
import torch
import sentencepiece as spm
import evaluate
import model as M

SEP = np.array([4], np.uint16)
OPENING = np.array([1], np.uint16)  # <s>: here a text begins, it is not cut out of the middle
HERE = os.path.dirname(os.path.abspath(__file__))


def has_fast_bf16(device):
    """A CPU without AMX or AVX512_BF16 computes bf16 products some forty times slower than fp32 ones."""
    return device == "cuda" or torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()


def orthogonalise(g, dtype, steps=5):
    """The nearest semi-orthogonal matrix, by Newton-Schulz, in the wide orientation (the fastest on a CPU)."""
    x = g.to(dtype)
    tall = x.shape[0] > x.shape[1]
    x = (x.t() if tall else x).contiguous()
    x = x / (x.float().norm() + 1e-7)
    for _ in range(steps):
        a = x @ x.t()
        x = torch.addmm(x, torch.addmm(a, a, a, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return (x.t() if tall else x).float()


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr, dtype, momentum=0.95, weight_decay=0.05):
        self.dtype = dtype  # of the orthogonalisation
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                buf = self.state[p].setdefault("momentum", torch.zeros_like(p))
                buf.lerp_(p.grad, 1 - group["momentum"])
                g = p.grad.lerp(buf, group["momentum"])
                p.mul_(1 - group["lr"] * group["weight_decay"])
                scale = group["lr"] * max(1, g.shape[0] / g.shape[1]) ** 0.5
                if g.shape[0] == 3 * g.shape[1]:  # fused q, k, v: each its own matrix
                    scale = group["lr"]
                    g = torch.cat([orthogonalise(part, self.dtype) for part in g.chunk(3)])
                else:
                    g = orthogonalise(g, self.dtype)
                p.add_(g, alpha=-scale)


class Rows:
    """Training rows, each a function of its number alone."""

    def __init__(self, folder, weights, seed, pin):
        self.body = np.memmap(f"{folder}/train.bin", np.uint16, "r")
        self.titles = np.fromfile(f"{folder}/titles.bin", np.uint16)
        self.docs = np.load(f"{folder}/docs.npy")
        groups = json.load(open(f"{folder}/meta.json"))["groups"]
        w = np.array([weights.get(source, weights.get(genre, 1)) for source, genre in groups], float)
        self.weight = w[self.docs[:, 4]]
        self.ends = np.cumsum((self.docs[:, 1] - self.docs[:, 0]) * self.weight)
        self.seed, self.pin = seed, pin

    def at(self, u):
        """The document and the position at share u of the weighted corpus."""
        x = u * self.ends[-1]
        i = min(int(np.searchsorted(self.ends, x, "right")), len(self.docs) - 1)
        d = self.docs[i]
        before = self.ends[i - 1] if i else 0.0
        return d, min(d[1] - 1, d[0] + int((x - before) / max(self.weight[i], 1e-9)))

    def row(self, number, length):
        rng = np.random.default_rng([self.seed, number])
        # The golden ratio spreads successive rows evenly over the corpus: no slice is drawn twice before its neighbours.
        d, start = self.at((number * 0.6180339887498949 + self.seed * 0.1234567) % 1.0)
        if rng.random() < 0.2:
            start = d[0]
        ids, loss, n = [], [], 0
        while n < length:
            title = self.titles[d[2]:d[3]]
            opening = start == d[0] and d[5]
            if len(title) and rng.random() < self.pin:
                head = np.concatenate([title, SEP, OPENING] if opening else [title, SEP])
            else:
                head = np.concatenate([SEP, OPENING]) if opening else title[:0]
            part = self.body[start:min(d[1], start + length)]
            ids += [head, part]
            loss += [np.zeros(len(head), bool), np.ones(len(part), bool)]
            n += len(head) + len(part)
            d, _ = self.at(rng.random())
            start = d[0]
        ids, loss = np.concatenate(ids)[:length].astype(np.int64), np.concatenate(loss)[:length]
        return ids, np.where(loss, ids, -1)

    def batch(self, first, count, length):
        rows = [self.row(first + i, length + 1) for i in range(count)]
        return torch.from_numpy(np.stack([r[0][:-1] for r in rows])), torch.from_numpy(np.stack([r[1][1:] for r in rows]))


class Threads:
    """One thread or two, whichever is faster just now: on a machine whose second core is busy with something else, two
    that wait for each other are slower than one. Tries the other number for 5 steps in every 60."""

    def __init__(self, fixed):
        self.fixed, self.now, self.times, self.step = fixed, fixed or 1, {1: [], 2: []}, 0
        torch.set_num_threads(self.now)

    def tick(self, seconds):
        if self.fixed:
            return
        self.times[torch.get_num_threads()].append(seconds)
        self.step += 1
        phase = self.step % 60
        if phase == 50:
            self.times = {1: [], 2: []}
        elif phase == 55:
            torch.set_num_threads(3 - self.now)
        elif phase == 0:
            # The first step after a change is still warming caches up.
            self.now = min((1, 2), key=lambda n: np.median(self.times[n][1:]))
            torch.set_num_threads(self.now)


def write(path, save):
    """Atomically: a reader, or a run that is killed meanwhile, finds the old file or the new one."""
    save(path + ".tmp")
    os.replace(path + ".tmp", path)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--data", required=True), a.add_argument("--out", required=True)
    a.add_argument("--from", dest="origin", help="checkpoint.pt to branch off from, or a folder with model.safetensors (weights only: re-warms)")
    a.add_argument("--weights", default=os.path.join(HERE, "weights.json"))
    a.add_argument("--heldout", help="heldout-modern.jsonl, measured every --eval_every steps; never trained on")
    for flag, default in dict(layers=6, d=320, ctx=512, train_ctx=256, tokens=4096, accum=1, warmup=150, cooldown=0, steps=0,
                              eval_every=1000, threads=0, seed=1).items():
        a.add_argument("--" + flag, type=int, default=default)
    for flag, default in dict(lr=0.02, adam_lr=0.003, ema=0.995, pin=0.7, dropout=0.0, checkpoint_minutes=10.0).items():
        a.add_argument("--" + flag, type=float, default=default)
    a.add_argument("--fp32", action="store_true", help="no bf16 (of itself where the CPU has none)")
    o = a.parse_args()
    os.makedirs(o.out, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    threads = Threads(o.threads if device == "cpu" else 1)
    torch.manual_seed(o.seed)
    o.fp32 = o.fp32 or not has_fast_bf16(device)
    dtype = torch.float32 if o.fp32 else torch.bfloat16
    vocab = json.load(open(f"{o.data}/meta.json"))["vocab_size"]
    path = f"{o.out}/checkpoint.pt"
    source = path if os.path.exists(path) else o.origin
    loaded = kept = None
    if source and os.path.isdir(source):
        loaded, config = M.load_hf(source)
    elif source:
        kept = torch.load(source, map_location=device, weights_only=False)
    shape = dict(vocab=vocab, ctx=o.ctx, d=o.d, layers=o.layers, heads=o.d // 64)
    if source:  # the size is theirs, whatever the flags say
        shape = loaded.shape if loaded else kept["shape"]
        o.layers, o.d, o.ctx = shape["layers"], shape["d"], shape["ctx"]
    elif o.d < 64 or o.d % 64:
        a.error(f"--d {o.d} is no multiple of 64, the width of a head")
    if shape["vocab"] != vocab:
        a.error(f"{source} has a vocabulary of {shape['vocab']}, {o.data} one of {vocab}")
    if o.train_ctx > o.ctx:
        a.error(f"--train_ctx {o.train_ctx} is more than the {o.ctx} positions of the network")
    net = M.GPT2(**shape).to(device)
    for block in net.h:
        block.dropout = o.dropout
    matrices = [p for n, p in net.named_parameters() if p.dim() == 2 and n.startswith("h.")]
    others = [p for n, p in net.named_parameters() if not (p.dim() == 2 and n.startswith("h."))]
    opts = [Muon(matrices, lr=o.lr, dtype=dtype), torch.optim.AdamW(others, lr=o.adam_lr, betas=(0.9, 0.95), weight_decay=0.01, fused=True)]

    state = {"step": 0, "rows": 0, "tokens": 0, "cpu_seconds": 0.0, "trained_context": 0, "warm_from": 0, "history": []}
    ema = None
    if loaded:
        net.load_state_dict(loaded.state_dict())
        state["trained_context"] = config["trained_context"]
        if os.path.exists(f"{source}/state.json"):  # counters of the run the weights come from
            state.update(json.load(open(f"{source}/state.json")))
        state["warm_from"] = state["step"]
    elif kept:
        net.load_state_dict(kept["model"])
        ema = kept["ema"]
        for opt, s in zip(opts, kept["opts"]):
            opt.load_state_dict(s)
        state = kept["state"]
        if source != path:
            state.pop("cooldown_from", None)  # a branch of a run that has cooled down cools from here on
    if 0 < state["trained_context"] < o.train_ctx:
        t = state["trained_context"]
        for w in [net.wpe.weight] + ([ema["wpe.weight"]] if ema else []):
            w.data[t:] = w.data[t - 32:t].mean(0)
    state["trained_context"] = max(state["trained_context"], o.train_ctx)
    if o.cooldown and "cooldown_from" not in state:
        state["cooldown_from"] = state["step"]
    if ema is None:
        ema = {n: t.detach().clone() for n, t in net.state_dict().items()}

    rows = Rows(o.data, json.load(open(o.weights)), o.seed, o.pin)
    hidden = net.hidden
    torch._dynamo.config.suppress_errors = True  # a compiler is needed; without one it falls back by itself
    if device == "cuda":
        hidden = torch.compile(net.hidden)
    else:
        M.gelu_and_slope = torch.compile(M.gelu_and_slope)
    sp = spm.SentencePieceProcessor(model_file=f"{o.data}/tokenizer.model")
    held = evaluate.read(o.heldout)[::3] if o.heldout else []
    averaged = M.GPT2(**net.shape).to(device)
    log = open(f"{o.out}/log.txt", "a", buffering=1)

    def say(text):
        print(text, flush=True)
        log.write(text + "\n")

    # Not where things lie: figures.json of what ships has them, too.
    flags = {k: v for k, v in vars(o).items() if k not in ("data", "out", "origin", "heldout", "weights")}
    say(f"parameters {sum(p.numel() for p in net.parameters())} device {device} torch {torch.__version__} from {source} step {state['step']} "
        + json.dumps(flags))

    def save():
        write(path, lambda p: torch.save({"model": net.state_dict(), "ema": ema, "opts": [x.state_dict() for x in opts], "state": state, "shape": net.shape, "flags": flags}, p))

    def measure():
        averaged.load_state_dict(ema)
        return evaluate.bits(averaged, sp, held, o.train_ctx, dtype=dtype, opening=OPENING.tolist())["all"]["bits_per_char"]

    batch = max(1, o.tokens // o.train_ctx)
    last_save, last_time, last_cpu, running = time.monotonic(), time.monotonic(), time.process_time(), None
    seen, stop = 0, []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))  # finish the step, save, end
    while not stop:
        step_start = time.monotonic()
        step = state["step"]
        scale = min(1.0, (step - state["warm_from"] + 1) / o.warmup)
        if o.cooldown:
            scale *= max(0.0, 1 - (step - state["cooldown_from"]) / o.cooldown)
        if (o.cooldown and step >= state["cooldown_from"] + o.cooldown) or (o.steps and step >= o.steps):
            break
        for opt, lr in zip(opts, (o.lr, o.adam_lr)):
            for g in opt.param_groups:
                g["lr"] = lr * scale
        loss_sum = 0.0
        for _ in range(o.accum):
            ids, targets = rows.batch(state["rows"], batch, o.train_ctx)
            state["rows"] += batch
            with torch.autocast(device, dtype, enabled=not o.fp32):
                h = hidden(ids.to(device))
            loss = M.TiedLoss.apply(h.view(-1, o.d), net.wte.weight, targets.to(device).reshape(-1), 512 if device == "cpu" else 8192, dtype)
            (loss / o.accum).backward()
            loss_sum += loss.item() / o.accum
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for opt in opts:
            opt.step()
        net.zero_grad(set_to_none=True)
        with torch.no_grad():
            ours = net.state_dict()
            # While cooling the average follows closely: there it is the last steps that are the good ones.
            decay = min(o.ema, 1 - 1 / (step - state["warm_from"] + 10)) if not o.cooldown else min(o.ema, 0.98)
            torch._foreach_lerp_(list(ema.values()), [ours[n] for n in ema], 1 - decay)
        threads.tick(time.monotonic() - step_start)
        state["step"] += 1
        state["tokens"] += batch * o.accum * o.train_ctx
        seen += batch * o.accum * o.train_ctx
        running = loss_sum if running is None else 0.98 * running + 0.02 * loss_sum
        if state["step"] % 50 == 0:
            now, cpu = time.monotonic(), time.process_time()
            state["cpu_seconds"] += cpu - last_cpu
            say(f"{time.strftime('%H:%M:%S', time.gmtime())} step {state['step']} tokens {state['tokens'] / 1e6:.2f}M loss {running:.4f} lr {scale:.3f} tok/s {seen / (now - last_time):.0f} cpu/wall {(cpu - last_cpu) / (now - last_time):.2f} threads {threads.now} cpu-hours {state['cpu_seconds'] / 3600:.3f}")
            seen, last_time, last_cpu = 0, now, cpu
        if held and state["step"] % o.eval_every == 0:
            b = measure()
            state["history"].append((state["step"], state["tokens"], round(state["cpu_seconds"]), round(running, 4), round(b, 4)))
            say(f"EVAL step {state['step']} tokens {state['tokens'] / 1e6:.2f}M bits/char (a third of heldout-modern, window {o.train_ctx}) {b:.4f}")
        if time.monotonic() - last_save > o.checkpoint_minutes * 60:
            save()
            last_save = time.monotonic()
    state["cpu_seconds"] += time.process_time() - last_cpu
    # A run that was over when it was given again has been measured.
    if held and not stop and (running is not None or not state["history"]):
        b = measure()
        state["history"].append((state["step"], state["tokens"], round(state["cpu_seconds"]), round(running or 0, 4), round(b, 4)))
        say(f"EVAL step {state['step']} final {b:.4f} cpu seconds {state['cpu_seconds']:.0f}")
    save()
    if stop:
        raise SystemExit(143)  # as a shell says it: what waits for the end is not to go on


if __name__ == "__main__":
    main()
