#!/bin/bash
# Tests of the MPI build: runs of 1, 2, 3 and 5 ranks leave the files of one process, byte by byte; a rank that is killed
# and a disk that is full end the run, and leave the old files and nothing else. Says so and succeeds when Open MPI is not
# installed. Environment: ALONE and RANKS, the programs without and with MPI.
set -u
cd "$(dirname "$0")/.." || exit 2
command -v mpirun >/dev/null || { echo "mpi-test: skipped, Open MPI is not installed (make deps MPI=1)"; exit 0; }
scratch=$(mktemp -d) || exit 2
trap 'umount "$scratch/small" 2>/dev/null; rm -rf "$scratch"' EXIT
bad=0
fail() { echo "mpi-test: $*"; bad=1; }
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ranks() { # number, arguments
    local n=$1
    shift
    timeout 120 mpirun --oversubscribe -np "$n" "$RANKS" "$@"
}

cat >"$scratch/few.yaml" <<'Y'
sweep:
  model: [llama-3.1-8b, qwen3-8b, mixtral-8x7b]
  weights: [bf16, fp8-channel, q4_k_m]
  kv: [bf16, fp8]
  context: 1k..128k x2
  batch: 1..256 x2
  layout: [tp1, tp3, tp8]
  gpu: ["@hopper", a100-80gb-sxm]
  skip: ["weights=q4_k_m & layout=tp8"]
reports:
  - csv: rows.csv
  - csv: rows.csv.gz
  - csv: rows.csv.zst
  - csv: rows.jsonl
  - reduce: fits.csv
  - {reduce: groups.csv, by: [model, weights]}
  - table: weights
    rows: model
    columns: weights
    where: {context: 8k, batch: 1, kv: bf16, layout: tp1, gpu: h100-sxm}
    to: [md, xlsx]
  - workbook: book.xlsx
Y
"$ALONE" run "$scratch/few.yaml" -q -o "$scratch/alone" || fail "one process fails"
for n in 1 2 3 5; do
    for threads in 1 3; do
        ranks $n run "$scratch/few.yaml" -q --threads $threads -o "$scratch/ranks" || fail "$n ranks fail"
        # The list of files names the program, which is another one here.
        diff -r -x .vramsweep "$scratch/alone" "$scratch/ranks" || fail "$n ranks with $threads threads: the files differ"
        rm -rf "$scratch/ranks"
    done
done
for k in 1 2; do ranks 2 run "$scratch/few.yaml" -q --shard $k/2 -o "$scratch/shards" || fail "a shard by ranks fails"; done
"$RANKS" merge "$scratch/shards" -q -o "$scratch/merged" || fail "merging shards made by ranks fails"
diff -r -x .vramsweep "$scratch/alone" "$scratch/merged" || fail "shards made by ranks: the files differ"
[ "$(ranks 3 list modes --format csv | sort | uniq -d | wc -l)" = 0 ] || fail "list is printed by several ranks"
ranks 2 run "$scratch/none.yaml" >"$scratch/log" 2>&1 && fail "a config that is not there is no failure"
[ "$(grep -c none.yaml: "$scratch/log")" = 1 ] || fail "a fault is not told once"

cat >"$scratch/long.yaml" <<'Y'
sweep: {model: "*", weights: [bf16, fp8], context: 1..60000 +1, batch: 1..1000 +1, gpu: "*"}
reports:
  - csv: rows.csv
Y
mkdir "$scratch/killed" && echo old >"$scratch/killed/rows.csv"
for victim in 0 2; do
    ranks 3 run "$scratch/long.yaml" -q -o "$scratch/killed" >"$scratch/log" 2>&1 &
    run=$!
    for wait in $(seq 100); do
        sleep 0.1
        process=$(grep -lzxs "OMPI_COMM_WORLD_RANK=$victim" /proc/[0-9]*/environ | cut -d/ -f3 | while read -r p; do
            tr '\0' ' ' <"/proc/$p/cmdline" | grep -qF "$scratch/long.yaml" && echo "$p"; done)
        [ -n "$process" ] && [ -n "$(find "$scratch/killed" -name '.rows.csv.*')" ] && break
    done
    sleep 1
    kill -9 $process || fail "rank $victim was not found"
    wait $run && fail "rank $victim was killed, and the run succeeds"
    grep -q 'another rank has ended' "$scratch/log" || fail "the end of rank $victim is not told"
    [ "$(cat "$scratch/killed/rows.csv")" = old ] || fail "rank $victim was killed: the old file is gone"
done
sed 's/: "\*"/: llama-3.1-8b/; s/gpu: "\*"/gpu: h100-sxm/; s/60000/10/' "$scratch/long.yaml" >"$scratch/short.yaml"
"$ALONE" run "$scratch/short.yaml" -q -o "$scratch/killed" >/dev/null 2>&1 || fail "the next run fails"
[ -z "$(find "$scratch/killed" -name '*.tmp')" ] || fail "the next run leaves what a dead one left"

mkdir "$scratch/small"
if mount -t tmpfs -o size=2m none "$scratch/small" 2>/dev/null; then
    mkdir "$scratch/small/out" && echo old >"$scratch/small/out/rows.csv"
    ranks 2 run "$scratch/few.yaml" -q -o "$scratch/small/out" >"$scratch/log" 2>&1 && fail "a full disk is no failure"
    grep -q 'out/rows.csv: .*disk full' "$scratch/log" || fail "a full disk is not told"
    [ "$(find "$scratch/small" -type f)" = "$scratch/small/out/rows.csv" ] || fail "a full disk: files are left"
else
    echo "mpi-test: the full disk is skipped, nothing may be mounted here"
fi
[ $bad = 0 ] && echo "mpi-test: the same files from 1, 2, 3 and 5 ranks; dead ranks and a full disk leave nothing"
exit $bad
