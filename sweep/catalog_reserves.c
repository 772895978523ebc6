/*
 * catalog_reserves.c - reserves.csv: what engines leave free by default, in rows by size of the GPU and tensor-parallel
 * ranks. Rows of one name stay in the order of the file: the first that applies decides.
 */
#include <string.h>

#include "common/text.h"
#include "sweep/catalog_internal.h"

typedef struct reserve_row {
    kern_reserve r;
    const char *name, *source, *notes;
    double gpu_below_mib;
} reserve_row;

static const double MIB = 0x1p20;

#define REAL(column, member, most)                                                                                     \
    { column, SWEEP_FIELD_REAL, offsetof(reserve_row, member), 0, most, NULL, 0 }
#define INT(column, member, most)                                                                                      \
    { column, SWEEP_FIELD_INT, offsetof(reserve_row, member), 0, most, NULL, 0 }
#define TEXT(column, member, required)                                                                                 \
    { column, SWEEP_FIELD_TEXT, offsetof(reserve_row, member), 0, 0, NULL, required }

static const sweep_field fields[] = {
    TEXT("name", name, 1),
    REAL("gpu_below_mib", gpu_below_mib, 0x1p26),
    INT("tp_below", r.tp_below, 1 << 20),
    REAL("share", r.share, 1),
    REAL("fixed_bytes", r.fixed_bytes, 0x1p45),
    REAL("token_bytes", r.token_bytes, 0x1p40),
    REAL("seq_bytes", r.seq_bytes, 0x1p40),
    REAL("rank_bytes", r.rank_bytes, 0x1p40),
    REAL("least_bytes", r.least_bytes, 0x1p45),
    INT("tokens", r.tokens, 1 << 30),
    INT("seqs", r.seqs, 1 << 24),
    TEXT("source", source, 1),
    TEXT("notes", notes, 0),
};

/** Rows have no name of their own: name and bounds together. */
static const char *key(sweep_loader *l, const void *raw) {
    const reserve_row *r = raw;
    return arena_printf(l->mem, "%s %.0f %lld", r->name, r->gpu_below_mib, (long long)r->r.tp_below);
}

/** Names in the order of the file, with the number of rows of each; 0 when memory is gone. */
static int count_names(const sweep_raws *rows, sweep_index *x, sweep_reserves *out, size_t *n_out) {
    for (size_t i = 0; i < rows->n; i++) {
        const char *name = ((const reserve_row *)rows->item[i].raw)->name;
        size_t at = sweep_index_find(x, name);
        if (at == SIZE_MAX) {
            at = (*n_out)++;
            if (sweep_index_add(x, name, at) < 0) return 0;
            out[at].name = name;
        }
        out[at].n++;
    }
    return 1;
}

/** Each name's rows in the order of the file, all names one behind the other in `same`. */
static void gather(const sweep_raws *rows, const sweep_index *x, sweep_reserves *out, size_t n_out,
                   kern_reserve *same) {
    for (size_t k = 0; k < n_out; k++) {
        out[k].rows = same;
        same += out[k].n;
        out[k].n = 0;
    }
    for (size_t i = 0; i < rows->n; i++) {
        const reserve_row *r = rows->item[i].raw;
        sweep_reserves *of = &out[sweep_index_find(x, r->name)];
        kern_reserve *to = (kern_reserve *)of->rows + of->n++;
        *to = r->r;
        to->gpu_below = r->gpu_below_mib * MIB;
    }
}

static err finish(sweep_loader *l, const sweep_raws *rows) {
    sweep_reserves *out = arena_alloc(l->mem, rows->n + 1, sizeof *out);
    kern_reserve *same = arena_alloc(l->mem, rows->n + 1, sizeof *same);
    sweep_index *x = sweep_index_new(l->mem, rows->n);
    size_t n = 0;
    if (!out || !same || !x || !count_names(rows, x, out, &n)) return ERR_MEMORY;
    gather(rows, x, out, n, same);
    l->c->reserves = out;
    l->c->n_reserves = n;
    l->c->reserves_index = x;
    return ERR_OK;
}

const sweep_kind sweep_kind_reserves = {"reserves.csv",      fields, sizeof fields / sizeof *fields,
                                        sizeof(reserve_row), key,    finish};
