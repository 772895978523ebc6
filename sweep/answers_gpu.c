/*
 * answers_gpu.c - a known scenario held against a GPU. Inverse questions are solved once for each context and each
 * batch; the layouts that the search for the fewest GPUs tries are lowered once for all GPUs.
 */
#include <math.h>
#include <string.h>

#include "common/text.h"
#include "sweep/answers_internal.h"
#include "sweep/limits.h"

_Static_assert(ANSWERS_SOLVED == 1 << (64 - 52), "the upper bits pick the slot");

/** Slot of a known scenario and something it is asked about. */
static size_t slot_of(const answers_known *k, uint64_t about) {
    return (((uint64_t)(uintptr_t)k ^ about * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu) >> 52;
}

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/** GPU of a name; 0 when there is none such. */
static int find_gpu(sweep_answers *m, const char *name, const kern_gpu **gpu) {
    size_t n = strlen(name) + 1;
    if (m->gpu && strcmp(name, m->gpu_name) == 0) {
        *gpu = m->gpu;
        return 1;
    }
    if (sweep_resolve_gpu(m->catalogs, name, gpu, NULL, NULL) != ERR_OK) return 0;
    m->gpu = n <= sizeof m->gpu_name ? *gpu : NULL;
    if (m->gpu) memcpy(m->gpu_name, name, n);
    return 1;
}

/** GPU of the texts and how many; 0 when they name none or make no sense. */
static int resolve(sweep_answers *m, const char *const text[SC_COLUMNS], const answers_known *k, const kern_gpu **gpu,
                   int *gpus) {
    int64_t n = kern_layout_gpus(&k->k.layout);
    const char *name = text[SC_GPU], *count = text[SC_GPUS];
    if (name && *name && !find_gpu(m, name, gpu)) return 0;
    if (count && *count && (!text_int(count, &n) || n < 1 || n > KERN_DEGREE_MAX)) return 0;
    *gpus = (int)n;
    return 1;
}

answers_held *answers_hold(sweep_answers *m, const char *const text[SC_COLUMNS], const answers_known *k) {
    const kern_gpu *gpu = NULL;
    int gpus;
    if (!resolve(m, text, k, &gpu, &gpus)) return NULL;
    answers_held *h = &m->held[slot_of(k, (uint64_t)(uintptr_t)gpu + (uint64_t)gpus)];
    if (h->of == k && h->gpu == gpu && h->gpus == gpus) return h;
    if (gpu && !kern_capacity_exact(&k->k, gpu, gpus)) return NULL;
    *h = (answers_held){.of = k, .gpu = gpu, .gpus = gpus};
    h->enough = gpus >= kern_layout_gpus(&k->k.layout);
    if (!gpu) return h;
    h->fit = kern_capacity(&k->k, gpu, gpus, KERN_USE_FIT);
    h->serve = kern_capacity(&k->k, gpu, gpus, KERN_USE_SERVE);
    return h;
}

/** A search for the fewest GPUs that hold b sequences of s tokens. */
typedef struct search {
    sweep_answers *m;
    answers_held *h;
    kern_ladder ladder;
    double s, b;
    double states; /* without a pipeline: kern_states_bytes; negative: not known yet */
} search;

/** What the stages of a rung with a pipeline hold together at least; 0 when that is not known. */
static double together(search *x, size_t number, const kern_layout *at) {
    size_t alone = number - (size_t)(at->pp - 1); /* the rung with one stage */
    kern_layout one;
    if (x->states >= 0) return x->states;
    x->states = 0;
    if (at->zero || !kern_ladder_layout(&x->ladder, alone, &one)) return 0;
    answers_halves of = answers_rung(x->m, x->h->of, &one);
    if (of.rest && of.rest->n_phases) x->states = kern_states_bytes(&x->h->of->k, answers_join(x->m, &of), x->b, x->s);
    return x->states;
}

/** The largest phase of rung `number`; INFINITY when it is too large for the GPU anyhow, -1 when memory is gone. */
static double charge_of(search *x, size_t number, const kern_layout *at) {
    if (at->pp > 1 && together(x, number, at) / at->pp > x->h->fit) return INFINITY;
    answers_halves of = answers_rung(x->m, x->h->of, at);
    if (!of.rest) return -1;
    return of.rest->n_phases ? answers_charge(&of, x->b, x->s) : INFINITY;
}

/** As kern_min_gpus, -1 when memory is gone. Records never fall with s or b: what did not hold less is not asked. */
static int fewest(sweep_answers *m, answers_held *h, double s, double b) {
    const kern_scenario *sc = &h->of->k;
    search x = {.m = m, .h = h, .s = s, .b = b, .states = -1};
    kern_layout at;
    if (!sc->method->exact) return kern_gpus_together(sc, h->gpu, answers_charge(&h->of->of, b, s));
    kern_ladder_init(&x.ladder, sc, h->gpu->max_per_node, &(kern_bounds){1, 1}, NULL, 0);
    if (s < h->context || b < h->batch) h->from = 0;
    h->context = s;
    h->batch = b;
    for (; kern_ladder_layout(&x.ladder, h->from, &at); h->from++) {
        double charge = charge_of(&x, h->from, &at);
        if (charge < 0) return -1;
        if (charge <= h->fit) return kern_layout_gpus(&at);
    }
    return 0;
}

/** Slot of a question; 0 when it is another's, which is then given up. */
static int solved(answers_solved *slots, const answers_held *h, double about, answers_solved **out) {
    answers_solved *x = &slots[slot_of(h->of, bits_of(h->serve) + bits_of(about))];
    *out = x;
    if (x->of == h->of && x->serve == h->serve && x->about == about) return 1;
    *x = (answers_solved){.of = h->of, .serve = h->serve, .about = about};
    return 0;
}

static void solve(sweep_answers *m, const answers_held *h, const kern_record *r, double s, double b,
                  sweep_answer *out) {
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

int answers_fit(sweep_answers *m, answers_held *h, const kern_record *r, double s, double b, sweep_answer *out) {
    out->usable = h->fit;
    out->headroom = h->fit - out->charge;
    out->fits = h->enough && out->charge <= h->fit;
    out->max_batch = out->max_context = out->kv_capacity = 0;
    if (h->enough) solve(m, h, r, s, b, out);
    out->min_gpus = fewest(m, h, s, b); /* last: it joins other records */
    return out->min_gpus >= 0;
}

void answers_forget(sweep_answers *m) {
    m->known = NULL;
    memset(m->held, 0, sizeof m->held);
    memset(m->by_context, 0, sizeof m->by_context);
    memset(m->by_batch, 0, sizeof m->by_batch);
}
