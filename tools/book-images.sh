#!/bin/bash
# Pictures of the procurement workbook for docs/images: configs/procurement.yaml, through LibreOffice and poppler-utils to
# PNG. Environment: VRAMSWEEP, the program.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && "$VRAMSWEEP" run "$OLDPWD/configs/procurement.yaml" --quiet)
soffice "-env:UserInstallation=file://$scratch/profile" --headless --convert-to pdf --outdir "$scratch" \
    "$scratch/out/procurement/procurement.xlsx" >/dev/null 2>&1

page_of() { # first words of the page
    local page
    for page in $(seq 1 99); do
        pdftotext -f "$page" -l "$page" "$scratch/procurement.pdf" - 2>/dev/null | head -1 | grep -q "^$1" && break
    done
    echo "$page"
}
picture() { # name, page, dots per inch, left, top, width, height
    pdftoppm -png -singlefile -r "$3" -f "$2" -l "$2" -x "$4" -y "$5" -W "$6" -H "$7" "$scratch/procurement.pdf" \
        "docs/images/procurement-$1"
}
picture inputs 1 132 55 70 1440 340
picture options "$(page_of Options)" 125 50 65 1360 480
picture charts "$(page_of Charts)" 125 50 65 1200 610
ls -l docs/images/procurement-*.png
