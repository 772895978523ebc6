# For the cases: `bounded ARGUMENT...` runs the program with ten seconds and a gigabyte of address space, of which a
# sanitizer and valgrind need more, both more time too; its messages in between its results, and its exit status.
bounded() (
    local seconds=10
    export OMP_NUM_THREADS=2
    [ -z "${RUN_ENV:-}" ] || seconds=600
    if [[ ${VARIANT:-} == *san ]]; then seconds=60; elif [ -z "${RUN_ENV:-}" ]; then ulimit -v 1000000; fi
    timeout $seconds "$VRAMSWEEP" "$@" 2>&1
    echo "status $?"
)
# `times N TEXT`: the text N times, without a line break.
times() {
    head -c "$1" /dev/zero | sed "s/\x00/$2/g"
}
