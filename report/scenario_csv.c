/*
 * scenario_csv.c - formats scenario rows. What the rows of one batch share is formatted once and copied for each GPU;
 * numbers are turned into eight digits at a time with multiplications only.
 */
#include <string.h>

#include "report/digits.h"
#include "report/scenario_csv.h"

enum {
    DIGITS_MAX = 17,                       /* of a whole number up to 2^53, with sign */
    NUMBERS = 2 + KERN_COMPONENTS + 3 + 4, /* context, batch, components, total, usable, headroom, four limits */
    FIXED_MAX = NUMBERS * (DIGITS_MAX + 1) + 8 + 16 /* separators, yes/no; room for whole eight-byte stores */
};

static const char header[] = "model,weights,kv,context,batch,mode,layout,engine,method,gpu,gpus,weights_bytes,"
                             "kv_cache_bytes,activations_bytes,gradients_bytes,optimizer_bytes,overhead_bytes,"
                             "total_bytes,usable_bytes,headroom_bytes,fits,min_gpus,max_batch,max_context,"
                             "kv_capacity_tokens,status\n";

/** Text with its length, so that it is measured once. */
typedef struct piece {
    const char *text;
    size_t n;
} piece;

const char *report_rows_header(void) {
    return header;
}

size_t report_rows_count(const report_rows *r) {
    return r->n * (r->n_gpus ? r->n_gpus : 1);
}

size_t report_rows_row_max(const report_rows *r) {
    size_t gpu = 2;
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

static inline char *put_field(char *to, double v) {
    *to++ = ',';
    return report_put_whole(to, (uint64_t)v);
}

/** "before,context,batch,after," */
static char *put_names(char *to, const report_rows *r, size_t i, piece before, piece after) {
    to = put_piece(to, before);
    to = put_field(to, r->context);
    to = put_field(to, r->batch[i]);
    *to++ = ',';
    to = put_piece(to, after);
    *to++ = ',';
    return to;
}

/** ",weights_bytes,...,total_bytes" */
static char *put_memory(char *to, const report_rows *r, size_t i) {
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        to = put_field(to, r->component[c][i]);
    return put_field(to, r->total[i]);
}

/** A whole number or nothing, and a comma. */
static inline char *put_limit(char *to, double v) {
    if (v >= 0) to = report_put_whole(to, (uint64_t)v);
    *to++ = ',';
    return to;
}

/** "min_gpus,max_batch,max_context,kv_tokens," */
static char *put_limits(char *to, const report_rows *r, size_t i, size_t g) {
    to = put_limit(to, r->min_gpus[i * r->n_gpus + g]);
    to = put_limit(to, r->max_batch[g]);
    to = put_limit(to, r->max_context[i * r->n_gpus + g]);
    return put_limit(to, r->kv_tokens[g]);
}

/** ",usable,headroom,fits," */
static char *put_fit(char *to, const report_rows_gpu *gpu, double charge) {
    double left = gpu->usable_bytes - charge;
    int64_t whole = (int64_t)left;
    if ((double)whole > left) whole--;
    int fits = left >= 0 && !gpu->too_few;
    to = put_field(to, gpu->usable_bytes);
    *to++ = ',';
    if (whole < 0) *to++ = '-';
    to = report_put_whole(to, (uint64_t)(whole < 0 ? -whole : whole));
    return put_piece(to, fits ? (piece){",yes,", 5} : (piece){",no,", 4});
}

static inline char *put_end(char *to, piece status) {
    to = put_piece(to, status);
    *to++ = '\n';
    return to;
}

/** Rows of batch i from GPU *g on while there is room: the shared parts are taken from the first row written. */
static char *put_gpus(char *to, const char *end, const report_rows *r, size_t i, size_t *g, const piece *shared) {
    const size_t row_max = shared[3].n;
    piece names = {NULL, 0}, memory = {NULL, 0};
    for (; *g < r->n_gpus && (size_t)(end - to) >= row_max; ++*g) {
        const report_rows_gpu *gpu = &r->gpu[*g];
        if (r->skip && r->skip[i * r->n_gpus + *g]) continue;
        char *start = to;
        to = names.text ? put_piece(to, names) : put_names(to, r, i, shared[0], shared[1]);
        if (!names.text) names = (piece){start, (size_t)(to - start)};
        to = put_piece(to, (piece){gpu->text, strlen(gpu->text)});
        start = to;
        to = memory.text ? put_piece(to, memory) : put_memory(to, r, i);
        if (!memory.text) memory = (piece){start, (size_t)(to - start)};
        to = put_fit(to, gpu, r->charge[i]);
        to = put_limits(to, r, i, *g);
        to = put_end(to, shared[2]);
    }
    return to;
}

/** The row of batch i without a GPU. */
static char *put_alone(char *to, const report_rows *r, size_t i, const piece *shared) {
    if (r->skip && r->skip[i]) return to;
    to = put_names(to, r, i, shared[0], shared[1]);
    *to++ = ',';
    to = put_memory(to, r, i);
    to = put_piece(to, (piece){",,,,,,,,", 8});
    return put_end(to, shared[2]);
}

size_t report_rows_format(char *out, size_t cap, const report_rows *r, size_t *at) {
    const piece shared[4] = {{r->before, strlen(r->before)},
                             {r->after, strlen(r->after)},
                             {r->status, strlen(r->status)},
                             {NULL, report_rows_row_max(r)}};
    const size_t gpus = r->n_gpus ? r->n_gpus : 1;
    const char *end = out + cap;
    char *to = out;
    size_t i = *at / gpus, g = *at % gpus;
    while (i < r->n && (size_t)(end - to) >= shared[3].n) {
        if (r->n_gpus) {
            to = put_gpus(to, end, r, i, &g, shared);
        } else {
            to = put_alone(to, r, i, shared);
            g = 1;
        }
        if (g < gpus) break;
        g = 0;
        i++;
    }
    *at = i * gpus + g;
    return (size_t)(to - out);
}

size_t report_rows_refused(char *out, size_t cap, const char *before, const char *after, const char *status) {
    const piece pieces[] = {{before, strlen(before)}, {",,,", 3}, {after, strlen(after)}, {",,,,,,,,,,,,,,,,,", 17},
                            {status, strlen(status)}, {"\n", 1}};
    char *to = out;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (pieces[i].n > cap - (size_t)(to - out)) return 0;
        to = put_piece(to, pieces[i]);
    }
    return (size_t)(to - out);
}
