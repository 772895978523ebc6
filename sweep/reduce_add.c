/*
 * reduce_add.c - sums of a family: a thread adds to its own, which go to all groups' when the family is done.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/reduce_family.h"

const sweep_axis sweep_outer[SWEEP_OUTER] = {SWEEP_METHOD, SWEEP_ENGINE, SWEEP_MODEL};
const sweep_axis sweep_inner[SWEEP_INNER] = {SWEEP_MODE, SWEEP_LAYOUT, SWEEP_WEIGHTS, SWEEP_KV};

static void clear(sweep_family *f) {
    for (size_t n = 0; n < f->n; n++)
        f->of[n] = (sweep_tally){0, 0, KERN_EXTENT_NONE};
    memset(f->full, 0, f->n * sizeof *f->full);
    memset(f->held, 0, f->n * f->j->n_gpus * sizeof *f->held);
}

void sweep_family_free(sweep_family *f) {
    if (!f) return;
    sweep_reducer_free(&f->r);
    free(f->ranks.raw);
    free(f->ranks.cell);
    free(f->ranks.bucket);
    free(f->reached);
    free(f->priced);
    free(f->group);
    free(f->of);
    free(f->held);
    free(f->full);
    free(f);
}

/** Groups of one family, numbered densely, and where they are among all. */
static int number_groups(sweep_family *f) {
    const sweep_pick *k = f->j->pick;
    f->n = 1;
    for (int i = 0; i < SWEEP_INNER; i++) {
        sweep_axis a = sweep_inner[i];
        if (!f->to->stride[a]) continue;
        f->stride[a] = f->n;
        f->n *= k->n[a];
    }
    f->group = calloc(f->n, sizeof *f->group);
    for (size_t n = 0; f->group && n < f->n; n++) {
        for (int i = 0; i < SWEEP_INNER; i++) {
            sweep_axis a = sweep_inner[i];
            if (f->stride[a]) f->group[n] += n / f->stride[a] % k->n[a] * f->to->stride[a];
        }
    }
    return f->group != NULL;
}

static int ranks_init(kern_ranks *r) {
    size_t n = (size_t)KERN_LINES * KERN_RANKS_BATCHES;
    r->raw = malloc(n * sizeof *r->raw);
    r->cell = malloc((n + KERN_RANKS_AHEAD) * sizeof *r->cell);
    r->bucket = malloc(n * sizeof *r->bucket);
    return r->raw && r->cell && r->bucket;
}

sweep_family *sweep_family_new(sweep_groups *to) {
    const size_t align = _Alignof(sweep_family);
    sweep_family *f = aligned_alloc(align, (sizeof *f + align - 1) / align * align);
    if (!f) return NULL;
    *f = (sweep_family){.to = to, .j = to->j};
    int ok = sweep_reducer_init(&f->r, to->j) && number_groups(f) && ranks_init(&f->ranks);
    if (ok) {
        f->priced = calloc(to->j->pick->n[SWEEP_WEIGHTS], sizeof *f->priced);
        f->reached = calloc(f->n, sizeof *f->reached);
        f->of = malloc(f->n * sizeof *f->of);
        f->held = malloc(f->n * to->j->n_gpus * sizeof *f->held);
        f->full = malloc(f->n * sizeof *f->full);
    }
    if (!ok || !f->priced || !f->reached || !f->of || !f->held || !f->full) {
        sweep_family_free(f);
        return NULL;
    }
    clear(f);
    return f;
}

static size_t number_of(const size_t at[SWEEP_CATEGORIES], const size_t stride[SWEEP_CATEGORIES]) {
    size_t n = 0;
    for (unsigned a = 0; a < SWEEP_CATEGORIES; a++)
        n += at[a] * stride[a];
    return n;
}

static void add_tally(sweep_tally *to, const sweep_tally *x) {
    to->combinations += x->combinations;
    to->refused += x->refused;
    to->extent.least = fmin(to->extent.least, x->extent.least);
    to->extent.most = fmax(to->extent.most, x->extent.most);
}

static void add_counted(sweep_counted *to, const sweep_counted *x) {
    to->cells += x->cells;
    to->fits += x->fits;
    to->batch = fmax(to->batch, x->batch);
    to->context = fmax(to->context, x->context);
}

void sweep_family_flush(sweep_family *f) {
    sweep_groups *to = f->to;
    size_t n_gpus = f->j->n_gpus, first = 0;
    for (int i = 0; i < SWEEP_OUTER; i++)
        first += f->at[sweep_outer[i]] * to->stride[sweep_outer[i]];
#pragma omp critical(groups)
    for (size_t n = 0; n < f->n; n++) {
        size_t group = first + f->group[n];
        add_tally(&to->of[group], &f->of[n]);
        for (size_t g = 0; g < n_gpus; g++) {
            sweep_counted one = sweep_counted_of(&f->j->grid, f->full[n], &f->held[n * n_gpus + f->r.caps.rank[g]]);
            add_counted(&to->counted[group * n_gpus + g], &one);
        }
    }
    clear(f);
}

void sweep_family_add_counted(sweep_family *f, const sweep_tally *of, const sweep_counted *counted) {
    sweep_groups *to = f->to;
    size_t group = number_of(f->at, to->stride), n_gpus = f->j->n_gpus;
#pragma omp critical(groups)
    {
        add_tally(&to->of[group], of);
        for (size_t g = 0; counted && g < n_gpus; g++)
            add_counted(&to->counted[group * n_gpus + g], &counted[g]);
    }
}

static int is_skipped(const sweep_family *f, size_t w, size_t v) {
    const sweep_pick *k = f->j->pick;
    uint32_t at[SWEEP_CATEGORIES];
    if (!k->plan->skip) return 0;
    for (unsigned a = 0; a < SWEEP_CATEGORIES; a++)
        at[a] = k->index[a][f->at[a]];
    at[SWEEP_WEIGHTS] = k->index[SWEEP_WEIGHTS][w];
    at[SWEEP_KV] = k->index[SWEEP_KV][v];
    return sweep_skip_combo(k->plan->skip, at);
}

/** Positions [from, to) of an axis: one, or all where the mode does not look at it. */
typedef struct span {
    size_t from, to;
} span;

static span span_of(const sweep_family *f, sweep_axis axis, int looked_at) {
    if (looked_at) return (span){f->at[axis], f->at[axis] + 1};
    return (span){0, f->j->pick->n[axis]};
}

void sweep_family_share(sweep_family *f, kern_weights_use use, void (*add)(sweep_family *, sweep_share, const void *),
                        const void *answer) {
    const span ws = span_of(f, SWEEP_WEIGHTS, use != KERN_WEIGHTS_OWN),
               vs = span_of(f, SWEEP_KV, use == KERN_WEIGHTS_RUN);
    size_t base = f->at[SWEEP_MODE] * f->stride[SWEEP_MODE] + f->at[SWEEP_LAYOUT] * f->stride[SWEEP_LAYOUT];
    sweep_share one = {0, 0}; /* combinations of one group follow one another */
    for (size_t w = ws.from; w < ws.to; w++) {
        for (size_t v = vs.from; v < vs.to; v++) {
            size_t group = base + w * f->stride[SWEEP_WEIGHTS] + v * f->stride[SWEEP_KV];
            if (is_skipped(f, w, v)) continue;
            if (group != one.group && one.times) add(f, one, answer), one.times = 0;
            one.group = group;
            one.times++;
        }
    }
    if (one.times) add(f, one, answer);
}

static void add_combinations(sweep_family *f, sweep_share to, const void *answer) {
    int refused = *(const int *)answer;
    f->of[to.group].combinations += to.times;
    f->of[to.group].refused += refused ? to.times : 0;
    f->full[to.group] += refused ? 0 : to.times;
}

void sweep_family_add(sweep_family *f, kern_weights_use use, int refused) {
    sweep_family_share(f, use, add_combinations, &refused);
}
