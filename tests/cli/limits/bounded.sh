# For the cases: `bounded ARGUMENT...` runs the program with ten seconds and a gigabyte of address space, of which a
# sanitizer needs more; its messages in between its results, and its exit status.
bounded() (
    local seconds=10
    export OMP_NUM_THREADS=2
    if [[ ${VARIANT:-} == *san ]]; then seconds=60; else ulimit -v 1000000; fi
    timeout $seconds "$VRAMSWEEP" "$@" 2>&1
    echo "status $?"
)
# `times N TEXT`: the text N times, without a line break.
times() {
    head -c "$1" /dev/zero | sed "s/\x00/$2/g"
}
