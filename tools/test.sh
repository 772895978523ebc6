#!/bin/bash
# Runs the command-line tests, replays the fuzzers' inputs, then the unit tests, whose summary closes the output. Fails when
# one of them does, or when the pattern T picks no test of any. Without a pattern a sample of calls fails as well (a whole
# one: make faults). Environment: VRAMSWEEP, REPLAY and RUNNER, the programs; SHIM; VARIANT; T, ISA, RUN_ENV as in
# `make help`.
set -u
cd "$(dirname "$0")/.." || exit 2
export VRAMSWEEP T=${T:-}
[ -z "${ISA:-}" ] || export VRAMSWEEP_ISA=$ISA
export TSAN_OPTIONS=${TSAN_OPTIONS:-ignore_noninstrumented_modules=1} # clang's OpenMP runtime is not instrumented

faults=0
if [ -z "$T" ] && [ -z "${RUN_ENV:-}" ] && [ "${VARIANT:-release}" = release ]; then
    tests/fault/run quick
    faults=$?
fi
[ "${VARIANT:-release}" != tsan ] || export CASE_SECONDS=1200
# The command-line tests start the program through RUN_ENV too, and have more time for it.
program=$VRAMSWEEP
if [ -n "${RUN_ENV:-}" ]; then
    scratch=$(mktemp -d) || exit 2
    trap 'rm -rf "$scratch"' EXIT
    printf '#!/bin/sh\nexec %s '\''%s'\'' "$@"\n' "$(command -v "${RUN_ENV%% *}") ${RUN_ENV#* }" "$program" >"$scratch/vramsweep"
    chmod +x "$scratch/vramsweep"
    export VRAMSWEEP=$scratch/vramsweep CASE_SECONDS=3600
fi
tests/cli/run
cli=$?
export VRAMSWEEP=$program
# shellcheck disable=SC2086  # RUN_ENV is a command with its options
${RUN_ENV:-} "$REPLAY" ${T:+"$T"}
corpus=$?
# shellcheck disable=SC2086
${RUN_ENV:-} "$RUNNER" ${T:+"$T"}
unit=$?
none=77 # what both answer when the pattern picked nothing
[ $cli = $none ] && [ $corpus = $none ] && [ $unit = $none ] && { echo "no test matches '$T'" >&2; exit 1; }
for status in $faults $cli $corpus $unit; do
    [ $status = 0 ] || [ $status = $none ] || exit 1
done
