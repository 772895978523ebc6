#!/bin/sh
# Length gate: no function over 80 lines. Arguments: C files. A function starts at a line in column 0 that ends in
# `) {` or holds `) {`, and ends at `}` in column 0; tables of data are exempt because they end in `};`.
awk '
    FNR == 1 { start = 0 }
    /^[a-zA-Z].*\{$/ && !/=/ && !/^(typedef|enum|struct|union)/ { start = FNR; name = $0 }
    /^}$/ { if (start && FNR - start + 1 > 80) { printf "%s:%d: %d lines: %s\n", FILENAME, start, FNR - start + 1, name; bad = 1 } start = 0 }
    END { exit bad }
' "$@"
