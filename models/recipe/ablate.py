"""What each choice of the recipe is worth: short runs of a small network, each with as much compute.

    python ablate.py --corpus DIR --data WORK/data --work DIR [--steps 160] [--jobs 2]

Each run is the recipe in small, with one choice changed: three quarters of its steps are the hold phase in rows of 256, the
last quarter cools down in rows of 512. Prints a Markdown table of bits per character on a third of the headline set, and of
CPU seconds. Runs that are done are not done again. The same choice on another seed says how much is chance.
"""
import argparse, json, os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from run import ENV

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH, WARMUP, VOCABULARY = 4096, 60, 10000
# Parameters of the network that ships, without its vocabulary and per piece: what the compute of a token grows with.
BODY, PIECE = 7.4e6, 320


def variants(work):
    """Name, what changes in the hold phase, what in the cooldown; "share" is the cooldown's share of the tokens."""
    uniform = f"{work}/uniform.json"
    with open(uniform, "w") as f:
        json.dump({}, f)

    def both(**change):
        return change, change

    yield "recipe", {}, {}
    yield "recipe, another seed", *both(seed=2)
    yield "every document counts the same (no mixture)", *both(weights=uniform)
    yield "vocabulary of 6,000", *both(vocabulary=6000)
    yield "vocabulary of 16,000", *both(vocabulary=16000)
    yield "learning rates halved", *both(lr=0.01, adam_lr=0.0015)
    yield "learning rates doubled", *both(lr=0.04, adam_lr=0.006)
    yield "half the batch, twice the steps", *both(tokens=BATCH // 2)
    yield "half the batch until the cooldown", dict(tokens=BATCH // 2), {}
    yield "twice the batch in the cooldown", {}, dict(tokens=BATCH * 2)
    yield "rows of 256 to the end (measured at 256)", {}, dict(train_ctx=256)
    yield "rows of 512 from the beginning", dict(train_ctx=512), {}
    yield "titles never pinned", *both(pin=0)
    yield "weights of the last step, no average", *both(ema=0)
    yield "no cooldown", {}, dict(share=0)
    yield "a cooldown of half the run", {}, dict(share=0.5)
    yield "a cooldown of the whole run", {}, dict(share=1)


def data_for(o, vocabulary):
    """The corpus in a tokenizer's tokens."""
    if vocabulary == VOCABULARY:
        return o.data
    data = f"{o.work}/data-{vocabulary}"
    if not os.path.exists(f"{data}/meta.json"):
        subprocess.run([sys.executable, f"{HERE}/prepare.py", "--corpus", o.corpus, "--out", data, "--vocab", str(vocabulary)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return data


def train(out, flags):
    """One phase. @returns the text of its log"""
    log = f"{out}/log.txt"
    if not os.path.exists(log) or "done" not in open(log).read():
        args = [x for k, v in flags.items() for x in (f"--{k}", str(v))]
        subprocess.run([sys.executable, f"{HERE}/train.py", "--out", out, *args], env=ENV, check=True, stdout=subprocess.DEVNULL)
        with open(log, "a") as f:
            f.write("done\n")
    return open(log).read()


def run(o, name, hold, cool):
    """@returns bits per character, and the CPU seconds of both phases"""
    out = f"{o.work}/{re.sub(r'[^a-z0-9]+', '-', name.lower())}"
    vocabulary, share = hold.get("vocabulary", VOCABULARY), cool.get("share", 0.25)
    tokens = o.steps * BATCH * (BODY + PIECE * VOCABULARY) / (BODY + PIECE * vocabulary)

    def flags(change, **more):
        size = change.get("tokens", BATCH)
        # The warm-up, too, is a number of tokens.
        common = dict(data=data_for(o, vocabulary), layers=2, d=128, ctx=512, threads=1, eval_every=10**9,
                      checkpoint_minutes=10**6, tokens=size, warmup=WARMUP * BATCH // size)
        return common | {k: v for k, v in change.items() if k not in ("vocabulary", "share")} | more

    def steps(change, part):
        return round(tokens * part / change.get("tokens", BATCH))

    branch = {}
    if share < 1:
        train(f"{out}/hold", flags(dict(train_ctx=256) | hold, steps=steps(hold, min(0.75, 1 - share))))
        branch = {"from": f"{out}/hold/checkpoint.pt"}
    length = dict(cooldown=steps(cool, share)) if share > 0 else dict(steps=steps(cool, 1))
    log = train(f"{out}/cool", flags(dict(train_ctx=512) | cool, heldout=f"{o.corpus}/heldout-modern.jsonl", **branch, **length))
    return tuple(float(re.findall(rf"{word} ([\d.]+)", log)[-1]) for word in ("final", "cpu seconds"))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--corpus", required=True), a.add_argument("--data", required=True), a.add_argument("--work", required=True)
    a.add_argument("--steps", type=int, default=160), a.add_argument("--jobs", type=int, default=os.cpu_count())
    o = a.parse_args()
    os.makedirs(o.work, exist_ok=True)
    print("| | bits per character | against the recipe | CPU s |\n|---|---|---|---|")
    with ThreadPoolExecutor(o.jobs) as pool:
        runs = [(name, pool.submit(run, o, name, hold, cool)) for name, hold, cool in variants(o.work)]
        base, _ = runs[0][1].result()
        for name, job in runs:
            bits, cpu = job.result()
            print(f"| {name} | {bits:.3f} | {bits - base:+.3f} | {cpu:.0f} |", flush=True)


if __name__ == "__main__":
    main()
