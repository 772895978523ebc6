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

/** All rows that are called like row `first`, unless an earlier one was. Returns 0 when memory is gone. */
static int gather(sweep_loader *l, const sweep_raws *rows, size_t first, sweep_reserves *out, size_t *n_out) {
    const char *name = ((const reserve_row *)rows->item[first].raw)->name;
    for (size_t i = 0; i < *n_out; i++) {
        if (text_same(out[i].name, name)) return 1;
    }
    kern_reserve *same = arena_alloc(l->mem, rows->n, sizeof *same);
    uint32_t n = 0;
    for (size_t i = first; same && i < rows->n; i++) {
        const reserve_row *r = rows->item[i].raw;
        if (!text_same(r->name, name)) continue;
        same[n] = r->r;
        same[n++].gpu_below = r->gpu_below_mib * MIB;
    }
    out[(*n_out)++] = (sweep_reserves){.name = name, .rows = same, .n = n};
    return same != NULL;
}

static err finish(sweep_loader *l, const sweep_raws *rows) {
    sweep_reserves *out = arena_alloc(l->mem, rows->n + 1, sizeof *out);
    size_t n = 0;
    if (!out) return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        if (!gather(l, rows, i, out, &n)) return ERR_MEMORY;
    }
    l->c->reserves = out;
    l->c->n_reserves = n;
    return ERR_OK;
}

const sweep_kind sweep_kind_reserves = {"reserves.csv",      fields, sizeof fields / sizeof *fields,
                                        sizeof(reserve_row), key,    finish};
