/*
 * book.h - the two halves of the test of the procurement workbook: books of a made-up report for several inputs, and
 * sheets that LibreOffice worked out compared with those that were written.
 */
#ifndef TESTS_BOOK_BOOK_H
#define TESTS_BOOK_BOOK_H

/** Writes <folder>/base.xlsx and, per changed set, set-N.xlsx with set-N.edits: what makes the one from the other. */
int book_write(const char *folder, unsigned seed);

/**
 * Compares CSV files of sheets cell by cell: numbers within 1e-9 of each other, texts the same.
 * @param skip  headings whose columns are left out, n of them
 * @return 0 the same; prints the first differences and how many cells were looked at
 */
int book_compare(const char *found, const char *want, char *const *skip, int n);

#endif
