"""Times of bench-peers as the tables and the chart of docs/performance.md: what stands between `<!-- NAME -->` and
`<!-- end -->` is rewritten, PREFIX.png, .svg and .dat are drawn by chart.gp. Arguments: JSON PAGE PREFIX."""
import json
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
median = statistics.median

CLOCK, CPU = 0, 1  # of a pair of seconds

# What stands in the way of calling it done: text, what is measured (a ratio of two rows), at least how much, and the
# ways of the other whose best is shown beside it: the goals were set for formulas computed as they stand.
NUMPY = ["numpy, count_nonzero per capacity", "numpy, searchsorted and bincount"]
POLARS = ["Polars, sum per capacity", "Polars, sum, streaming engine"]
DUCKDB = ["DuckDB, CASE and GROUP BY", "DuckDB, sum per capacity", "DuckDB, count FILTER per capacity"]
BRUTE, ANALYTIC = "vramsweep brute", "vramsweep analytic"
PLAIN, SHORT = "plain C, six components", "plain C, shortest formula"
NUMPY_SIX, POLARS_SIX = "numpy, six components, count_nonzero per GPU", "Polars, six components, sum per GPU"
DUCKDB_SIX, DUCKDB_TRICK = "DuckDB, six components, CASE and GROUP BY", "DuckDB, given the analytic trick"
COPY_SIX, SINK_SIX = "DuckDB COPY, six components", "Polars sinkCSV, six components, 2 threads"
OURS, OURS2, RAW = "vramsweep", "vramsweep, 2 threads", "raw write() of the same bytes"
ONE, TWO, RANK, RANKS = "1 thread", "2 threads", "1 MPI rank", "2 MPI ranks"
COUNTS = 2  # rows of gains that count cells, the first of them
GOALS = [
    ("brute against plain C", "count", BRUTE, PLAIN, 10, [SHORT]),
    ("brute against numpy", "count", BRUTE, NUMPY_SIX, 6, NUMPY),
    ("brute against Polars", "count", BRUTE, POLARS_SIX, 25, POLARS),
    ("brute against DuckDB", "count", BRUTE, DUCKDB_SIX, 60, DUCKDB),
    ("analytic against our brute", "count", ANALYTIC, BRUTE, 10, []),
    ("analytic against numpy", "count", ANALYTIC, NUMPY_SIX, 100, NUMPY),
    ("analytic against DuckDB given the same trick", "count", ANALYTIC, DUCKDB_TRICK, 50, []),
    ("CSV to /dev/null against fprintf", "null", OURS, "fprintf, cell by cell", 40, []),
    ("CSV to a file against DuckDB COPY, 1 thread each", "rows", OURS, COPY_SIX, 15, ["DuckDB COPY"]),
    ("CSV to a file against Polars, 2 threads each", "rows", OURS2, SINK_SIX, 15, ["Polars sinkCSV, 2 threads"]),
    ("CSV to a file, 2 threads: share of raw write()", "rows", OURS2, RAW, 0.7, []),
]


def ratio(times, other, ours):
    """Median of the ratios round by round: of the clock where one of both has two threads, else of processor time,
    which whatever else runs on the machine disturbs less."""
    which = CLOCK if "2 threads" in other + ours else CPU
    return median([o[which] / u[which] for o, u in zip(times[other], times[ours])])


def seconds(times, name):
    which = CLOCK if "2 threads" in name else CPU
    return median([t[which] for t in times[name]])


def best(times, names):
    return min(names, key=lambda n: seconds(times, n))


def digits(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(r) + " |" for r in rows])


def count_table(r):
    times = r["count"]
    return table(["who", "seconds", "million cells/s", "x vramsweep brute", "x vramsweep analytic"],
                 [[n, digits(seconds(times, n)), digits(r["cells"] / seconds(times, n) / 1e6),
                   digits(ratio(times, n, BRUTE)), digits(ratio(times, n, ANALYTIC))] for n in times])


def rows_table(r):
    times = r["rows"]
    return table(["who", "seconds", "million rows/s", "MB/s", "x vramsweep, 1 thread", "x vramsweep, 2 threads"],
                 [[n, digits(seconds(times, n)), digits(r["cells"] / seconds(times, n) / 1e6),
                   digits(r["bytes"] / seconds(times, n) / 1e6), digits(ratio(times, n, OURS)),
                   digits(ratio(times, n, OURS2))] for n in times])


def null_table(r):
    times = r["null"]
    return table(["who", "seconds", "MB/s", "x vramsweep"],
                 [[n, digits(seconds(times, n)), digits(r["bytes"] / seconds(times, n) / 1e6),
                   digits(ratio(times, n, OURS))] for n in times])


def gain(times, one, two):
    return median([a[CLOCK] / b[CLOCK] for a, b in zip(times[one], times[two])])


def gains(r):
    """What two threads gain by the clock, and the calibration of the same run."""
    rows = [(name, gain(times, ONE, TWO)) for name, times in r["threads"].items()]
    rows.append(("CSV to a file", gain(r["rows"], OURS, OURS2)))
    rows.append(("eval", gain(r["eval"], ONE, TWO)))
    (calibration, free), *rows = rows
    return calibration, 2 * free, rows


def gains_table(r):
    calibration, free, rows = gains(r)
    return table(["what", "2 threads over 1", "share of the calibration's gain"], [[calibration, f"{free:.2f}", ""]] +
                 [[n, f"{g:.2f}", f"{g / free:.2f}"] for n, g in rows])


def goal(text, asked, measured, met, shortest=""):
    return [text, asked, measured, "yes" if met else "**no**", shortest]


def ratio_goals(r):
    for text, kind, ours, other, least, ways in GOALS:
        x = ratio(r[kind], other, ours)
        shortest = f"{digits(ratio(r[kind], best(r[kind], ways), ours))} x" if ways else ""
        yield goal(text, f"{least} x" if least > 1 else f"{least:.0%}", f"{digits(x)} x" if least > 1 else f"{x:.1%}",
                   x >= least, shortest)


def share_goals(r):
    """What a second thread and a second rank gain, as shares of what the calibration did."""
    _, free, rows = gains(r)
    catalog = r["whole"]
    reduced = [*rows[:COUNTS], ("the whole catalog", gain(catalog, ONE, TWO))]
    for what, least, shown in [("2 threads that count", 0.9, reduced), ("2 threads that write rows", 0.9, rows[COUNTS:]),
                               ("2 MPI ranks that count", 0.85, [("the whole catalog", gain(catalog, RANK, RANKS))])]:
        name, x = min(shown, key=lambda row: row[1])
        yield goal(f"{what}: share of the calibration's gain ({'least: ' if len(shown) > 1 else ''}{name})",
                   f"{least:.0%}", f"{x / free:.1%}", x / free >= least)


def goals_table(r):
    per_core, start = 1 / seconds(r["eval"], "to a file"), 1e3 * seconds(r["eval"], "one row")
    formatted = r["bytes"] / seconds(r["null"], OURS) / 1e9
    catalog, peak = seconds(r["whole"], TWO), r["memory"]["the whole catalog"]
    return table(["goal", "asked", "measured", "met", "against its shortest formula and best way"], [
        *ratio_goals(r), goal("CSV to /dev/null, per core", "2.5 GB/s", f"{formatted:.1f} GB/s", formatted >= 2.5),
        *share_goals(r),
        goal("the whole catalog, 2 threads", "< 3 s", f"{catalog:.2f} s", catalog < 3),
        goal("its peak memory", "< 64 MiB", f"{mib(peak)} MiB", peak < 64 << 20),
        goal("`eval` of 1,000,000 rows, rows/s per core", "1.0 M", f"{per_core:.2f} M", per_core >= 1),
        goal("start-up: catalogs read, one row answered", "< 30 ms", f"{start:.0f} ms", start < 30)])


def mib(n):
    return f"{n / 2**20:.1f}"


def whole_table(r):
    """By the clock, and the memory that both grids took at most."""
    times, memory = r["whole"], r["memory"]
    return table(["who", "the whole catalog, seconds", "peak memory, MiB", "of 10 million cells, MiB"],
                 [[name, f"{median([t[CLOCK] for t in times[name]]):.2f}",
                   *(map(mib, memory.values()) if name == TWO else ("", ""))] for name in times])


def machine(r):
    """On what all this ran. Our own programs make a load of 1 to 2."""
    m = r["machine"]
    text = (f"{r['date']}; {m['cpu']}, {m['cpus']} processors; {m['compiler']}, `{m['flags']}`; kernels {m['kernels']}; "
            f"files on {r['files']}; {'; '.join(r['versions'])}. Medians of {r['rounds']} alternating rounds or more in one run.")
    if max(r["load"]) > m["cpus"] + 1:
        text += (f"\n\n**The machine was busy with other work** (load {r['load'][0]:.0f} to {r['load'][1]:.0f} on {m['cpus']} "
                 "processors): figures by the clock, those of two threads above all, say little.")
    return text


def draw(r, prefix):
    """One block per panel: name, million cells or rows a second, 1 for ours."""
    panels = [("count", [ANALYTIC, "DuckDB, given the analytic trick", BRUTE, best(r["count"], NUMPY), SHORT,
                         best(r["count"], POLARS), best(r["count"], DUCKDB)]),
              ("rows", [OURS2, OURS, "Polars sinkCSV, 2 threads", "DuckDB COPY, 2 threads", "DuckDB COPY",
                        "Polars sinkCSV", "pandas to_csv"])]
    with open(f"{prefix}.dat", "w") as out:
        out.write("# million per second; 1 for vramsweep; name; the same as text\n")
        for kind, names in panels:
            for n in sorted(names, key=lambda n: seconds(r[kind], n), reverse=True):
                million = r["cells"] / seconds(r[kind], n) / 1e6
                out.write(f"{million:.5g} {int(n.startswith('vramsweep'))} \"{n}\" \"{digits(million)}\"\n")
            out.write("\n\n")
    subprocess.run(["gnuplot", "-e", f"prefix='{prefix}'", str(HERE / "chart.gp")], check=True)


def main():
    path, page, prefix = sys.argv[1:4]
    r = json.load(open(path))
    blocks = {"machine": machine(r), "goals": goals_table(r), "count": count_table(r), "rows": rows_table(r),
              "null": null_table(r), "threads": gains_table(r), "whole": whole_table(r)}
    text = pathlib.Path(page).read_text()
    for name, block in blocks.items():
        text = re.sub(rf"(<!-- {name} -->\n).*?(<!-- end -->)", lambda m: f"{m[1]}{block}\n{m[2]}", text, flags=re.S)
    pathlib.Path(page).write_text(text)
    draw(r, prefix)


main()
