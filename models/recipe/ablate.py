"""What each choice of the recipe is worth: short runs of a small network, the same number of tokens each.

    python ablate.py --data WORK/data --heldout heldout-modern.jsonl --work DIR [--steps 300] [--jobs 2]

Each run is train.py with one flag changed; prints a Markdown table of bits per character on a third of the headline set
and of CPU seconds. Runs that are done are not done again. The same choice on another seed says how much is chance.
"""
import argparse, json, os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 4096


def variants(work):
    uniform = f"{work}/uniform.json"
    with open(uniform, "w") as f:
        json.dump({}, f)
    yield "recipe", {}
    yield "recipe, another seed", {"seed": 2}
    yield "every document counts the same (no mixture)", {"weights": uniform}
    yield "learning rates halved", {"lr": 0.01, "adam_lr": 0.0015}
    yield "learning rates doubled", {"lr": 0.04, "adam_lr": 0.006}
    yield "half the batch, twice the steps", {"tokens": BATCH // 2}
    yield "twice the batch, half the steps", {"tokens": BATCH * 2}
    yield "titles never pinned", {"pin": 0}
    yield "titles always pinned", {"pin": 1}
    yield "rows of 128 tokens", {"train_ctx": 128}
    yield "rows of 512 tokens", {"train_ctx": 512}
    yield "no averaging of weights", {"ema": 0}


def run(o, name, change):
    out = f"{o.work}/{re.sub(r'[^a-z0-9]+', '-', name)}"
    flags = {"layers": 2, "d": 128, "ctx": 512, "warmup": 60, "eval_every": 10**9, "threads": 1, "tokens": BATCH, **change}
    # The warm-up, too, is a number of tokens.
    steps = o.steps * BATCH // flags["tokens"]
    flags |= {"steps": steps, "warmup": flags["warmup"] * BATCH // flags["tokens"]}
    log = f"{out}/log.txt"
    if not os.path.exists(log) or "final" not in open(log).read():
        args = [x for k, v in flags.items() for x in (f"--{k}", str(v))]
        subprocess.run([sys.executable, f"{HERE}/train.py", "--data", o.data, "--heldout", o.heldout, "--out", out, *args],
                       check=True, stdout=subprocess.DEVNULL)
    text = open(log).read()
    cpu = re.findall(r"cpu-hours ([\d.]+)", text)[-1]
    return float(re.findall(r"final ([\d.]+)", text)[-1]), float(cpu) * 3600


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--data", required=True), a.add_argument("--heldout", required=True), a.add_argument("--work", required=True)
    a.add_argument("--steps", type=int, default=300), a.add_argument("--jobs", type=int, default=os.cpu_count())
    o = a.parse_args()
    os.makedirs(o.work, exist_ok=True)
    print("| | bits per character | against the recipe | CPU s |\n|---|---|---|---|")
    with ThreadPoolExecutor(o.jobs) as pool:
        runs = [(name, pool.submit(run, o, name, change)) for name, change in variants(o.work)]
        base, _ = runs[0][1].result()
        for name, job in runs:
            bits, cpu = job.result()
            print(f"| {name} | {bits:.3f} | {bits - base:+.3f} | {cpu:.0f} |", flush=True)


if __name__ == "__main__":
    main()
