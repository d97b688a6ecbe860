"""Writes the averaged weights of a checkpoint as a Hugging Face folder: config.json, model.safetensors (fp16), tokenizer.model.

    python export.py --from RUN/checkpoint.pt --data DATA --to DIR [--heldout FILE.jsonl ...]

With --heldout also figures.json: bits per character by set and genre, tokens seen, steps, CPU hours, what was trained on, the last
flags of train.py with the seed, versions.
With --hold also state.json: from such a folder train.py goes on (--from DIR). The optimiser's momentum is lost either way,
and then the averaged weights are the better ones to go on from.
"""
import argparse, json, os, platform, shutil
import torch
import model as M


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--from", dest="origin", required=True), a.add_argument("--data", required=True), a.add_argument("--to", required=True)
    a.add_argument("--heldout", nargs="*", default=[]), a.add_argument("--hold", action="store_true")
    a.add_argument("--window", type=int)
    o = a.parse_args()
    c = torch.load(o.origin, map_location="cpu", weights_only=False)
    state = c["state"]
    M.save_hf(c["ema"], c["shape"], o.to, state["trained_context"])
    shutil.copyfile(f"{o.data}/tokenizer.model", f"{o.to}/tokenizer.model")
    os.chmod(f"{o.to}/tokenizer.model", 0o644)
    if o.hold:
        M.write_json(f"{o.to}/state.json", {k: state[k] for k in ("step", "rows", "tokens", "cpu_seconds", "trained_context", "history")})
    if o.heldout:
        import evaluate
        import numpy
        import sentencepiece as spm
        meta = json.load(open(f"{o.data}/meta.json"))
        net, config = M.load_hf(o.to)
        sp = spm.SentencePieceProcessor(model_file=f"{o.to}/tokenizer.model")
        window = o.window or config["trained_context"]
        figures = {"parameters": sum(p.numel() for p in net.parameters()), "steps": state["step"], "tokens_seen": state["tokens"],
                   "cpu_hours": round(state["cpu_seconds"] / 3600, 2), "window": window, "flags": c.get("flags"),
                   "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": numpy.__version__, "sentencepiece": spm.__version__},
                   "corpus": {k: meta[k] for k in ("documents", "train_tokens", "train_chars", "dropped", "chars_by_licence", "chars_by_source", "seeds", "versions") if k in meta},
                   "bits_per_char": {}, "history": state["history"]}
        for path in o.heldout:
            name = os.path.basename(path).split(".")[0]
            figures["bits_per_char"][name] = evaluate.bits(net, sp, evaluate.read(path), window, opening=evaluate.opening(config))
            print(name, {k: round(v["bits_per_char"], 4) for k, v in figures["bits_per_char"][name].items()}, flush=True)
        M.write_json(f"{o.to}/figures.json", figures, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
