# For the cases: `v ARGUMENT...` runs the program, its messages in between its results, and tells the exit status.
v() {
    "$VRAMSWEEP" "$@" 2>&1
    echo "status $?"
}
# Like v, of which only the messages and the exit status are shown.
quiet() {
    "$VRAMSWEEP" "$@" 2>&1 >/dev/null
    echo "status $?"
}
# Checks a condition: `check WHAT COMMAND...` says WHAT when the command fails.
check() {
    local what=$1
    shift
    "$@" || echo "FAILED: $what"
}
