/*
 * decode.c - bytes that a decoding step reads on one tensor-parallel rank over all pipeline stages: weights that every
 * token meets, routed experts, and the cache of one sequence. What an engine pads or reserves is not read, so the
 * engine does not matter.
 */
#include <string.h>

#include "kernels/eval/term.h"
#include "kernels/lower/internal.h"

/** What a group's layers or the globals add to. */
typedef struct reading {
    const kern_scenario *sc;
    kern_decode *out;
    double picked, offered; /* experts of a token and experts it picks from, over all layers */
} reading;

/** Tables are looked up row by row; a tied one is the head too. Towers see images, not the tokens that are decoded. */
static int is_read(const kern_model *m, const kern_tensor *t) {
    if (t->cls == KERN_CLASS_VISION) return 0;
    if (t->cls != KERN_CLASS_EMBED) return 1;
    return m->tied && t == m->globals;
}

/** Tensors of a layer, or the globals, `times` over. */
static void add_tensors(reading *r, const kern_tensor *tensors, uint32_t n, const kern_place *at, double times) {
    for (uint32_t k = 0; k < n; k++) {
        if (!is_read(r->sc->model, &tensors[k])) continue;
        const kern_tensor t = kern_stored_tensor(r->sc->weights, &tensors[k]);
        kern_local local = kern_shard_tensor(&t, &r->sc->layout);
        const kern_format *f = kern_placed_format(r->sc->weights, r->sc->model, &t, at);
        double bytes = times * local.count * kern_tensor_bytes(f, local.rows, local.cols);
        *(t.shard == KERN_SHARD_EXPERT ? &r->out->experts : &r->out->weights) += bytes;
    }
}

/** Experts that do nothing (of which a router may pick some) have a row of the router too. */
static double router_rows(const kern_group *g) {
    for (uint32_t k = 0; k < g->n_tensors; k++) {
        if (g->tensors[k].role == KERN_ROLE_ROUTER && g->tensors[k].rows > 1) return (double)g->tensors[k].rows;
    }
    return 0;
}

static void add_routing(reading *r, const kern_group *g) {
    for (uint32_t p = 0; p < g->n_parts; p++) {
        const kern_part *part = &g->parts[p];
        if (part->kind != KERN_PART_MOE || part->experts < 1) continue;
        r->picked += (double)(g->layers * part->top_k);
        r->offered += (double)g->layers * fmax(router_rows(g), (double)part->experts);
    }
}

/** Layers of a mix differ; those of other formats are alike. */
static void add_group(reading *r, const kern_group *g) {
    int differ = r->sc->weights->kind == KERN_FORMAT_MIX;
    for (int64_t i = 0; i < (differ ? g->layers : 1); i++) {
        const kern_place at = kern_layer_place(r->sc->model, g, i);
        add_tensors(r, g->tensors, g->n_tensors, &at, differ ? 1 : (double)g->layers);
    }
    add_routing(r, g);
}

/** A sparse-attention indexer picks what is read; how much that is, no catalog says. */
static int is_sparse(const kern_model *m) {
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t p = 0; m->groups[g].kind == KERN_GROUP_MAIN && p < m->groups[g].n_parts; p++) {
            if (m->groups[g].parts[p].indexer_dim > 0) return 1;
        }
    }
    return 0;
}

/** Cache of one sequence of s tokens as engine `none` holds it; such terms are multiples of the sequences. */
static double cache_bytes(const kern_scenario *sc, double s) {
    kern_record rec = {.n_terms = 0};
    char why[DIAG_TEXT];
    kern_lowering l = {.sc = sc, .r = &rec, .why = why};
    kern_stage stage[KERN_PHASES_MAX];
    double sum = 0;
    if (is_sparse(sc->model)) return NAN;
    kern_stages(sc->model, 1, stage);
    kern_lower_kv_cache(&l, stage, 0);
    for (unsigned i = 0; i < rec.n_terms; i++)
        sum += kern_term_context(&rec.term[i], s);
    return l.failed ? NAN : sum;
}

void kern_lower_decode(const kern_scenario *sc, double s, kern_decode *out) {
    kern_scenario rank = *sc;
    const kern_place first = {0, sc->model->layers, 0, sc->model->layers};
    const kern_layout at = {.tp = sc->layout.tp, .pp = 1, .dp = 1, .ep = 1, .cp = 1};
    reading r = {.sc = &rank, .out = out};
    *out = (kern_decode){0};
    rank.layout = at;
    add_tensors(&r, sc->model->globals, sc->model->n_globals, &first, 1);
    for (uint32_t g = 0; g < sc->model->n_groups; g++) {
        if (sc->model->groups[g].kind == KERN_GROUP_MAIN) add_group(&r, &sc->model->groups[g]);
    }
    out->expert_share = r.offered > 0 ? r.picked / r.offered : 0;
    out->cache_user = cache_bytes(&rank, s);
}
