"""Runs the contestants in alternating rounds on the same grid and columns, checks that all give the same answers, and
writes every time as JSON. Each contestant is one process that answers a task per line, so nobody's start-up is timed,
except for whole runs of vramsweep. Arguments: --program --mpi --ours --scratch --files --json, see main()."""
import argparse
import csv
import datetime
import itertools
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
CELLS = 10027008  # of either grid
SLICE = 32  # as in numpy_peer.py
SOON_TIMES = 7
TIMES = [(0.5, SOON_TIMES), (4, 3)]  # in a round: what is over in so many seconds is done so often
EVALS = 4  # runs of `eval` in a round

# What is timed: a name for the table, the contestant, its task. `{file}` is a file in the scratch folder.
COUNT = [
    ("plain C, six components", "ours", "plain"),
    ("plain C, shortest formula", "ours", "short"),
    ("vramsweep brute", "ours", "brute 1"),
    ("vramsweep brute, 2 threads", "ours", "brute 2"),
    ("vramsweep analytic", "ours", "analytic 1"),
    ("vramsweep analytic, 2 threads", "ours", "analytic 2"),
    ("numpy, six components, count_nonzero per GPU", "numpy", "six"),
    ("numpy, count_nonzero per capacity", "numpy", "count_nonzero"),
    ("numpy, searchsorted and bincount", "numpy", "ranks"),
    ("Polars, six components, sum per GPU", "polars1", "six"),
    ("Polars, sum per capacity", "polars1", "sums"),
    ("Polars, sum, streaming engine", "polars1", "streaming"),
    ("DuckDB, six components, CASE and GROUP BY", "duckdb1", "six"),
    ("DuckDB, CASE and GROUP BY", "duckdb1", "ranks"),
    ("DuckDB, sum per capacity", "duckdb1", "sums"),
    ("DuckDB, count FILTER per capacity", "duckdb1", "filters"),
    ("DuckDB, given the analytic trick", "duckdb1", "analytic"),
]
ROWS = [
    ("vramsweep", "ours", "rows {file} 1"),
    ("vramsweep, 2 threads", "ours", "rows {file} 2"),
    ("raw write() of the same bytes", "ours", "raw {file} {bytes}"),
    ("DuckDB COPY, six components", "duckdb1", "sixrows {file}"),
    ("DuckDB COPY", "duckdb1", "rows {file}"),
    ("DuckDB COPY, 2 threads", "duckdb2", "rows {file}"),
    ("Polars sinkCSV, six components, 2 threads", "polars2", "sixrows {file}"),
    ("Polars sinkCSV", "polars1", "rows {file}"),
    ("Polars sinkCSV, 2 threads", "polars2", "rows {file}"),
    ("pandas to_csv", "numpy", "rows {file}"),
]
# What a second thread gains: all for about as long, the calibration among them.
ONE, TWO = "1 thread", "2 threads"
THREADS = [("calibration: multiply-adds in registers", "calibrate"), ("count, brute", "brutes"),
           ("count, analytic", "analytics"), ("CSV to /dev/null", "rows /dev/null")]


# The formatter by itself.
NULLS = [("vramsweep", "ours", "rows /dev/null 1"), ("fprintf, cell by cell", "ours", "print /dev/null")]
RANK, RANKS = "1 MPI rank", "2 MPI ranks"


class Contestant:
    def __init__(self, command, **env):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **env})

    def ask(self, task):
        self.process.stdin.write(task + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args}: no answer to '{task}'")
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def start(args, scratch):
    """Exports the grids, starts everybody."""
    folders = [str(scratch / "count"), str(scratch / "rows")]
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    subprocess.run([args.ours, "export", *folders], check=True)
    node = ["node", str(scratch / "duckdb.mjs"), *folders]
    polars = ["node", str(scratch / "polars.mjs"), *folders]
    return {
        "ours": Contestant([args.ours]),
        "numpy": Contestant(["/usr/bin/python3", str(HERE / "numpy_peer.py"), *folders], OMP_NUM_THREADS="1",
                            OPENBLAS_NUM_THREADS="1"),
        "duckdb1": Contestant([*node, "1"]),
        "duckdb2": Contestant([*node, "2"]),
        "polars1": Contestant(polars, POLARS_MAX_THREADS="1"),
        "polars2": Contestant(polars, POLARS_MAX_THREADS="2"),
    }


def times_of(seconds):
    return next((times for limit, times in TIMES if seconds < limit), 1)


def rounds(tasks, contestants, n, check, once=False, **names):
    """Seconds of every task by the clock and by the processor, n pairs of them after one round that only checks. What
    is over soon is done several times in a round unless `once`, and the median counts: others have used the caches
    meanwhile. Every other round goes backwards, so that none always comes after the same one: memory which that one
    left free a virtual machine may have given back to its host, and gets again slowly. Before a file is written the
    disk gets what earlier ones left in memory, because beyond a share of it the kernel holds writers up; and as many
    bytes are written and removed, because the pages of a file that the host has taken back come again slowly."""
    seconds, again = {name: [] for name, _, _ in tasks}, {}
    for i in range(n + 1):
        for name, who, task in tasks[::-1] if i % 2 else tasks:
            pairs = []
            for _ in range(again.get(name, 1)):
                if "file" in names:
                    contestants["ours"].ask("raw {file} {bytes}".format(**names))
                    os.sync()
                answer = contestants[who].ask(task.format(**names))
                check(name, answer, first=i == 0)
                pairs.append([answer["seconds"], answer["cpu"]])
                if "file" in names and os.path.exists(names["file"]):
                    os.remove(names["file"])
            again[name] = again.get(name) or (1 if once else times_of(answer["seconds"]))
            if i:
                seconds[name].append([statistics.median(x) for x in zip(*pairs)])
        print(f"round {i} of {n}: " + ", ".join(f"{name} {s[-1][0]:.3g} s" for name, s in seconds.items() if s),
              file=sys.stderr)
    return seconds


def threads(args, contestants):
    """One thread and two in turn: what disturbs the machine for a second or more then disturbs both sides of a ratio."""
    tasks = [((name, n), "ours", f"{task} {n}") for name, task in THREADS for n in (1, 2)]
    seconds = rounds(tasks, contestants, args.rounds * SOON_TIMES, lambda *_, **__: None, once=True)
    return {name: {ONE: seconds[name, 1], TWO: seconds[name, 2]} for name, _ in THREADS}


def program_counts(args, scratch):
    """Cells that fit each GPU, as `vramsweep run` reports them, summed over the combinations."""
    subprocess.run([args.program, "run", str(HERE / "count.yaml"), "-q", "-o", str(scratch / "fits")], check=True)
    sums = {}
    with open(scratch / "fits" / "fits.csv", newline="") as file:
        for row in csv.DictReader(file):
            sums[row["gpu"]] = sums.get(row["gpu"], 0) + int(row["cells_that_fit"])
    return list(sums.values())


def count(args, scratch, contestants):
    want = program_counts(args, scratch)

    def check(name, answer, first):
        if answer["fits"] != want:
            sys.exit(f"{name}: other counts than vramsweep run: {answer['fits']} against {want}")
    return rounds(COUNT, contestants, args.rounds, check)


def lines_hash(path):
    with open(path, "rb", buffering=1 << 20) as file:
        return sum(map(hash, file)) & (1 << 64) - 1


def same_slice(path, whole):
    """Whether a file holds the header and every SLICE-th combination of the whole one, line for line."""
    with open(path, "rb") as part, open(whole, "rb", buffering=1 << 20) as all_rows:
        if part.readline() != all_rows.readline():
            return False
        while block := list(itertools.islice(all_rows, 4096)):
            if block != list(itertools.islice(part, 4096)):
                return False
            for _ in itertools.islice(all_rows, 4096 * (SLICE - 1)):
                pass
        return not part.readline()


def rows(args, contestants):
    file, whole = f"{args.files}/vramsweep-peers.csv", f"{args.files}/vramsweep-peers-whole.csv"
    contestants["ours"].ask(f"rows {whole} 1")
    n_bytes, want, slice_rows = os.path.getsize(whole), lines_hash(whole), CELLS
    contestants["ours"].ask(f"print {file}")
    if lines_hash(file) != want:
        sys.exit("fprintf, cell by cell: other rows than vramsweep's")

    def check(name, answer, first):
        nonlocal slice_rows
        slice_rows = answer.get("rows", slice_rows)
        if not first or name.startswith("raw"):
            return
        same = same_slice(file, whole) if name.startswith("pandas") else lines_hash(file) == want
        if not same:
            sys.exit(f"{name}: other rows than vramsweep's")
    seconds = rounds(ROWS, contestants, args.rounds, check, file=file, bytes=n_bytes)
    os.remove(whole)
    scale = CELLS / slice_rows  # pandas wrote a slice
    seconds["pandas to_csv"] = [[t * scale for t in pair] for pair in seconds["pandas to_csv"]]
    return seconds, n_bytes


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command):
    begin, used = time.perf_counter(), processor_seconds()
    subprocess.run(command, check=True)
    return [time.perf_counter() - begin, processor_seconds() - used]


def peak_memory(command):
    """Most bytes that a process held, as the kernel says while it runs."""
    process, peak = subprocess.Popen(command), 0
    while process.poll() is None:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        peak = max([peak, *(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))])
        time.sleep(0.01)
    return peak


def whole(args, scratch):
    """The whole catalog added up: seconds by threads and ranks, and peak memory, also of a grid that is much smaller."""
    out = str(scratch / "whole")
    os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    run = ["run", "configs/whole-catalog.yaml", "-q", "-o", out, "--threads"]
    ways = {ONE: [args.program, *run, "1"], TWO: [args.program, *run, "2"],
            RANK: ["mpirun", "-np", "1", args.mpi, *run, "1"], RANKS: ["mpirun", "-np", "2", args.mpi, *run, "1"]}
    seconds, sums = {name: [] for name in ways}, set()
    for _ in range(args.rounds):
        for name, command in ways.items():
            shutil.rmtree(out, ignore_errors=True)
            seconds[name].append(timed(command))
            sums.add((scratch / "whole" / "gpus.csv").read_bytes())
    if len(sums) != 1:
        sys.exit("the whole catalog: threads and ranks do not agree")
    print(f"whole catalog: {seconds}", file=sys.stderr)
    shutil.rmtree(out)
    memory = {"the whole catalog": peak_memory(ways[TWO]), "10 million cells": peak_memory(
        [args.program, "run", str(HERE / "count.yaml"), "-q", "--threads", "2", "-o", str(scratch / "few")])}
    shutil.rmtree(scratch / "few")
    return seconds, memory


def evaluate(args, scratch, contestants):
    """Whole runs of `vramsweep eval`: seconds by threads, for a million rows and for one."""
    million, one, seconds = str(scratch / "million.csv"), str(scratch / "one.csv"), {}
    contestants["ours"].ask(f"scenarios {million} 1000000")
    contestants["ours"].ask(f"scenarios {one} 1")
    for _ in range(args.rounds * EVALS):
        for name, path, threads, to in [("to a file", million, "1", str(scratch / "answers.csv")),
                                        (ONE, million, "1", "/dev/null"), (TWO, million, "2", "/dev/null"),
                                        ("one row", one, "1", "/dev/null")]:
            seconds.setdefault(name, []).append(timed([args.program, "eval", path, "--threads", threads, "-o", to]))
    print(f"eval: {seconds}", file=sys.stderr)
    return seconds


def file_system(folder):
    return subprocess.run(["findmnt", "-n", "-o", "FSTYPE", "-T", folder], check=True, capture_output=True, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="vramsweep")
    parser.add_argument("--mpi", required=True, help="vramsweep-mpi")
    parser.add_argument("--ours", required=True, help="our side of the comparison")
    parser.add_argument("--scratch", required=True, help="folder for the others' packages and the files written")
    parser.add_argument("--files", required=True, help="folder for the files that are measured")
    parser.add_argument("--json", required=True, help="file for the times")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    scratch = pathlib.Path(args.scratch).resolve()
    contestants = start(args, scratch)
    day = datetime.date.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    result = {"date": day.isoformat(), "machine": contestants["ours"].ask("machine"),
              "versions": [contestants[who].ask("version")["version"] for who in ("numpy", "polars1", "duckdb1")],
              "rounds": args.rounds, "files": file_system(args.files), "cells": CELLS}
    result["load"] = [os.getloadavg()[0]]
    result["threads"] = threads(args, contestants)
    result["null"] = rounds(NULLS, contestants, args.rounds, lambda *_, **__: None)
    result["eval"] = evaluate(args, scratch, contestants)
    result["whole"], result["memory"] = whole(args, scratch)
    result["count"] = count(args, scratch, contestants)
    result["rows"], result["bytes"] = rows(args, contestants)
    result["load"].append(os.getloadavg()[0])
    for c in contestants.values():
        c.end()
    with open(args.json, "w") as out:
        json.dump(result, out, indent=1)
        out.write("\n")


main()
