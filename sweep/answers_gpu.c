/*
 * answers_gpu.c - a known scenario held against a GPU. Inverse questions are solved once for each context and each
 * batch; the records of the layouts that the search for the fewest GPUs tries are kept for all GPUs with equal nodes.
 */
#include <string.h>

#include "common/text.h"
#include "sweep/answers_internal.h"
#include "sweep/limits.h"

/** GPU of the texts and how many; 0 when they name none or make no sense. */
static int resolve(sweep_answers *m, const char *const text[SC_COLUMNS], const answers_known *k, answers_held *out,
                   int *gpus) {
    int64_t n = kern_layout_gpus(&k->k.layout);
    const char *name = text[SC_GPU], *count = text[SC_GPUS];
    if (name && *name && sweep_resolve_gpu(m->catalogs, name, &out->gpu, NULL, NULL) != ERR_OK) return 0;
    if (count && *count && (!text_int(count, &n) || n < 1 || n > KERN_DEGREE_MAX)) return 0;
    *gpus = (int)n;
    return 1;
}

/** The ladder of a scenario for nodes of this size. NULL when memory is gone. */
static answers_ladder *ladder_of(sweep_answers *m, const answers_known *k, int node) {
    char key[1 + sizeof k + sizeof node] = {ANSWERS_LAYOUTS};
    memcpy(key + 1, &k, sizeof k);
    memcpy(key + 1 + sizeof k, &node, sizeof node);
    answers_ladder *l = sweep_memo_find(&m->memo, key, sizeof key);
    return l ? l : sweep_memo_add(&m->memo, key, sizeof key, sizeof *l);
}

int answers_hold(sweep_answers *m, const char *const text[SC_COLUMNS], const answers_known *k, answers_held *out) {
    int gpus;
    *out = (answers_held){.of = k};
    if (!resolve(m, text, k, out, &gpus)) return 0;
    if (!out->gpu) return 1;
    if (!kern_capacity_exact(&k->k, out->gpu, gpus)) return 0;
    out->enough = gpus >= kern_layout_gpus(&k->k.layout);
    out->fit = kern_capacity(&k->k, out->gpu, gpus, KERN_USE_FIT);
    out->serve = kern_capacity(&k->k, out->gpu, gpus, KERN_USE_SERVE);
    out->ladder = ladder_of(m, k, out->gpu->max_per_node);
    return out->ladder != NULL;
}

/** The next rung of a ladder; 0 when there is none, -1 when memory is gone. */
static int add_rung(sweep_answers *m, answers_held *h) {
    answers_ladder *l = h->ladder;
    kern_ladder ladder;
    const kern_bounds least = {1, 1};
    kern_ladder_init(&ladder, &h->of->k, h->gpu->max_per_node, &least, &m->rung, 1);
    if (l->whole) return 0;
    if (l->n == ANSWERS_RUNGS) return -1;
    l->whole = !kern_ladder_rung(&ladder, l->n, &m->rung);
    if (l->whole) return 0;
    const kern_record *kept = m->rung.allowed ? answers_keep(m, &m->rung.record) : NULL;
    if (m->rung.allowed && !kept) return -1;
    l->rung[l->n++] = (answers_rung){m->rung.gpus, kept};
    return 1;
}

/** As kern_min_gpus, -1 when memory is gone. Records never fall with s or b: what did not hold less is not asked. */
static int fewest(sweep_answers *m, answers_held *h, double s, double b) {
    const kern_scenario *sc = &h->of->k;
    double charge;
    int more;
    if (s < h->context || b < h->batch) h->from = 0;
    h->context = s;
    h->batch = b;
    for (;; h->from++) {
        if (h->from == h->ladder->n && (more = add_rung(m, h)) <= 0) return more;
        const answers_rung *r = &h->ladder->rung[h->from];
        if (!r->record) continue;
        kern_eval_cell(r->record, b, s, NULL, &charge);
        if (!sc->method->exact) return kern_gpus_together(sc, h->gpu, charge);
        if (charge <= h->fit) return r->gpus;
    }
}

/** Slot of a question; 0 when it is another's, which is then given up. */
static int solved(answers_solved *slots, const answers_held *h, double about, answers_solved **out) {
    uint64_t mix = ((uint64_t)(uintptr_t)h ^ (uint64_t)about * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
    answers_solved *x = &slots[mix >> 52];
    *out = x;
    if (x->of == h && x->about == about) return 1;
    x->of = h;
    x->about = about;
    return 0;
}

_Static_assert(ANSWERS_SOLVED == 1 << (64 - 52), "the upper bits pick the slot");

static void solve(sweep_answers *m, const answers_held *h, double s, double b, sweep_answer *out) {
    const kern_record *r = h->of->record;
    answers_solved *x;
    if (!solved(m->by_context, h, s, &x)) {
        x->answer = kern_max_batch(r, s, h->serve, sweep_batch_limit(s));
        x->tokens = out->serves ? kern_kv_capacity(r, s, h->serve) : 0;
    }
    out->max_batch = x->answer;
    out->kv_capacity = x->tokens;
    if (!solved(m->by_batch, h, b, &x)) x->answer = kern_max_context(r, b, h->serve, sweep_context_limit(b));
    out->max_context = x->answer;
}

int answers_fit(sweep_answers *m, answers_held *h, double s, double b, sweep_answer *out) {
    out->usable = h->fit;
    out->headroom = h->fit - out->charge;
    out->fits = h->enough && out->charge <= h->fit;
    out->min_gpus = fewest(m, h, s, b);
    out->max_batch = out->max_context = out->kv_capacity = 0;
    if (h->enough) solve(m, h, s, b, out);
    return out->min_gpus >= 0;
}

void answers_forget(sweep_answers *m) {
    m->known = NULL;
    m->held = NULL;
    memset(m->by_context, 0, sizeof m->by_context);
    memset(m->by_batch, 0, sizeof m->by_batch);
}
