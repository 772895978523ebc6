#!/bin/sh
# Line coverage from the counts in a build folder: each file that is not wholly covered with its missing lines, then a line
# for each floor, `FOLDER=PERCENT` or `all=PERCENT`. Fails when one is not reached. Arguments: build folder, floors.
set -eu
cd "$(dirname "$0")/.."
build=$1
shift
# gcov prints a branch as taken -1 times now and then, and gcovr would give up there; branches are not looked at.
gcovr --gcov-ignore-parse-errors --exclude tests/ --json "$build/coverage.json" "$build"
gcovr --add-tracefile "$build/coverage.json" --sort-uncovered | grep -v '100%' | tee "$build/coverage.txt"
bad=0
for floor; do
    folder=${floor%=*} least=${floor#*=}
    filter=$folder/
    [ "$folder" != all ] || filter=
    covered=$(gcovr --add-tracefile "$build/coverage.json" --filter "$filter" --json-summary | sed -n 's/.*"line_percent": \([0-9.]*\).*/\1/p' | tail -1)
    echo "$folder: $covered % of the lines, at least $least"
    awk -v a="$covered" -v b="$least" 'BEGIN { exit !(a != "" && a + 0 >= b + 0) }' || { echo "too little of $folder is covered"; bad=1; }
done
exit $bad
