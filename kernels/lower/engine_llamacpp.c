/*
 * engine_llamacpp.c - llama.cpp on CUDA with all layers on the device: its table of rules, and the cells and tokens
 * that every part counts in. Refuses what layer split cannot do.
 *
 * With P = page_tokens (256): n_ctx = b x s is rounded up to P and shared out, rounded up again, which is ceil(s/P)
 * pages per sequence for every b; with a unified cache it is ceil(b x s / P) pages for all of them.
 */
#include "kernels/lower/engine_llamacpp.h"

const kern_rules kern_rules_llamacpp = {
    .weights = llamacpp_weights,
    .kv_cache = llamacpp_kv_cache,
    .activations = llamacpp_compute,
    .overhead = kern_lower_overhead,
    .moments = llamacpp_moments,
    .head_layer = 1,
};

static double round_up(double x, double unit) {
    return ceil(x / unit) * unit;
}

double llamacpp_tail_bytes(const kern_format *f, double cols) {
    double over = fmod(cols, LLAMACPP_TAIL);
    if (f->block <= 1 || over == 0) return 0;
    return ceil((LLAMACPP_TAIL - over) / (double)f->block) * f->block_bytes;
}

double llamacpp_tensor_bytes(const kern_format *f, double rows, double cols) {
    return round_up(kern_tensor_bytes(f, rows, cols) + llamacpp_tail_bytes(f, cols), LLAMACPP_ALIGN);
}

/** A model whose every attention layer slides has no layer that could look back further: the window is ignored. */
static int slides_everywhere(const kern_model *m) {
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++) {
            const kern_part *x = &m->groups[g].parts[p];
            if (x->kind == KERN_PART_ATTN && !x->window && !x->chunk) return 0;
        }
    }
    return 1;
}

int64_t llamacpp_window(const kern_scenario *sc, const kern_part *p) {
    if (sc->engine->swa_full || sc->model->gguf_no_swa || slides_everywhere(sc->model)) return 0;
    return p->window ? p->window : p->chunk;
}

static double page(const kern_engine *e) {
    double cells = e->page_tokens > 0 ? (double)e->page_tokens : 1;
    return e->flash_attn ? fmax(cells, LLAMACPP_FLASH_PAGE) : cells;
}

static double ubatch(const kern_engine *e) {
    return e->ubatch > 0 ? (double)e->ubatch : 1;
}

kern_term llamacpp_cells(const kern_engine *e, double bytes, int64_t window) {
    kern_term t = TERM_CONST(bytes * page(e));
    if (e->kv_unified) {
        t.pt = 1;
        t.page_t = page(e);
        if (window) t.cap_t = ubatch(e), t.cap_tb = (double)window;
    } else {
        t.pb = t.ps = 1;
        t.page_s = page(e);
        if (window) t.cap_s = round_up((double)window + ubatch(e), page(e));
    }
    return t;
}

static double common_divisor(double x, double y) {
    while (y > 0) {
        double rest = fmod(x, y);
        x = y;
        y = rest;
    }
    return x;
}

/** n_ctx comes in whole pages; with this unit the cap is met exactly as well. */
kern_term llamacpp_tokens(const kern_engine *e, double bytes, int64_t cap) {
    double most = cap > 0 && (double)cap < ubatch(e) ? (double)cap : ubatch(e);
    double unit = common_divisor(most, page(e));
    kern_term t = TERM_CONST(bytes * unit);
    t.pt = 1;
    t.page_t = unit;
    t.cap_t = most;
    return t;
}

/** A unified cache has no basis for tokens x cells of all: the micro-batch is taken as full. */
kern_term llamacpp_scores(const kern_engine *e, double bytes, int64_t window) {
    if (e->kv_unified) return llamacpp_cells(e, bytes * ubatch(e), window);
    kern_term t = llamacpp_tokens(e, bytes * page(e), 0), cells = llamacpp_cells(e, 1, window);
    t.ps = 1;
    t.page_s = cells.page_s;
    t.cap_s = cells.cap_s;
    return t;
}
