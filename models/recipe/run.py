"""The whole recipe, and the handles of a long run.

    python run.py all --corpus DIR --work DIR [--vocab 10000] [--steps 20000] [--cooldown 7000]
                                                                                  corpus -> WORK/model, one command
    python run.py start --corpus DIR --work DIR [flags of train.py]               hold phase in the background, nice 19
    python run.py pause | continue | stop --work DIR                              stop saves a checkpoint and ends
    python run.py cooldown --corpus DIR --work DIR [--steps 1000] [--goon]        stop, branch, cool down at 512, export
    python run.py keep --work DIR [--branch cool]                                 averaged weights -> models/recipe/checkpoint

WORK holds data/ (tokens, tokenizer), run/ (hold phase), cool/ (the latest branch), export/ (weights, tokenizer, n-gram table),
model/ (what the extension loads), train.pid, lock. `all` begins with nothing but the corpus: models/recipe/checkpoint is not
looked at. Every stage of it whose result is there is skipped, so a command that was interrupted is simply given again.
"""
import argparse, fcntl, filecmp, json, os, shutil, signal, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
# The allocator keeps what it has: page faults otherwise cost a third of the loss. Passive: threads wait asleep.
ENV = dict(os.environ, OMP_WAIT_POLICY="passive", MALLOC_MMAP_MAX_="0", MALLOC_TRIM_THRESHOLD_="100000000000",
           MALLOC_TOP_PAD_="268435456", TORCHINDUCTOR_COMPILE_THREADS="1")


LOCK = []  # the open file; every program that is started here has it too


def lock(o):
    """One command at a time writes to WORK. A stage outlives this program where only this one is killed, and so does its lock."""
    os.makedirs(o.work, exist_ok=True)
    LOCK.append(os.open(f"{o.work}/lock", os.O_RDWR | os.O_CREAT, 0o644))
    for _ in range(50):  # what has just been ended lets go in a moment
        try:
            return fcntl.flock(LOCK[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.1)
    sys.exit(f"another command, or a stage that one has left behind, is at work in {o.work}: wait for it, or end it first")


def python(script, *args):
    subprocess.run(["nice", "-n", "19", sys.executable, f"{HERE}/{script}", *map(str, args)], env=ENV, check=True, pass_fds=LOCK)


def prepare(o):
    kept = f"{HERE}/checkpoint/tokenizer.model"  # the kept weights only fit their own tokenizer
    is_kept = os.path.exists(kept) and not o.fresh
    if o.vocab and is_kept:
        sys.exit("--vocab: the kept weights have a tokenizer; --fresh leaves them")
    if not os.path.exists(f"{o.work}/data/meta.json"):
        python("prepare.py", "--corpus", o.corpus, "--out", f"{o.work}/data",
               *(["--tokenizer", kept] if is_kept else []), *(["--vocab", o.vocab] if o.vocab else []))
    elif o.vocab:
        with open(f"{o.work}/data/meta.json") as f:
            size = json.load(f)["vocab_size"]
        if size != o.vocab:
            sys.exit(f"--vocab: {o.work}/data has a tokenizer of {size} pieces already: another --work")


def train_flags(o):
    flags = ["--data", f"{o.work}/data", "--out", f"{o.work}/run", "--heldout", f"{o.corpus}/heldout-modern.jsonl"]
    begun = os.path.exists(f"{o.work}/run/checkpoint.pt")
    if os.path.exists(f"{HERE}/checkpoint/model.safetensors") and not o.fresh and not begun:
        if not filecmp.cmp(f"{HERE}/checkpoint/tokenizer.model", f"{o.work}/data/tokenizer.model", shallow=False):
            sys.exit(f"{o.work}/data has another tokenizer than {HERE}/checkpoint: another --work, or --fresh to leave those weights")
        flags += ["--from", f"{HERE}/checkpoint"]
    return flags


def command_of(pid):
    """What runs under a process id; nothing for one that has ended."""
    if os.path.isdir("/proc/self"):
        try:
            return open(f"/proc/{pid}/cmdline").read()
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], stdout=subprocess.PIPE, text=True).stdout


def running(o):
    """The process that trains, or 0. Its id may be another program's by now: that one is left alone."""
    try:
        pid = int(open(f"{o.work}/train.pid").read())
    except (OSError, ValueError):
        return 0
    return pid if "train.py" in command_of(pid) else 0


def yield_to_others(pid):
    """Where Linux shares the processor among sessions first, `nice` counts within a session only, and training has its own."""
    try:
        with open(f"/proc/{pid}/autogroup", "w") as f:
            f.write("19")
    except OSError:
        pass  # another kernel


def start(o, more):
    prepare(o)
    os.makedirs(f"{o.work}/run", exist_ok=True)
    with open(f"{o.work}/run/flags.json", "w") as f:
        json.dump(more, f)  # with which it goes on after a cooldown
    with open(f"{o.work}/run/out.txt", "a") as out:
        p = subprocess.Popen(["nice", "-n", "19", sys.executable, f"{HERE}/train.py", *train_flags(o), *more],
                             env=ENV, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=LOCK)
    yield_to_others(p.pid)
    with open(f"{o.work}/train.pid", "w") as f:
        f.write(str(p.pid))
    print(f"process group {p.pid}, log {o.work}/run/log.txt")


def stop(o):
    pid = running(o)
    if pid:
        os.killpg(pid, signal.SIGTERM)
        os.killpg(pid, signal.SIGCONT)
        while running(o):
            time.sleep(0.5)


def cooldown(o, steps, more):
    python("train.py", "--data", f"{o.work}/data", "--out", f"{o.work}/cool", "--from", f"{o.work}/run/checkpoint.pt",
           "--heldout", f"{o.corpus}/heldout-modern.jsonl", "--cooldown", steps, "--train_ctx", 512, *more)
    python("export.py", "--hold", "--from", f"{o.work}/cool/checkpoint.pt", "--data", f"{o.work}/data", "--to", f"{o.work}/export",
           "--heldout", f"{o.corpus}/heldout-modern.jsonl", f"{o.corpus}/heldout.jsonl")


def everything(o, more):
    o.fresh = True
    prepare(o)
    python("train.py", *train_flags(o), "--steps", o.steps or 20000, *more)
    exported, model = f"{o.work}/export", f"{o.work}/model"
    if not os.path.exists(f"{exported}/figures.json"):
        cooldown(o, 7000 if o.cooldown is None else o.cooldown, more)
    if not os.path.exists(f"{exported}/ngrams.bin"):
        python("ngrams.py", "--data", f"{o.work}/data", "--model", exported, "--tune", f"{o.corpus}/heldout.jsonl",
               "--report", f"{o.corpus}/heldout-modern.jsonl", "--to", f"{exported}/ngrams.bin")  # what is reported is not tuned on
    if not os.path.exists(model):
        subprocess.run(["npm", "run", "build:model", "--", "--from", os.path.abspath(exported), "--to", os.path.abspath(model), "--quantize", "int8"],
                       cwd=os.path.dirname(os.path.dirname(HERE)), check=True, pass_fds=LOCK)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("command", choices=["all", "start", "pause", "continue", "stop", "cooldown", "keep"])
    a.add_argument("--work", required=True), a.add_argument("--corpus")
    a.add_argument("--vocab", type=int, help="all, start: pieces of the tokenizer (as prepare.py has it)")
    a.add_argument("--steps", type=int, help="all: steps of the hold phase; cooldown: steps to zero; start: as train.py has it")
    a.add_argument("--cooldown", type=int, help="all: steps of the cooldown (7000); start: as train.py has it")
    a.add_argument("--goon", action="store_true", help="cooldown: let the hold phase go on afterwards")
    a.add_argument("--branch", choices=["run", "cool"], default="run", help="keep: of the hold phase or of the cooled branch")
    a.add_argument("--fresh", action="store_true", help="ignore models/recipe/checkpoint")
    o, more = a.parse_known_args()
    if o.command in ("all", "start", "cooldown") and not o.corpus:
        a.error("--corpus is needed")
    if o.command == "all" and o.cooldown is not None and o.cooldown < 1:
        a.error("--cooldown is at least 1 step: without one training has no end")
    if o.command == "all":
        lock(o)
        everything(o, more)
    elif o.command == "start":
        if running(o):
            sys.exit("already running")
        lock(o)
        own = [x for name in ("steps", "cooldown") if getattr(o, name) is not None for x in (f"--{name}", str(getattr(o, name)))]
        start(o, own + more)
    elif o.command in ("pause", "continue"):
        # Group 0 would be our own, with the terminal's script in it.
        os.killpg(running(o) or sys.exit("not running"), signal.SIGSTOP if o.command == "pause" else signal.SIGCONT)
    elif o.command == "stop":
        stop(o)
    elif o.command == "cooldown":
        was = running(o)
        flags = json.load(open(f"{o.work}/run/flags.json")) if was and os.path.exists(f"{o.work}/run/flags.json") else []
        stop(o)
        lock(o)
        if not os.path.exists(f"{o.work}/run/checkpoint.pt"):
            sys.exit(f"nothing to branch off from: {o.work}/run has no checkpoint.pt")
        shutil.rmtree(f"{o.work}/cool", ignore_errors=True)  # of an earlier branch
        cooldown(o, o.steps or 1000, more)
        if was and o.goon:
            start(o, flags)
    elif o.command == "keep":
        python("export.py", "--hold", "--from", f"{o.work}/{o.branch}/checkpoint.pt", "--data", f"{o.work}/data", "--to", f"{HERE}/checkpoint")


if __name__ == "__main__":
    main()
