"""numpy's and pandas' side: the grid counted in blocks that stay in the cache, in two ways; a slice of the rows as CSV.
Arguments: folders of the two exported grids. A task per line in, its seconds and answer as JSON out."""
import json
import sys
import time

import numpy as np
import pandas as pd

NAMES = ["model", "weights", "kv", "mode", "layout", "engine", "method"]
COMPONENTS = ["weights", "kv_cache", "activations", "gradients", "optimizer", "overhead"]
EMPTY = ["usable_bytes", "headroom_bytes", "fits", "min_gpus", "max_batch", "max_context", "kv_capacity_tokens"]
BLOCK = 8  # combinations at once: 8 x 4096 totals are 256 KiB
SLICE = 32  # pandas writes one combination of so many


class Grid:
    def __init__(self, folder):
        self.combos = pd.read_csv(f"{folder}/combos.csv", keep_default_na=False)
        self.s = pd.read_csv(f"{folder}/contexts.csv")["s"].to_numpy(float)
        self.b = pd.read_csv(f"{folder}/batches.csv")["b"].to_numpy(float)
        self.gpus = pd.read_csv(f"{folder}/gpus.csv")["capacity"].to_numpy(float)
        self.limits = np.unique(self.gpus)

    def coefficients(self, prefix, combos):
        return combos[[f"{prefix}_{i}" for i in range(4)]].to_numpy(float)


counted, written = Grid(sys.argv[1]), Grid(sys.argv[2])
groups = [(int(n), [counted.coefficients(f"p{p}", c) for p in range(int(n))])
          for n, c in counted.combos.groupby("phases")]
# The same with the components apart: of phase p those from 6 * p on.
plain_groups = [(int(n), [[counted.coefficients(f"k{6 * p + k}", c) for k in range(6)] for p in range(int(n))])
                for n, c in counted.combos.groupby("phases")]


def clock():
    return {"seconds": time.perf_counter(), "cpu": time.process_time()}


def totals(n, phases):
    """Totals of all combinations with n phases, a block at a time, in a buffer that is used again."""
    s, b = counted.s, counted.b
    room = np.empty((2, BLOCK, len(s), len(b)))
    for i in range(0, len(phases[0]), BLOCK):
        for p in range(n):
            c = phases[p][i:i + BLOCK]
            slope = c[:, 1, None] + s * (c[:, 2, None] + s * c[:, 3, None]) if c[:, 3].any() else \
                c[:, 1, None] + s * c[:, 2, None]
            out = room[min(p, 1), :len(c)]
            np.multiply(slope[:, :, None], b, out=out)
            out += c[:, 0, None, None]
            if p:
                np.maximum(room[0, :len(c)], out, out=room[0, :len(c)])
        yield room[0, :len(c)]


def six_components():
    """As the formulas stand: every component of every cell, summed up, against every GPU."""
    s, b = counted.s, counted.b
    held = np.zeros(len(counted.gpus), int)
    for n, phases in plain_groups:
        for i in range(0, len(phases[0][0]), BLOCK):
            total = 0
            for p in range(n):
                phase = 0
                for k in range(6):
                    c = phases[p][k][i:i + BLOCK]
                    slope = c[:, 1, None] + s * (c[:, 2, None] + s * c[:, 3, None])
                    phase = phase + (c[:, 0, None, None] + slope[:, :, None] * b)
                total = np.maximum(total, phase) if p else phase
            for g, capacity in enumerate(counted.gpus):
                held[g] += np.count_nonzero(total <= capacity)
    return held


def count_nonzero():
    held = np.zeros(len(counted.limits), int)
    mask = np.empty((BLOCK, len(counted.s), len(counted.b)), bool)
    for n, phases in groups:
        for t in totals(n, phases):
            m = mask[:len(t)]
            for k, limit in enumerate(counted.limits):
                held[k] += np.count_nonzero(np.less_equal(t, limit, out=m))
    return held


def ranks():
    found = np.zeros(len(counted.limits) + 1, int)
    for n, phases in groups:
        for t in totals(n, phases):
            found += np.bincount(np.searchsorted(counted.limits, t.ravel()), minlength=len(found))
    return np.cumsum(found)[:-1]


def count(way):
    seconds = clock()
    held = way()
    seconds = {k: t - seconds[k] for k, t in clock().items()}
    if len(held) == len(counted.gpus):
        return {**seconds, "fits": [int(x) for x in held]}
    at = np.searchsorted(counted.limits, counted.gpus)
    return {**seconds, "fits": [int(x) for x in held[at]]}


def rows(path):
    """All columns of `vramsweep run` for every 32nd combination: a frame computed and written."""
    start = clock()
    combos = written.combos.iloc[::SLICE]
    s, b = written.s, written.b
    cells = len(s) * len(b)
    frame = {n: np.repeat(combos[n].to_numpy(object), cells) for n in NAMES[:3]}
    frame["context"] = np.tile(np.repeat(s.astype(int), len(b)), len(combos))
    frame["batch"] = np.tile(b.astype(int), len(combos) * len(s))
    frame |= {n: np.repeat(combos[n].to_numpy(object), cells) for n in NAMES[3:]}
    frame |= {"gpu": "", "gpus": ""}
    total = 0
    for k, name in enumerate(COMPONENTS):
        c = written.coefficients(f"k{k}", combos)
        slope = c[:, 1, None] + s * (c[:, 2, None] + s * c[:, 3, None])
        value = (c[:, 0, None, None] + slope[:, :, None] * b).ravel()
        frame[f"{name}_bytes"] = value.astype(int)
        total = total + value
    frame["total_bytes"] = total.astype(int)
    frame |= {n: "" for n in EMPTY}
    frame["status"] = "ok"
    pd.DataFrame(frame).to_csv(path, index=False)
    return {**{k: t - start[k] for k, t in clock().items()}, "rows": len(combos) * cells}


TASKS = {
    "count_nonzero": lambda: count(count_nonzero),
    "ranks": lambda: count(ranks),
    "six": lambda: count(six_components),
    "rows": rows,
    "version": lambda: {"version": f"numpy {np.__version__}, pandas {pd.__version__}"},
}
for line in sys.stdin:
    task, *args = line.split()
    print(json.dumps(TASKS[task](*args)), flush=True)
