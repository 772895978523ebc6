/*
 * stages.c - the pipeline stages that can be the fullest. Layers are laid out in one row: leading dense groups first,
 * the rest evenly interleaved (the catalog does not keep the order inside a model), cut into pp runs of equal length,
 * the longer runs first. A stage that holds no more of anything than another one is dropped.
 */
#include <string.h>

#include "kernels/lower/internal.h"

/** Which stages may cover others and how many are kept. */
typedef struct keeping {
    uint32_t n_groups;
    int in_order;
    unsigned most;
    int head_layer; /* the output counts as one more layer */
} keeping;

/** True when stage y holds at least as much of everything as x. */
static int covered(const kern_stage *x, const kern_stage *y, const keeping *k) {
    uint32_t n_groups = k->n_groups;
    if (x->first > y->first || x->last > y->last || (k->in_order && x->index < y->index)) return 0;
    for (uint32_t g = 0; g < n_groups; g++) {
        if (x->layers[g] > y->layers[g]) return 0;
    }
    return 1;
}

/** Adds a stage unless another covers it; drops those it covers. Over the limit it is merged into the last one. */
static unsigned keep_stage(kern_stage *out, unsigned n, const kern_stage *st, const keeping *k) {
    unsigned kept = 0;
    for (unsigned i = 0; i < n; i++) {
        if (covered(st, &out[i], k)) return n;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!covered(&out[i], st, k)) out[kept++] = out[i];
    }
    if (kept < k->most) {
        out[kept] = *st;
        return kept + 1;
    }
    kern_stage *last = &out[kept - 1];
    for (uint32_t g = 0; g < k->n_groups; g++) {
        if (st->layers[g] > last->layers[g]) last->layers[g] = st->layers[g];
    }
    last->first |= st->first;
    last->last |= st->last;
    return kept;
}

/**
 * How many leading groups stay in front: dense groups listed before the first group with experts, when they are few.
 */
static uint32_t leading_groups(const kern_model *m, int64_t *front) {
    *front = 0;
    uint32_t n = 0;
    int64_t moe = 0;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++) {
            if (m->groups[g].parts[p].kind == KERN_PART_MOE) moe += m->groups[g].layers;
        }
    }
    for (; moe && n < m->n_groups && m->groups[n].kind == KERN_GROUP_MAIN; n++) {
        const kern_group *g = &m->groups[n];
        for (uint32_t p = 0; p < g->n_parts; p++) {
            if (g->parts[p].kind == KERN_PART_MOE) return n;
        }
        if (g->layers * 4 > moe) return n; /* as many dense as sparse layers: they alternate */
        *front += g->layers;
    }
    return n;
}

static int64_t least(int64_t x, int64_t y) {
    return x < y ? x : y;
}

/** The row of layers of a model, and the groups of it that have been cut off from the front. */
typedef struct row {
    const kern_model *m;
    uint32_t lead;                  /* leading groups, which come one after the other */
    int64_t front, rest;            /* layers of those, of all others */
    int64_t taken[KERN_GROUPS_MAX]; /* layers of a group before the cut */
    int64_t at;                     /* the cut */
} row;

static row row_of(const kern_model *m) {
    row r = {.m = m};
    r.lead = leading_groups(m, &r.front);
    for (uint32_t g = r.lead; g < m->n_groups; g++) {
        if (m->groups[g].kind == KERN_GROUP_MAIN) r.rest += m->groups[g].layers;
    }
    return r;
}

/** Layers of the others among the first `upto`: rounding keeps every prefix balanced. A model has 100,000 at most. */
static int64_t share(const row *r, int64_t layers, int64_t upto) {
    return r->rest ? (layers * upto + r->rest / 2) / r->rest : 0;
}

/** Cuts off the next `layers` layers: those of every group. */
static void cut(row *r, int64_t layers, kern_stage *st) {
    int64_t end = 0, before = 0, below = 0; /* of the groups so far: leading layers, others, those before the cut */
    r->at += layers;
    int64_t rest = r->at > r->front ? r->at - r->front : 0;
    for (uint32_t g = 0; g < r->m->n_groups; g++) {
        const kern_group *group = &r->m->groups[g];
        int64_t upto;
        st->layers[g] = group->kind == KERN_GROUP_ENCODER && st->first ? group->layers : 0;
        if (group->kind != KERN_GROUP_MAIN) continue;
        if (g < r->lead) {
            upto = r->at > end ? least(r->at - end, group->layers) : 0;
            end += group->layers;
        } else {
            before += group->layers;
            upto = share(r, before, rest) - below;
            below += upto;
        }
        st->layers[g] = upto > r->taken[g] ? upto - r->taken[g] : 0; /* less: rounding, fewer layers than stages */
        r->taken[g] = upto;
    }
}

static unsigned cut_all(const kern_model *m, int pp, kern_stage *out, const keeping *k) {
    row r = row_of(m);
    int64_t total = r.front + r.rest;
    kern_stage st = {.index = 0};
    unsigned n = 0;
    for (int i = 0; i < pp; i++) {
        int64_t layers = total / pp + (i < total % pp);
        if (k->head_layer) layers = least(total, ((i + 1) * (total + 1) + pp - 1) / pp) - r.at;
        st.first = i == 0;
        st.last = i == pp - 1;
        st.index = i;
        cut(&r, layers, &st);
        n = keep_stage(out, n, &st, k);
    }
    return n;
}

unsigned kern_stages(const kern_model *m, int pp, kern_stage *out) {
    return cut_all(m, pp, out, &(keeping){m->n_groups, 0, KERN_PHASES_MAX, 0});
}

unsigned kern_stages_with_head(const kern_model *m, int pp, kern_stage *out) {
    return cut_all(m, pp, out, &(keeping){m->n_groups, 0, KERN_PHASES_MAX, 1});
}

unsigned kern_stages_in_order(const kern_model *m, int pp, kern_stage *out, unsigned most) {
    return cut_all(m, pp, out, &(keeping){m->n_groups, 1, most, 0});
}

int kern_on_stage(const kern_model *m, const kern_tensor *t, const kern_stage *st) {
    if (t->cls == KERN_CLASS_EMBED) return st->first || (m->tied && st->last);
    if (t->cls == KERN_CLASS_VISION) return st->first;
    return st->last;
}
