#!/bin/bash
# Static checks over the C files given. clang-tidy's verdict is kept in $B/lint per file, headers and settings, cppcheck
# keeps its own there, so a second run looks only at what changed. Environment: B, the build folder.
set -u
cd "$(dirname "$0")/.." || exit 2
cache=${B:?}/lint
flags="-std=c11 -D_GNU_SOURCE -DVRAMSWEEP_VERSION=\"0\" -I. -DKERN_ISA=base -fopenmp"
bad=0
for tool in clang-tidy cppcheck objdump; do
    command -v $tool >/dev/null || { echo "lint needs $tool (Debian packages clang-tidy cppcheck binutils)" >&2; exit 2; }
done
mkdir -p "$cache/cppcheck"
product=() tests=()
for f in "$@"; do
    case $f in tests/* | bench/*) tests+=("$f") ;; *) product+=("$f") ;; esac
done

# ---- clang-tidy and cppcheck: the product only ----
headers=$(cat .clang-tidy tools/analyzer.h */*.h */*.def */*/*.h */*/*.def 2>/dev/null | sha256sum)
tidy_one() { # a C file; silent when the same text was clean before
    local stamp include="-include tools/analyzer.h"
    [ "$1" != common/err.c ] || include=
    stamp=$cache/$(printf '%s %s %s' "$headers" "$flags" "$(sha256sum "$1")" | sha256sum | cut -c1-40)
    [ -e "$stamp" ] && return 0
    # shellcheck disable=SC2086
    if clang-tidy --quiet "$1" -- $flags $include >"$stamp.$$" 2>/dev/null && ! grep -qE 'warning:|error:' "$stamp.$$"; then
        rm "$stamp.$$" && touch "$stamp"
    else
        cat "$stamp.$$" && rm "$stamp.$$" && return 1
    fi
}
export -f tidy_one
export cache flags headers
printf '%s\n' "${product[@]}" | grep '\.c$' | xargs -P "$(nproc)" -I{} bash -c 'tidy_one {}' || bad=1
cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability --suppress=missingInclude \
    --suppress=missingIncludeSystem --suppress=autoVariables --cppcheck-build-dir="$cache/cppcheck" -I. -DKERN_ISA=base -j "$(nproc)" \
    $(printf '%s\n' "${product[@]}" | grep '\.c$') || bad=1

# ---- rules of the house ----
tools/length.sh "$@" || bad=1
forbid() { # what, pattern, files
    local what=$1 pattern=$2
    shift 2
    grep -nP "$pattern" "$@" | sed "s/\$/    <- $what/" | grep . && bad=1
}
below_main=() printers=()
for f in "${product[@]}"; do
    [ "$f" = sweep/main.c ] || below_main+=("$f")
    case $f in sweep/*) ;; *) printers+=("$f") ;; esac
done
forbid "only main exits" '\b(exit|abort|_exit)\(' "${below_main[@]}"
forbid "a tab" '\t' "${product[@]}" "${tests[@]}"
forbid "only commands write to stdout" '(^|[^\w])(printf|puts|putchar)\(|\bfprintf\(stdout' "${printers[@]}"
forbid "no bound on what is written" '\b(v?sprintf|strcpy|gets)\(' "${product[@]}"

forbid "user text may reach a shell" '\b(system|popen|wordexp|execl[pe]?|execvpe?|fork|vfork)\(' "${product[@]}"
forbid "a program is started in one place" '\bposix_spawnp?\(' $(printf '%s\n' "${product[@]}" | grep -v '^report/gnuplot_run.c$')

# The baseline objects must run on any x86-64: no wide registers.
for o in "$B"/kernels/*/*.base.o; do
    [ -e "$o" ] || continue
    objdump -d "$o" | grep -qE '%[yz]mm' && { echo "$o: wide registers in a baseline object"; bad=1; }
done
exit $bad
