/*
 * main.c - `books write FOLDER SEED`, `books compare FOUND.csv WANT.csv [HEADING...]`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/book/book.h"

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "write") == 0) return book_write(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
    if (argc >= 4 && strcmp(argv[1], "compare") == 0) return book_compare(argv[2], argv[3], argv + 4, argc - 4);
    fprintf(stderr, "usage: books write FOLDER SEED | books compare FOUND.csv WANT.csv [HEADING...]\n");
    return 2;
}
