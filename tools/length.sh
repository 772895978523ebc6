#!/bin/sh
# Length gate over the C files given: a function of more than 80 lines fails, a file of more than 600 is named. A function
# is what stands between a line in column 0 that opens a parameter list and `}` in column 0, both counted; tables of data
# are exempt because they end in `};`.
awk '
    FNR == 1 { start = open = 0 }
    FNR == 601 { printf "%s: more than 600 lines\n", FILENAME }
    !open && /^[A-Za-z_].*\(/ && !/;$/ && !/^typedef/ { start = FNR; name = $0 }
    start && !open && /[{]$/ { open = 1; if (/= *[{]$/) start = open = 0 }
    start && !open && /;$/ { start = 0 }
    /^}/ {
        if (start && open && FNR - start + 1 > 80) {
            printf "%s:%d: %d lines: %s\n", FILENAME, start, FNR - start + 1, name
            bad = 1
        }
        start = open = 0
    }
    END { exit bad }
' "$@"
