/*
 * report_fixture.h - a scratch folder for tests that write files, what is in it afterwards, and a small table.
 */
#ifndef TESTS_UNIT_REPORT_FIXTURE_H
#define TESTS_UNIT_REPORT_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/writers.h"

enum { SCRATCH_PATH = 512 };

/** Makes a new folder; `folder` has SCRATCH_PATH bytes. */
static inline void scratch_make(char *folder) {
    snprintf(folder, SCRATCH_PATH, "%s/vramsweep-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : P_tmpdir);
    if (!mkdtemp(folder)) abort();
}

/** Files of the folder, hidden ones included; removes each when `clear`. */
static inline int scratch_count(const char *folder, int clear) {
    char path[2 * SCRATCH_PATH];
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        n++;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (clear && remove(path) != 0) abort();
    }
    if (d) closedir(d);
    return n;
}

static inline void scratch_drop(const char *folder) {
    scratch_count(folder, 1);
    rmdir(folder);
}

/** The file's bytes with a NUL behind them, malloc'ed; NULL when it cannot be read. */
static inline char *read_all(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = malloc((size_t)size + 1);
    size_t got = text ? fread(text, 1, (size_t)size, f) : 0;
    fclose(f);
    if (text) text[got] = '\0';
    if (n) *n = got;
    return text;
}

#define CELL_TEXT(s)                                                                                                   \
    { REPORT_TEXT, REPORT_PLAIN, 0, s }
#define CELL_NUMBER(x, m)                                                                                              \
    { REPORT_NUMBER, m, x, NULL }
#define CELL_BLANK(why)                                                                                                \
    { REPORT_BLANK, REPORT_PLAIN, 0, why }

static const report_column small_columns[] = {{"model", "", 0, 1}, {"BF16", "GB", 1, 0}, {"min, GPU", "", 0, 1}};
static const report_cell small_cells[] = {
    CELL_TEXT("llama|3.1"),
    CELL_NUMBER(16.05, REPORT_FITS),
    CELL_TEXT("say \"yes\""),
    CELL_TEXT("<b>`q4_k_m`\nx_"),
    CELL_NUMBER(1343, REPORT_FITS_NOT),
    CELL_TEXT("=1+1"),
    CELL_TEXT("\xc3\xa9t\xc3\xa9"),
    CELL_BLANK("no rule"),
    CELL_BLANK(NULL),
};
static const char *const small_notes[] = {"1 GB = 10^9 bytes", "- starts with a dash"};
static const report_table small_table = {"small", "A & B", small_columns, 3, small_cells, 3, small_notes, 2};

/** Writes the table with a writer to a file of the folder and returns its text. */
static inline char *write_small(const char *folder, const char *writer) {
    char path[2 * SCRATCH_PATH];
    report_file *f;
    snprintf(path, sizeof path, "%s/small", folder);
    if (report_file_open(&f, path, NULL) != ERR_OK) return NULL;
    report_writer_find(writer)->write(f, &small_table);
    return report_file_commit(f, NULL) == ERR_OK ? read_all(path, NULL) : NULL;
}

#endif
