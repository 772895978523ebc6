#!/bin/sh
# Prints docs/formulas.md, made from kernels/lower/formulas*.def: every term a record can hold, with the unit of its result
# and its source. A term's name says its component: what stands before the first dot, or after `published`.
set -eu
cd "$(dirname "$0")/.."
cat <<'INTRO'
# Formulas

Every term that a cost record can hold, made by `tools/formulas.sh` from `kernels/lower/formulas*.def`. `explain` shows the
same names with the numbers put in. The result of each is bytes on one GPU, or of the whole model where the name begins
with `published`; b sequences of s tokens. Names that begin with `decode` are no terms of a record but what a decoding step
reads ([procurement.md](procurement.md)).

| term | formula | unit | source |
|---|---|---|---|
INTRO
includes() { # the file with the files it includes in place
    awk -F'"' '/^#include/ { while ((getline line < $2) > 0) print line; next } { print }' "$1"
}
includes kernels/lower/formulas.def | awk '
    /^FORMULA\(/ { entry = "" }
    /^FORMULA\(/ || entry != "" { entry = entry " " $0 }
    entry != "" && /\)$/ {
        n = split(entry, piece, "\"")
        text = ""
        for (i = 4; i < n; i += 2) text = text (piece[i - 1] ~ /,/ ? "\t" : "") piece[i]
        gsub(/\|/, "\\|", text)
        split(text, part, "\t")
        printf "| `%s` | %s | bytes | %s |\n", piece[2], part[2], part[3]
        entry = ""
    }'
