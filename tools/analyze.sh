#!/bin/bash
# gcc's static analyzer over the C files given: leaks, double frees, use after free, null pointers, files left open, along
# every path through a file. It fails on any finding. A file that was clean is looked at again when it, a header or the
# compiler changed. Environment: B, the build folder; CC, a gcc.
set -u
cd "$(dirname "$0")/.." || exit 2
cache=${B:?}/analyze
compile="${CC:-gcc} -fanalyzer -O0 -std=c11 -D_GNU_SOURCE -DVRAMSWEEP_VERSION=\"0\" -DKERN_ISA=base -I. -fopenmp -Werror"
"${CC:-gcc}" --version | grep -q 'Free Software' || { echo 'analyze needs gcc: its analyzer is the one that is asked' >&2; exit 2; }
mkdir -p "$cache"
headers=$(cat tools/analyzer.h */*.h */*.def */*/*.h */*/*.def | sha256sum; $compile --version)

one() { # a C file; silent when the same text was clean before
    local stamp include="-include tools/analyzer.h" # what diag_add() answers
    [ "$1" != common/err.c ] || include=
    stamp=$cache/$(printf '%s %s %s' "$headers" "$compile" "$(sha256sum "$1")" | sha256sum | cut -c1-40)
    [ -e "$stamp" ] && return 0
    # shellcheck disable=SC2086  # words
    $compile $include -c -o /dev/null "$1" >"$stamp.$$" 2>&1 && [ ! -s "$stamp.$$" ] && mv "$stamp.$$" "$stamp" && return 0
    cat "$stamp.$$"
    rm "$stamp.$$"
    return 1
}
export -f one
export cache headers compile
printf '%s\n' "$@" | grep '\.c$' | xargs -P "$(nproc)" -I{} bash -c 'one {}'
