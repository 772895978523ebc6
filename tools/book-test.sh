#!/bin/bash
# Test of the procurement workbook by LibreOffice: worked out anew, every cell equals what the C program wrote, for
# made-up reports and for configs/procurement.yaml; an input, price or rate changed in the file gives what the C program
# gives for it. Succeeds and says so when LibreOffice, zip or unzip is not installed. Environment: VRAMSWEEP and BOOKS,
# the programs.
set -u
cd "$(dirname "$0")/.." || exit 2
for tool in soffice zip unzip; do
    command -v $tool >/dev/null || { echo "book-test: skipped, $tool is not installed"; exit 0; }
done
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
bad=0
fail() { echo "book-test: $*"; bad=1; }

# A profile of LibreOffice's own per mode: 0 always works everything out anew, 2 shows what the file holds.
for mode in 0 2; do
    mkdir -p "$scratch/profile$mode/user"
    cat >"$scratch/profile$mode/user/registrymodifications.xcu" <<X
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>$mode</value></prop></item>
</oor:items>
X
done

sheets() { # mode, folder for the CSV files, workbooks: one file per sheet, numbers with all digits
    local mode=$1 to=$2
    shift 2
    mkdir -p "$to"
    timeout 280 soffice "-env:UserInstallation=file://$scratch/profile$mode" --headless --convert-to \
        'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1' --outdir "$to" "$@" >"$scratch/said" 2>&1 ||
        fail "LibreOffice: $(tail -2 "$scratch/said")"
}

cell_of() { # unpacked workbook, name: "sheet cell"
    local at
    at=$(grep -oE "<definedName name=\"$2\">[^<]*" "$1/xl/workbook.xml")
    at=${at##*>}
    echo "${at%%!*} $(tr -d '$' <<<"${at#*!}")"
}
edit() { # unpacked workbook, sheet, cell, value (- empties, words are text)
    local number new
    number=$(grep -oE "<sheet name=\"$2\" sheetId=\"[0-9]+" "$1/xl/workbook.xml" | grep -oE '[0-9]+$')
    case $4 in
    -) new='/>' ;;
    [0-9]*) new="><v>$4</v></c>" ;;
    *) new=" t=\"str\"><v>$4</v></c>" ;;
    esac
    grep -q "<c r=\"$3\"" "$1/xl/worksheets/sheet$number.xml" || fail "no cell $2!$3"
    sed -i "s#<c r=\"$3\"\( s=\"[0-9]*\"\)[^>/]*\(/>\|><v>[^<]*</v></c>\)#<c r=\"$3\"\1$new#" \
        "$1/xl/worksheets/sheet$number.xml"
}
change() { # unpacked workbook, what, [its numbers,] value
    case $2 in
    price) edit "$1" GPUs "F$((5 + $3))" "$4" ;;
    rate) edit "$1" Cloud "H$((16 + $3))" "$4" ;;
    offer) # the first of the empty rows
        edit "$1" Cloud D7 "GPU $3"
        edit "$1" Cloud E7 "$4"
        edit "$1" Cloud F7 "$5" ;;
    *) # shellcheck disable=SC2046  # sheet and cell
        edit "$1" $(cell_of "$1" "$2") "$3" ;;
    esac
}

total=0 skip=()
compare() { # folder, found, wanted, sheets...; headings of columns that are left out: skip
    local folder=$1 found=$2 want=$3 sheet n
    shift 3
    for sheet in "$@"; do
        n=$("$BOOKS" compare "$folder/new/$found-$sheet.csv" "$folder/kept/$want-$sheet.csv" "${skip[@]}") || fail "$found: $sheet"
        total=$((total + ${n:-0}))
    done
}
all="Inputs Options Charts GPUs Cloud Memory Sources"

for seed in 1 2; do
    at=$scratch/$seed
    mkdir "$at" && "$BOOKS" write "$at" $seed || { fail "seed $seed is not written"; continue; }
    for edits in "$at"/set-*.edits; do
        set=$(basename "$edits" .edits)
        mkdir "$at/open" && unzip -q "$at/base.xlsx" -d "$at/open"
        # shellcheck disable=SC2086  # words
        while read -r line; do change "$at/open" $line; done <"$edits"
        (cd "$at/open" && zip -qrX "$at/$set-edited.xlsx" .)
        rm -r "$at/open"
    done
    # A wrong value, to be sure that everything is worked out anew.
    mkdir "$at/open" && unzip -q "$at/base.xlsx" -d "$at/open"
    grep -q '<c r="H7"[^>]*><f>' "$at/open/xl/worksheets/sheet2.xml" || fail "no formula in H7"
    sed -i 's|\(<c r="H7"[^>]*><f>[^<]*</f><v>\)[^<]*|\17777777|' "$at/open/xl/worksheets/sheet2.xml"
    (cd "$at/open" && zip -qrX "$at/wrong.xlsx" .)
    sheets 0 "$at/new" "$at"/*-edited.xlsx "$at/base.xlsx" "$at/wrong.xlsx"
    sheets 2 "$at/kept" "$at"/set-?.xlsx "$at/base.xlsx" "$at/wrong.xlsx"
    # shellcheck disable=SC2086  # words
    compare "$at" base base $all
    # shellcheck disable=SC2086
    compare "$at" wrong base $all
    "$BOOKS" compare "$at/kept/wrong-Options.csv" "$at/kept/base-Options.csv" >/dev/null 2>&1 &&
        fail "a wrong value is not noticed"
    for edits in "$at"/set-*.edits; do
        set=$(basename "$edits" .edits)
        ! grep -q ^offer "$edits" || skip=('Its row of Cloud') # the C program has the offer behind all others
        compare "$at" "$set-edited" "$set" Inputs Options Charts
        skip=()
        "$BOOKS" compare "$at/new/$set-edited-Options.csv" "$at/kept/base-Options.csv" >/dev/null 2>&1 &&
            fail "$set changes nothing"
    done
done

at=$scratch/real
mkdir "$at" && (cd "$at" && "$VRAMSWEEP" run "$OLDPWD/configs/procurement.yaml" --quiet) || fail "configs/procurement.yaml"
book=$at/out/procurement/procurement.xlsx
sheets 0 "$at/new" "$book"
sheets 2 "$at/kept" "$book"
# shellcheck disable=SC2086
compare "$at" procurement procurement $all
formulas=$(unzip -p "$book" 'xl/worksheets/*.xml' | grep -o '<f[ >]' | wc -l)
[ $bad = 0 ] && echo "book-test: $total cells as the C program worked them out; configs/procurement.yaml: $formulas formulas"
exit $bad
