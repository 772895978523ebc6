/*
 * scenario_csv.h - scenario rows as text, CSV or JSON lines, for the bulk of a sweep: millions of rows, no printf, no
 * allocation, no shared state, so threads format their own chunks and one writes them in order.
 */
#ifndef REPORT_SCENARIO_CSV_H
#define REPORT_SCENARIO_CSV_H

#include "kernels/record.h"

#include <stddef.h>
#include <stdint.h>

/** What stands before, between and instead of the values of a row. */
typedef struct report_rows_style {
    const char *open, *context, *batch, *after, *gpu, *no_gpu;
    const char *memory[KERN_COMPONENTS + 1]; /* components, then their total */
    const char *usable, *headroom, *fits, *yes, *no, *min_gpus, *max_batch, *max_context, *kv_tokens;
    const char *nothing; /* for all of these, without a GPU */
    const char *none;    /* a value that there is not */
    const char *status, *close;
} report_rows_style;

extern const report_rows_style report_rows_csv, report_rows_json;

/** Most bytes of a block's `before` or `after`, and of its status; what else a refused row takes. */
enum { REPORT_ROWS_FIELDS = 8192, REPORT_ROWS_STATUS = 256, REPORT_ROWS_TEXT = 64, REPORT_ROWS_REFUSED = 1024 };

/** A whole number as text, of which a fixed number of bytes is copied. */
typedef struct report_rows_number {
    char text[24];
    size_t n;
} report_rows_number;

/** x = v, 0..2^53 */
void report_rows_number_put(report_rows_number *x, double v);

/** A GPU the rows are held against. */
typedef struct report_rows_gpu {
    const char *text;    /* fields gpu and gpus as the style has them: "h100-sxm,8" */
    double usable_bytes; /* 0..2^53; a fraction (published methods) is printed rounded down */
    int too_few;         /* fewer GPUs than the layout needs: never fits */
    /* The formatter's own: texts that all rows of a block share. */
    size_t text_n;
    struct {
        char text[REPORT_ROWS_TEXT];
        size_t n;
    } usable, max_batch, kv_tokens;
} report_rows_gpu;

/**
 * Rows of one combination at one context: n batches, and for each of them a row per GPU. All pointers are borrowed,
 * texts are as the style has them, numbers 0..2^53 and whole, charges excepted.
 */
typedef struct report_rows {
    const report_rows_style *style;  /* NULL: CSV */
    const char *before;              /* fields model, weights, kv: "llama-3.1-8b,bf16,bf16" */
    const char *after;               /* fields mode, layout, engine, method: "inference,tp1,vllm,exact" */
    const char *status;              /* field status: "ok"; JSON: "status":"ok" */
    double context;                  /* [tokens] */
    const report_rows_number *batch; /* (n) [sequences]: all contexts have the same */
    const double *component[KERN_COMPONENTS], *total, *charge; /* (n) [bytes] */
    size_t n;
    report_rows_gpu *gpu; /* (n_gpus); none: one row per batch, the columns of the GPU are empty */
    size_t n_gpus;
    /* Answers to the inverse questions, whole numbers; a negative one leaves its field empty. */
    const double *min_gpus, *max_context; /* (n, n_gpus) [GPUs], [tokens] */
    const double *max_batch, *kv_tokens;  /* (n_gpus) [sequences], [tokens] */
    const uint8_t *skip;                  /* (n, n_gpus or 1): rows left out where not 0; NULL: none */
} report_rows;

/** The header row of CSV with its line feed. */
const char *report_rows_header(void);

/** Bytes that no row of the block exceeds. A chunk must hold at least one row. */
size_t report_rows_row_max(const report_rows *r);

/**
 * Formats rows from *at on (0 first) as long as another full-size row has room in out[0..cap); moves *at, which reaches
 * report_rows_count() at the end. A row fits when charge <= usable_bytes; headroom is the difference rounded
 * down.
 * @return bytes written
 * Test: test_csv.c, rows_equal_printf.
 */
size_t report_rows_format(char *out, size_t cap, const report_rows *r, size_t *at);

/** Rows of the block, skipped ones included. */
size_t report_rows_count(const report_rows *r);

/** One row for a combination that cannot be evaluated: everything from context to fits is empty but `after`. */
size_t report_rows_refused(const report_rows_style *style, char *out, size_t cap, const char *before, const char *after,
                           const char *status);

#endif
