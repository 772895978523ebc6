#!/bin/bash
# Static checks over the C files given. clang-tidy's answers are kept per file and flags in $B/lint, so a second run
# looks only at what changed. Environment: B, the build folder.
set -u
cache=${B:?}/lint
mkdir -p "$cache"
bad=0
flags="-std=c11 -D_GNU_SOURCE -I. -DKERN_ISA=base -fopenmp"

tidy_one() {
    f=$1
    key=$(cat "$f" .clang-tidy common/*.h kernels/*.h kernels/*/*.h report/*.h sweep/*.h 2>/dev/null | sha256sum | cut -c1-32)
    stamp=$cache/$(echo "$f" | tr / _).$key
    [ -e "$stamp" ] && return 0
    # shellcheck disable=SC2086
    clang-tidy --quiet "$f" -- $flags 2>/dev/null | grep -E 'warning:|error:' && return 1
    touch "$stamp"
}
export -f tidy_one
export cache flags

printf '%s\n' "$@" | grep '\.c$' | xargs -P "$(nproc)" -I{} bash -c 'tidy_one {}' || bad=1
cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability --suppress=missingInclude \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches -I. -DKERN_ISA=base -j "$(nproc)" "$@" || bad=1
tools/length.sh "$@" || bad=1

# Below main nobody exits; no tabs; results are printed by commands only.
grep -nE '(^|[^_a-z])exit\(' "$@" | grep -v '^sweep/main.c' && bad=1
grep -nP '\t' "$@" && bad=1
grep -nE '(^|[^_a-zf])printf\(' common/*.c kernels/*.c kernels/*/*.c report/*.c && bad=1

# The baseline objects must run on any x86-64: no wide registers.
for o in "$B"/kernels/*/*.base.o; do
    [ -e "$o" ] || continue
    objdump -d "$o" | grep -qE '%[yz]mm' && { echo "$o: wide registers in a baseline object"; bad=1; }
done
exit $bad
