/*
 * catalog_purchases.c - purchases.csv: what GPUs cost a buyer, in his currency. Nothing of the kind is shipped; it is
 * an overlay. A GPU has one price, whichever of its names stands there; later files win.
 */
#include <stddef.h>

#include "sweep/catalog_internal.h"

typedef struct purchase_row {
    kern_purchase p;
    const char *gpu;
} purchase_row;

#define TEXT(name, member, required)                                                                                   \
    { name, SWEEP_FIELD_TEXT, offsetof(purchase_row, member), 0, 0, NULL, required }
static const sweep_field fields[] = {
    TEXT("gpu", gpu, 1),
    {"price", SWEEP_FIELD_REAL, offsetof(purchase_row, p.price), 0.01, 1e9, NULL, 1},
    TEXT("currency", p.currency, 1),
    TEXT("date", p.date, 1),
    TEXT("source", p.source, 1),
};
#undef TEXT

static const char *key(sweep_loader *l, const void *raw) {
    (void)l;
    return ((const purchase_row *)raw)->gpu;
}

/** Rows of one file that name a GPU twice are a fault; of two files the later one's stays. */
static err add(sweep_loader *l, kern_purchase *out, int *source, const sweep_raw *row) {
    purchase_row *r = row->raw;
    kern_purchase *p = &r->p;
    size_t i = 0;
    p->gpu = sweep_find_gpu(l->c, r->gpu);
    p->file = row->file;
    p->line = row->line;
    if (!p->gpu) return sweep_row_fault(l, row, ERR_NAME, "gpu", "no GPU is called '%.60s'", r->gpu);
    while (i < l->c->n_purchases && out[i].gpu != p->gpu)
        i++;
    if (i < l->c->n_purchases && source[i] == row->source) {
        return sweep_row_fault(l, row, ERR_DUPLICATE, "gpu", "%.60s has a price in line %d already", p->gpu->name,
                               out[i].line);
    }
    if (i < l->c->n_purchases && source[i] > row->source) return ERR_OK;
    if (i == l->c->n_purchases) l->c->n_purchases++;
    out[i] = *p;
    source[i] = row->source;
    return ERR_OK;
}

static err finish(sweep_loader *l, const sweep_raws *rows) {
    kern_purchase *out = arena_alloc(l->mem, rows->n + 1, sizeof *out);
    int *source = arena_alloc(l->mem, rows->n + 1, sizeof *source);
    if (!out || !source) return ERR_MEMORY;
    l->c->purchases = out;
    for (size_t i = 0; i < rows->n; i++)
        add(l, out, source, &rows->item[i]);
    return ERR_OK;
}

const sweep_kind sweep_kind_purchases = {"purchases.csv",      fields, sizeof fields / sizeof *fields,
                                         sizeof(purchase_row), key,    finish};
