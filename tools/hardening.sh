#!/bin/bash
# Says what keeps a fault of a program from becoming more than a crash, and fails when something is missing: the flags
# of the Makefile are asked for, but a compiler, a distribution or a caller's LDFLAGS may undo them.
# Argument: the program.
set -u
export LC_ALL=C
program=${1:?usage: hardening.sh PROGRAM}
bad=0
report() { # what, status of the check
    if [ "$2" = 0 ]; then
        echo "yes  $1"
    else
        echo "NO   $1"
        bad=1
    fi
}
headers=$(readelf -hlW "$program") || exit 2
dynamic=$(readelf -dW "$program")
symbols=$(readelf --dyn-syms -W "$program")
grep -q 'Type: *DYN' <<<"$headers" && grep -q 'FLAGS_1.*PIE' <<<"$dynamic"
report "position independent: loaded at an address that nobody can foresee" $?
grep -q GNU_RELRO <<<"$headers" && grep -qE 'BIND_NOW|Flags:.*NOW' <<<"$dynamic"
report "tables of the linker are read-only once it runs (full RELRO)" $?
grep -qE 'GNU_STACK.* RW +0x' <<<"$headers"
report "the stack cannot be executed" $?
! grep -qE 'LOAD.* RWE ' <<<"$headers"
report "nothing that can be written can be executed" $?
! grep -q TEXTREL <<<"$dynamic"
report "code is not changed when it is loaded" $?
! grep -E 'RPATH|RUNPATH' <<<"$dynamic" | grep -qv '\[/usr/lib/' # clang names the folder of its OpenMP
report "libraries come from where the system keeps them" $?
grep -q __stack_chk_fail <<<"$symbols"
report "functions with buffers check their stack" $?
grep -qE '__(memcpy|snprintf|vsnprintf|fread|read)_chk' <<<"$symbols"
report "calls of the C library know the sizes of their buffers (_FORTIFY_SOURCE)" $?
! grep -qE ' (system|popen|execl|execlp|execle|wordexp)@' <<<"$symbols"
report "no function that starts a shell is linked" $?
if [ "$(uname -m)" = x86_64 ]; then
    [ "$(objdump -d --no-show-raw-insn "$program" | grep -c endbr64)" -gt 100 ]
    report "indirect calls land where they may (endbr64)" $?
fi
exit $bad
