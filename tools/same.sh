#!/bin/bash
# Runs the example configs with each instruction set that this machine has and 1, 2 and 7 threads, and compares every file
# with those of the first run. Arguments: instruction sets. Environment: VRAMSWEEP, the program; CONFIGS, which configs.
set -u
cd "$(dirname "$0")/.." || exit 2
configs=${CONFIGS:-$(ls configs/*.yaml configs/published/*.yaml | grep -v million)}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
bad=0 runs=0
for config in $configs; do
    first=
    for isa in "$@"; do
        for threads in 1 2 7; do
            out=$scratch/$isa-$threads
            if ! "$VRAMSWEEP" run "$config" --quiet --isa "$isa" --threads $threads -o "$out" >"$scratch/log" 2>&1; then
                grep -q 'cannot run' "$scratch/log" && { echo "skip: this machine has no $isa"; continue 2; }
                echo "$config: failed with --isa $isa --threads $threads"
                head -3 "$scratch/log"
                bad=1
                continue
            fi
            first=${first:-$out}
            diff -rq "$first" "$out" || bad=1
            runs=$((runs + 1))
        done
    done
    rm -rf "$scratch"/*-*
done
[ $bad = 0 ] && echo "the same files from $runs runs"
exit $bad
