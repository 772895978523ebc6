#!/bin/bash
# Fuzzes the targets of tests/fuzz/targets.def one after the other, each from tests/corpus/<target>/ and what earlier runs
# kept in build/fuzz/corpus/<target>/. The words of a target's sources become its dictionary. An input that crashes,
# hangs, leaks or takes too much memory is left in build/fuzz/found/. Environment: FUZZER, the program; T, a target, empty:
# all; LIMIT, seconds for each; MERGE=1: instead of fuzzing, choose the inputs of tests/corpus anew.
set -u
cd "$(dirname "$0")/.." || exit 2
work=build/fuzz
limits='-timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512 -max_len'
export OMP_NUM_THREADS=1 ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}

# Names in quotes, split at '|' and '.', and the cells of a header line.
words() { # files
    {
        grep -hoE '"[A-Za-z0-9_|.:@* -]{2,40}"' -- "$@" | tr -d '"' | tr '|' '\n'
        [[ $1 != *.csv ]] || head -n1 -- "$1" | tr ',' '\n'
        [[ $1 != *.c && $1 != *.def ]] || grep -hoE '"[A-Za-z0-9_|.]+"' -- "$@" | tr -d '"' | tr '.|' '\n\n'
    } | grep -E '^[A-Za-z0-9_.:@* -]{2,40}$' | sort -u | sed 's/.*/"&"/'
}

# The few smallest inputs that reach all that is reached take the place of those in tests/corpus; bugs stay.
merge() { # name, longest input
    local new=$work/merged/$1 of=tests/corpus/$1
    rm -rf "$new"
    mkdir -p "$new" "$of"
    "$FUZZER" -set_cover_merge=1 -use_counters=0 $limits="$2" "$new" "$of" $work/corpus/"$1" >$work/"$1".merge.log 2>&1 ||
        { tail -n 5 $work/"$1".merge.log >&2; return 1; }
    find "$of" -type f ! -name 'bug-*' -delete
    cp "$new"/* "$of"/
    echo "$1: $(find "$of" -type f | wc -l) inputs"
}

one() { # name, longest input, sources
    local name=$1 longest=$2 status
    shift 2
    mkdir -p $work/corpus/"$name" $work/found $work/dict
    words "$@" >$work/dict/"$name"
    export FUZZ_TARGET=$name
    if [ -n "${MERGE:-}" ]; then
        merge "$name" "$longest"
        return
    fi
    "$FUZZER" -max_total_time="$LIMIT" $limits="$longest" -dict=$work/dict/"$name" -artifact_prefix=$work/found/"$name"- \
        -print_final_stats=1 $work/corpus/"$name" tests/corpus/"$name" >$work/"$name".log 2>&1 </dev/null
    status=$?
    sed -nE 's/^stat::number_of_executed_units: *//p' $work/"$name".log | sed "s/.*/$name: & executions in $LIMIT s/"
    [ $status = 0 ] || { grep -E 'ERROR|does not hold|runtime error|Test unit written' $work/"$name".log; return 1; }
}

bad=0 known=0
while read -r name longest sources; do
    [ -z "${T:-}" ] || [ "$T" = "$name" ] || continue
    known=1
    # shellcheck disable=SC2086  # words and globs
    one "$name" "$longest" $sources || bad=1
done < <(sed -nE 's/^TARGET\(([a-z_]+), ([0-9]+), "([^"]*)"\).*/\1 \2 \3/p' tests/fuzz/targets.def)
[ $known = 1 ] || { echo "no target is called '$T'; see tests/fuzz/targets.def" >&2; exit 2; }
exit $bad
