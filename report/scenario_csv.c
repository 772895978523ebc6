/*
 * scenario_csv.c - formats scenario rows. What the rows of a block share is formatted once: columns that do not vary,
 * and for each GPU what depends on it alone; what the rows of one batch share is copied for each GPU.
 */
#include <string.h>

#include "kernels/eval/eval.h"
#include "report/digits.h"
#include "report/scenario_csv.h"

enum {
    COLUMNS = KERN_COMPONENTS + 1,
    WIDE = 64, /* bytes that a short copy touches */
    SHORT_TEXT = 32 + REPORT_ROWS_STATUS + WIDE,
    FIXED_MAX = 1024, /* names, values and separators of a row; room for wide copies */
    RUNS_TEXT = 2 * REPORT_ROWS_FIELDS + REPORT_ROWS_STATUS + FIXED_MAX
};

/** Text with its length, so that it is measured once. */
typedef struct piece {
    const char *text;
    size_t n;
} piece;

/** Text that does not vary, and the column that stands behind it. */
typedef struct run {
    const char *text; /* WIDE bytes may be read */
    size_t n;
    const double *value; /* NULL: none */
    kern_digits digits;  /* of a block of its values */
} run;

typedef struct short_text {
    size_t n;
    char text[SHORT_TEXT];
} short_text;

/**
 * What the rows of a block share: "open before context", batch, "after gpu", a GPU, then runs of memory. Without GPUs
 * the first run begins with "after".
 */
typedef struct plan {
    const report_rows *r;
    const report_rows_style *style;
    size_t row_max;
    short_text headroom, yes, no, max_context, end;
    piece names, after;
    run memory[COLUMNS + 1];
    size_t block; /* of which the runs have digits */
    char text[RUNS_TEXT];
} plan;

size_t report_rows_count(const report_rows *r) {
    return r->n * (r->n_gpus ? r->n_gpus : 1);
}

size_t report_rows_row_max(const report_rows *r) {
    size_t gpu = 0;
    for (size_t g = 0; g < r->n_gpus; g++) {
        size_t n = strlen(r->gpu[g].text);
        if (n > gpu) gpu = n;
    }
    return strlen(r->before) + strlen(r->after) + strlen(r->status) + gpu + FIXED_MAX;
}

static inline char *put_piece(char *to, piece p) {
    memcpy(to, p.text, p.n);
    return to + p.n;
}

static char *put_text(char *to, const char *text) {
    return stpcpy(to, text);
}

/** Copies n bytes; short texts whole words at a time, so `from` has WIDE bytes to read and `to` as many to write. */
static inline char *put_wide(char *to, const char *from, size_t n) {
    if (n <= WIDE / 2) {
        memcpy(to, from, WIDE / 2);
    } else if (n <= WIDE) {
        memcpy(to, from, WIDE);
    } else {
        memcpy(to, from, n);
    }
    return to + n;
}

/** A number without the zeros in front; 16 bytes are touched. */
static inline char *put_digits(char *to, const uint64_t digits[2]) {
    unsigned zeros = report_zeros_in_front(digits[0], digits[1]);
    memcpy(to, (const char *)digits + zeros, KERN_DIGITS);
    return to + KERN_DIGITS - zeros;
}

/** The text, then the value of row i of the block where one follows. */
static inline char *put_run(char *to, const run *x, size_t i) {
    to = put_wide(to, x->text, x->n);
    return x->value ? put_digits(to, x->digits.half[i]) : to;
}

static inline char *put_short(char *to, const short_text *x) {
    return put_wide(to, x->text, x->n);
}

static inline char *put_number(char *to, double v) {
    return report_put_whole(to, (uint64_t)v);
}

void report_rows_number_put(report_rows_number *x, double v) {
    _Static_assert(sizeof x->text >= REPORT_DIGITS_ROOM, "a number touches as many");
    x->n = (size_t)(put_number(x->text, v) - x->text);
}

/** A whole number, or what stands for none. */
static inline char *put_limit(char *to, const report_rows_style *s, double v) {
    return v >= 0 ? put_number(to, v) : put_text(to, s->none);
}

/** Every value has the bits of the one before it. */
static int is_constant(const double *v, size_t n) {
    return memcmp(v, v + 1, (n - 1) * sizeof *v) == 0;
}

static void plan_short(short_text *x, const char *a, const char *b, const char *c) {
    x->n = (size_t)(put_text(put_text(put_text(x->text, a), b), c) - x->text);
}

/** A run whose text ends at `to`, where the next one may begin. */
static char *end_run(run *x, const char *text, char *to, const double *value) {
    x->text = text;
    x->n = (size_t)(to - text);
    x->value = value;
    return to;
}

/** "open before,context,", then the batch. */
static char *plan_names(plan *p, char *text) {
    char *to = put_text(put_text(text, p->style->open), p->r->before);
    to = put_text(put_number(put_text(to, p->style->context), p->r->context), p->style->batch);
    p->names = (piece){text, (size_t)(to - text)};
    return to;
}

/** ",after,": what stands between batch and GPU. */
static char *plan_after(plan *p, char *text) {
    char *to = put_text(put_text(put_text(text, p->style->after), p->r->after), p->style->gpu);
    if (!p->r->n_gpus) to = put_text(to, p->style->no_gpu);
    p->after = (piece){text, (size_t)(to - text)};
    return to;
}

static char *put_end(char *to, const plan *p) {
    return put_text(put_text(put_text(to, p->style->status), p->r->status), p->style->close);
}

/** Joins constant columns into runs of text, each with the varying column behind it. */
static void plan_memory(plan *p, char *text, char *to) {
    run *at = p->memory;
    for (unsigned c = 0; c < COLUMNS; c++) {
        const double *v = c < KERN_COMPONENTS ? p->r->component[c] : p->r->total;
        to = put_text(to, p->style->memory[c]);
        if (is_constant(v, p->r->n)) {
            to = put_number(to, v[0]);
        } else {
            text = end_run(at++, text, to, v);
        }
    }
    if (!p->r->n_gpus) to = put_end(put_text(to, p->style->nothing), p);
    end_run(at, text, to, NULL);
}

static void put_column(const plan *p, run *x) {
    size_t first = p->block * KERN_DIGITS_ROWS, left = p->r->n - first;
    kern_ops_get()->put_digits(x->value + first, left < KERN_DIGITS_ROWS ? left : KERN_DIGITS_ROWS, &x->digits);
}

/** Where row i stands in its block, of which the runs have digits now. */
static inline size_t place_in_block(plan *p, size_t i) {
    if (p->block != i / KERN_DIGITS_ROWS) {
        p->block = i / KERN_DIGITS_ROWS;
        for (run *at = p->memory; at->value; at++)
            put_column(p, at);
    }
    return i % KERN_DIGITS_ROWS;
}

static void plan_gpus(plan *p) {
    const report_rows_style *s = p->style;
    plan_short(&p->headroom, s->headroom, "", "");
    plan_short(&p->yes, s->fits, s->yes, s->min_gpus);
    plan_short(&p->no, s->fits, s->no, s->min_gpus);
    plan_short(&p->max_context, s->max_context, "", "");
    p->end.n = (size_t)(put_end(p->end.text, p) - p->end.text);
    for (size_t g = 0; g < p->r->n_gpus; g++) {
        report_rows_gpu *gpu = &p->r->gpu[g];
        gpu->text_n = strlen(gpu->text);
        char *to = put_text(gpu->usable.text, s->usable);
        gpu->usable.n = (size_t)(put_number(to, gpu->usable_bytes) - gpu->usable.text);
        to = put_text(gpu->max_batch.text, s->max_batch);
        gpu->max_batch.n = (size_t)(put_limit(to, s, p->r->max_batch[g]) - gpu->max_batch.text);
        to = put_text(gpu->kv_tokens.text, s->kv_tokens);
        gpu->kv_tokens.n = (size_t)(put_limit(to, s, p->r->kv_tokens[g]) - gpu->kv_tokens.text);
    }
}

static void plan_make(plan *p, const report_rows *r) {
    p->r = r;
    p->style = r->style ? r->style : &report_rows_csv;
    p->row_max = report_rows_row_max(r);
    p->block = SIZE_MAX;
    char *after = plan_names(p, p->text), *memory = plan_after(p, after);
    plan_memory(p, r->n_gpus ? memory : after, memory);
    if (r->n_gpus) plan_gpus(p);
}

/** "model,...,batch" of row i */
static inline char *put_names(char *to, piece names, const report_rows_number *batch) {
    to = put_wide(to, names.text, names.n);
    memcpy(to, batch->text, KERN_DIGITS);
    return to + batch->n;
}

/** ",weights_bytes,...,total_bytes" of row i of the block, and all that a row without a GPU has besides. */
static inline char *put_memory(char *to, const plan *p, size_t i) {
    const run *at = p->memory;
    for (; at->value; at++)
        to = put_run(to, at, i);
    return put_run(to, at, i);
}

/** ",usable,headroom,fits," */
static inline char *put_fit(char *to, const plan *p, const report_rows_gpu *gpu, double charge) {
    double left = gpu->usable_bytes - charge;
    int64_t whole = (int64_t)left;
    if ((double)whole > left) whole--;
    to = put_wide(to, gpu->usable.text, gpu->usable.n);
    to = put_short(to, &p->headroom);
    if (whole < 0) *to++ = '-';
    to = report_put_whole(to, (uint64_t)(whole < 0 ? -whole : whole));
    return put_short(to, left >= 0 && !gpu->too_few ? &p->yes : &p->no);
}

/** "min_gpus,max_batch,max_context,kv_tokens" */
static inline char *put_limits(char *to, const plan *p, const report_rows_gpu *gpu, size_t cell) {
    to = put_limit(to, p->style, p->r->min_gpus[cell]);
    to = put_wide(to, gpu->max_batch.text, gpu->max_batch.n);
    to = put_limit(put_short(to, &p->max_context), p->style, p->r->max_context[cell]);
    return put_wide(to, gpu->kv_tokens.text, gpu->kv_tokens.n);
}

/** Rows of batch i from GPU *g on while there is room: the shared parts are taken from the first row written. */
static char *put_gpus(char *to, const char *end, plan *p, size_t i, size_t *g) {
    const report_rows *r = p->r;
    piece names = {NULL, 0}, memory = {NULL, 0};
    size_t row = place_in_block(p, i);
    for (; *g < r->n_gpus && (size_t)(end - to) >= p->row_max; ++*g) {
        const report_rows_gpu *gpu = &r->gpu[*g];
        if (r->skip && r->skip[i * r->n_gpus + *g]) continue;
        char *start = to;
        to = names.text ? put_piece(to, names)
                        : put_wide(put_names(to, p->names, &r->batch[i]), p->after.text, p->after.n);
        if (!names.text) names = (piece){start, (size_t)(to - start)};
        to = put_piece(to, (piece){gpu->text, gpu->text_n});
        start = to;
        to = memory.text ? put_piece(to, memory) : put_memory(to, p, row);
        if (!memory.text) memory = (piece){start, (size_t)(to - start)};
        to = put_fit(to, p, gpu, r->charge[i]);
        to = put_limits(to, p, gpu, i * r->n_gpus + *g);
        to = put_short(to, &p->end);
    }
    return to;
}

/** Rows i..i+n of one block without a GPU. */
static char *put_block(char *to, const plan *p, size_t i, size_t n) {
    const report_rows_number *batch = p->r->batch + i;
    const uint8_t *skip = p->r->skip ? p->r->skip + i : NULL;
    const piece names = p->names;
    size_t row = i % KERN_DIGITS_ROWS;
    for (size_t k = 0; k < n; k++) {
        if (skip && skip[k]) continue;
        to = put_memory(put_names(to, names, &batch[k]), p, row + k);
    }
    return to;
}

/** Rows of batches without a GPU while there is room. */
static char *put_alone(char *to, const char *end, plan *p, size_t *i) {
    while (*i < p->r->n && (size_t)(end - to) >= p->row_max) {
        size_t n = KERN_DIGITS_ROWS - place_in_block(p, *i), left = p->r->n - *i,
               room = (size_t)(end - to) / p->row_max;
        if (n > left) n = left;
        if (n > room) n = room;
        to = put_block(to, p, *i, n);
        *i += n;
    }
    return to;
}

size_t report_rows_format(char *out, size_t cap, const report_rows *r, size_t *at) {
    const size_t gpus = r->n_gpus ? r->n_gpus : 1;
    const char *end = out + cap;
    size_t i = *at / gpus, g = *at % gpus;
    char *to = out;
    plan p;
    plan_make(&p, r);
    if (!r->n_gpus) to = put_alone(to, end, &p, &i);
    while (i < r->n && r->n_gpus && (size_t)(end - to) >= p.row_max) {
        to = put_gpus(to, end, &p, i, &g);
        if (g < gpus) break;
        g = 0;
        i++;
    }
    *at = i * gpus + g;
    return (size_t)(to - out);
}
