/*
 * rows_kind.c - suffixes of files with scenario rows.
 */
#include <string.h>
#include <strings.h>

#include "sweep/rows_kind.h"

static const struct {
    const char *suffix, *packing;
    sweep_rows_kind kind;
} suffixes[] = {
    {".csv", "", SWEEP_ROWS_CSV},    {".csv.gz", ".gz", SWEEP_ROWS_CSV},    {".csv.zst", ".zst", SWEEP_ROWS_CSV},
    {".jsonl", "", SWEEP_ROWS_JSON}, {".jsonl.gz", ".gz", SWEEP_ROWS_JSON}, {".jsonl.zst", ".zst", SWEEP_ROWS_JSON},
    {".xlsx", "", SWEEP_ROWS_XLSX},
};

enum { SUFFIXES = sizeof suffixes / sizeof *suffixes };

/** Row of the table; the first for a name without a suffix, which configs do not let through. */
static size_t find(const char *path) {
    size_t n = strlen(path);
    for (size_t i = 0; i < SUFFIXES; i++) {
        size_t m = strlen(suffixes[i].suffix);
        if (n > m && strcmp(path + n - m, suffixes[i].suffix) == 0) return i;
    }
    return 0;
}

sweep_rows_kind sweep_rows_kind_of(const char *path) {
    return suffixes[find(path)].kind;
}

static const char *renamed(const char *path, sweep_format format, arena *mem) {
    size_t i = find(path), stem = strlen(path) - strlen(suffixes[i].suffix);
    return arena_printf(mem, "%.*s%s%s", (int)stem, path, format == SWEEP_FORMAT_CSV ? ".csv" : ".jsonl",
                        suffixes[i].packing);
}

/** Another report that writes the same file; only these two kinds name such files. */
static const sweep_report *same_file(const sweep_report *reports, size_t n, const sweep_report *r) {
    for (size_t k = 0; k < n; k++) {
        const sweep_report *other = &reports[k];
        int writes = other->kind == SWEEP_REPORT_CSV || other->kind == SWEEP_REPORT_REDUCE;
        if (other != r && writes && strcasecmp(other->target, r->target) == 0) return other;
    }
    return NULL;
}

err sweep_rows_rename(sweep_config *cfg, sweep_format format, arena *mem, diags *faults) {
    if (format != SWEEP_FORMAT_CSV && format != SWEEP_FORMAT_JSONL) return ERR_OK;
    sweep_report *r = arena_alloc(mem, cfg->n_reports + 1, sizeof *r);
    int complete = r != NULL;
    for (size_t i = 0; i < cfg->n_reports && complete; i++) {
        r[i] = cfg->reports[i];
        if (r[i].kind == SWEEP_REPORT_CSV) r[i].target = renamed(r[i].target, format, mem);
        complete = r[i].target != NULL;
    }
    if (!complete) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < cfg->n_reports; i++) {
        const sweep_report *other = r[i].kind == SWEEP_REPORT_CSV ? same_file(r, cfg->n_reports, &r[i]) : NULL;
        if (!other) continue;
        return diag_add(faults, ERR_DUPLICATE, cfg->path, r[i].line, r[i].column, "--format",
                        "%s would be written by the report of line %d too", r[i].target, other->line);
    }
    cfg->reports = r;
    return ERR_OK;
}
