"""The model: GPT-2 as Hugging Face's GPT2LMHeadModel computes it (learned positions, pre-LN, gelu_new, biases, tied head),
with reading and writing of that layout, and a loss that never holds the logits of a whole batch."""
import json, math, os, struct
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def attend(q, k, v, rows=256):
    """Causal attention by plain products, some queries at a time: on a CPU in bf16 twice as fast, backwards, as
    scaled_dot_product_attention."""
    b, heads, t, n = q.shape
    q, k, v = (x.reshape(b * heads, t, n) for x in (q, k, v))
    out = []
    for i in range(0, t, rows):
        j = min(t, i + rows)
        mask = torch.full((j - i, j), -1e9, dtype=q.dtype, device=q.device).triu(i + 1)
        s = torch.baddbmm(mask.expand(b * heads, j - i, j), q[:, i:j], k[:, :j].transpose(1, 2), alpha=1 / math.sqrt(n))
        out.append(s.softmax(-1) @ v[:, :j])
    return (torch.cat(out, 1) if len(out) > 1 else out[0]).view(b, heads, t, n)


def gelu_and_slope(u):
    """gelu_new(u) = u * sigmoid(2 c (u + 0.044715 u^3)), c = sqrt(2 / pi), and its derivative."""
    x = u.float()
    s = torch.sigmoid(x * (1.5957691216057308 + 0.07135481627 * x * x))
    return (x * s).to(u.dtype), (s + x * s * (1 - s) * (1.5957691216057308 + 3 * 0.07135481627 * x * x)).to(u.dtype)


class Gelu(torch.autograd.Function):
    """One pass over the exponentials instead of one forwards and one backwards."""

    @staticmethod
    def forward(ctx, u):
        y, slope = gelu_and_slope(u)
        ctx.save_for_backward(slope)
        return y

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]


POOL = {}


def drop(x, p):
    """Dropout. On a CPU drawing a number for each value takes longer than the block's products: there the mask is a
    stretch, from a random place on, of one that is drawn once."""
    if x.is_cuda:
        return F.dropout(x, p)
    key = p, x.dtype
    if key not in POOL:
        POOL[key] = ((torch.rand(1 << 23) >= p) / (1 - p)).to(x.dtype)
    pool = POOL[key]
    if x.numel() > len(pool):
        return F.dropout(x, p)
    start = int(torch.randint(len(pool) - x.numel() + 1, ()))
    return x * pool[start:start + x.numel()].view_as(x)


class Block(nn.Module):
    dropout = 0.0  # of what the block adds, while it trains

    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.c_attn, self.c_proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.c_fc, self.m_proj = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        b, t, d = x.shape
        # The casts do nothing in fp32; in a bf16 model they keep the residual stream in fp32.
        w = self.c_attn.weight.dtype
        q, k, v = self.c_attn(self.ln_1(x).to(w)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True) if x.is_cuda else attend(q, k, v)
        x = x + self.drop(self.c_proj(y.transpose(1, 2).reshape(b, t, d)))
        u = self.c_fc(self.ln_2(x).to(w))
        return x + self.drop(self.m_proj(F.gelu(u, approximate="tanh") if u.is_cuda else Gelu.apply(u)))

    def drop(self, x):
        return drop(x, self.dropout) if self.training and self.dropout else x


class GPT2(nn.Module):
    def __init__(self, vocab, ctx, d, layers, heads):
        super().__init__()
        self.shape = dict(vocab=vocab, ctx=ctx, d=d, layers=layers, heads=heads)
        self.wte, self.wpe = nn.Embedding(vocab, d), nn.Embedding(ctx, d)
        self.h = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.ln_f = nn.LayerNorm(d)
        for n, p in self.named_parameters():
            if n.endswith("_proj.weight") or n.endswith("bias"):
                nn.init.zeros_(p)  # every block starts as the identity
            elif p.dim() == 2:
                nn.init.normal_(p, std=0.02)

    def hidden(self, ids):
        x = self.wte(ids).float() + self.wpe.weight[:ids.shape[1]].float()
        for block in self.h:
            x = block(x)
        return self.ln_f(x)

    def forward(self, ids):
        return F.linear(self.hidden(ids), self.wte.weight.float())


class TiedLoss(torch.autograd.Function):
    """Mean cross-entropy of hidden @ wte.T, a few hundred rows at a time, gradients made on the way: the logits of a
    batch are hundreds of megabytes, and on a CPU their page faults and memory traffic cost more than the products."""

    @staticmethod
    def forward(ctx, h, w, targets, rows, dtype):
        n = (targets >= 0).sum().clamp(min=1)
        hd, wd = h.to(dtype), w.to(dtype)
        dh = torch.empty_like(hd)
        dw = torch.zeros(w.shape, dtype=torch.float32, device=w.device)
        total = torch.zeros((), device=h.device)
        for i in range(0, h.shape[0], rows):
            hc, t = hd[i:i + rows], targets[i:i + rows]
            loss, g = chunk(hc @ wd.T, t)
            total += loss
            dh[i:i + rows] = g @ wd
            dw += g.T @ hc
        ctx.save_for_backward(dh, dw, n)
        ctx.types = h.dtype, w.dtype
        return total / n

    @staticmethod
    def backward(ctx, grad):
        dh, dw, n = ctx.saved_tensors
        s = grad / n
        return (dh.float() * s).to(ctx.types[0]), (dw * s).to(ctx.types[1]), None, None, None


def chunk(logits, t):
    """Sum of the losses of some rows, and its gradient with respect to their logits; targets of -1 count for nothing."""
    p = torch.softmax(logits, -1)  # computed in fp32, rounded to bf16: good enough for a gradient and for a log
    at = t.clamp(min=0).unsqueeze(1)
    of = p.gather(1, at)
    loss = -(of.float().clamp(min=1e-30).log() * (t >= 0).unsqueeze(1)).sum()
    p.scatter_(1, at, of - 1)
    p.index_fill_(0, (t < 0).nonzero().squeeze(1), 0)
    return loss, p


NAMES = (("ln_1", "ln_1"), ("ln_2", "ln_2"), ("attn.c_attn", "c_attn"), ("attn.c_proj", "c_proj"), ("mlp.c_fc", "c_fc"), ("mlp.c_proj", "m_proj"))


def hf_names(layers):
    """(name in the Hugging Face file, name here, transposed)"""
    yield "transformer.wte.weight", "wte.weight", False
    yield "transformer.wpe.weight", "wpe.weight", False
    for i in range(layers):
        for theirs, ours in NAMES:
            yield f"transformer.h.{i}.{theirs}.weight", f"h.{i}.{ours}.weight", not ours.startswith("ln")
            yield f"transformer.h.{i}.{theirs}.bias", f"h.{i}.{ours}.bias", False
    yield "transformer.ln_f.weight", "ln_f.weight", False
    yield "transformer.ln_f.bias", "ln_f.bias", False


def write_json(path, data, **how):
    """Atomically: that a file is there says that its stage is over."""
    with open(path + ".tmp", "w") as f:
        json.dump(data, f, **how)
    os.replace(path + ".tmp", path)


def save_hf(state, shape, folder, trained_context):
    os.makedirs(folder, exist_ok=True)
    header, offset, blobs = {"__metadata__": {"format": "pt"}}, 0, []
    for theirs, ours, turned in hf_names(shape["layers"]):
        t = state[ours].detach().cpu()
        t = (t.t() if turned else t).half().contiguous()
        blob = t.numpy().tobytes()
        header[theirs] = {"dtype": "F16", "shape": list(t.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    h = json.dumps(header).encode()
    h += b" " * (-len(h) % 8)
    with open(f"{folder}/model.safetensors.tmp", "wb") as f:
        f.write(struct.pack("<Q", len(h)) + h)
        f.writelines(blobs)
    os.replace(f"{folder}/model.safetensors.tmp", f"{folder}/model.safetensors")
    write_json(f"{folder}/config.json", {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": shape["vocab"], "n_positions": shape["ctx"],
               "n_ctx": shape["ctx"], "n_embd": shape["d"], "n_layer": shape["layers"], "n_head": shape["heads"],
               "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True,
               "bos_token_id": 1, "eos_token_id": 5, "opening_token_id": 1, "trained_context": trained_context}, indent=1)


def load_hf(folder):
    """A model and its config from a folder in the Hugging Face layout."""
    c = json.load(open(f"{folder}/config.json"))
    with open(f"{folder}/model.safetensors", "rb") as f:
        n, = struct.unpack("<Q", f.read(8))
        header, data = json.loads(f.read(n)), f.read()
    kinds = {"F16": np.float16, "F32": np.float32}
    def get(name):
        e = header.get(name) or header[name.removeprefix("transformer.")]
        a, b = e["data_offsets"]
        return torch.from_numpy(np.frombuffer(data[a:b], kinds[e["dtype"]]).astype(np.float32).reshape(e["shape"]))
    model = GPT2(c["vocab_size"], c["n_positions"], c["n_embd"], c["n_layer"], c["n_head"])
    model.load_state_dict({ours: get(theirs).t() if turned else get(theirs) for theirs, ours, turned in hf_names(c["n_layer"])})
    return model, c
