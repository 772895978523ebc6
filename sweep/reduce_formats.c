/*
 * reduce_formats.c - what many weight formats share. Their bytes are constants, so one record serves them all: its
 * lines are counted with the weights as a shift of each phase. Formats with the same steps from phase to phase keep the
 * cells in one order, which is found once.
 */
#include <math.h>
#include <string.h>

#include "sweep/reduce_family.h"

/** From so many weight formats on, ranking all cells is cheaper than counting line by line. */
enum { RANKS_FROM = 3 };

/** The weight format of a scenario alone: constant bytes in every phase; none where the mode has weights of its own. */
static void price_format(sweep_family *f, kern_weights_use use, const kern_scenario *sc, sweep_priced *p) {
    char why[DIAG_TEXT];
    *p = (sweep_priced){.format = sc->weights};
    if (use == KERN_WEIGHTS_OWN) return;
    p->refused = kern_lower_half(sc, &f->j->bounds, KERN_HALF_WEIGHTS, &f->record, why) != ERR_OK;
    p->n_phases = p->refused ? 0 : f->record.n_phases;
    for (unsigned i = 0; !p->refused && i < f->record.n_terms; i++)
        p->shift[f->record.term[i].phase] += f->record.term[i].coef;
}

static int same_steps(const sweep_priced *x, const sweep_priced *y) {
    for (unsigned p = 1; p < x->n_phases; p++) {
        if (x->shift[p] - x->shift[0] != y->shift[p] - y->shift[0]) return 0;
    }
    return x->n_phases == y->n_phases;
}

static size_t formats_of(const sweep_family *f, kern_weights_use use) {
    return use == KERN_WEIGHTS_OWN ? 1 : f->j->pick->n[SWEEP_WEIGHTS];
}

/** Formats that nothing tells apart are counted once where they have the same bytes. */
static sweep_priced *find_same(sweep_family *f, sweep_priced *first, sweep_priced *p) {
    sweep_priced *same = f->to->stride[SWEEP_WEIGHTS] || f->j->pick->plan->skip ? p : first;
    while (same < p && (same->alike != p->alike || same->shift[0] != p->shift[0]))
        same++;
    return same;
}

/** Joins a format to those before it. */
static void find_alike(sweep_family *f, size_t w) {
    sweep_priced *p = &f->priced[w], *first = f->priced;
    while (first < p && !same_steps(p, first))
        first++;
    if (first == p) {
        p->members = 0;
        p->lowest = p->shift[0];
    }
    p->times = 0;
    p->alike = (size_t)(first - f->priced);
    sweep_priced *same = find_same(f, first, p);
    same->times++;
    first->members += same == p;
    first->lowest = fmin(first->lowest, p->shift[0]);
}

void sweep_formats_price(sweep_family *f, kern_weights_use use) {
    sweep_combo c;
    int changed = 0;
    f->at[SWEEP_KV] = 0;
    for (size_t w = 0; w < formats_of(f, use); w++) {
        sweep_priced *p = &f->priced[w];
        f->at[SWEEP_WEIGHTS] = w;
        sweep_pick_combination(f->j->pick, f->at, &c);
        if (p->format == c.sc.weights) continue;
        price_format(f, use, &c.sc, p);
        changed = 1;
    }
    for (size_t w = 0; changed && w < formats_of(f, use); w++)
        find_alike(f, w);
    f->at[SWEEP_WEIGHTS] = 0;
}

/** Sums past 2^53 are no answer: looked for at the last context, which is in f->lines, and the largest batch. */
static int is_exact(const sweep_family *f, const double *shift) {
    const kern_lines *x = &f->lines;
    for (unsigned p = 0; p < x->n_phases; p++) {
        if (!(x->k0[p][x->n - 1] + shift[p] + x->k1[p][x->n - 1] * f->j->bounds.b_max < 0x1p53)) return 0;
    }
    return 1;
}

/** That there is a combination for each weight format, and whether it has cells. */
static void count_combinations(sweep_family *f, kern_weights_use use) {
    const kern_grid *g = &f->j->grid;
    kern_ops_get()->fold_lines(&f->record, g, (g->n_s - 1) / KERN_LINES * KERN_LINES, &f->lines);
    for (size_t w = 0; w < formats_of(f, use); w++) {
        sweep_priced *p = &f->priced[w];
        f->at[SWEEP_WEIGHTS] = w;
        p->exact = !p->refused && is_exact(f, p->shift);
        sweep_family_add(f, use, !p->exact);
    }
}

/** One weight format with the lines at hand. */
typedef struct counting {
    const double *shift; /* of every phase */
    const double *steps; /* those that the cells are ranked with, NULL: they are not */
    uint64_t times;      /* formats with these bytes */
} counting;

/** How far a group's combinations reach is asked only where it may be farther than before. */
static void count_ranked(sweep_family *f, double shift, sweep_share to, kern_fit *fit, kern_extent *extent) {
    const sweep_capacities *caps = &f->r.caps;
    sweep_reached *reached = &f->reached[to.group];
    kern_ops_get()->count_ranks(&f->ranks, shift, to.times, caps->distinct, caps->n, fit, extent);
    if (reached->ranked == f->ranked && reached->shift <= shift) return;
    *reached = (sweep_reached){f->ranked, shift};
    kern_ops_get()->reach_ranks(&f->ranks, shift, &f->j->grid, caps->distinct, caps->n, fit);
}

static void count_format(sweep_family *f, sweep_share to, const void *answer) {
    const counting *c = answer;
    to.times *= c->times;
    const kern_grid *g = &f->j->grid;
    const sweep_capacities *caps = &f->r.caps;
    kern_fit *fit = f->held + to.group * f->j->n_gpus;
    kern_extent *extent = &f->of[to.group].extent;
    if (c->steps) {
        count_ranked(f, c->shift[0] - c->steps[0], to, fit, extent);
    } else {
        kern_ops_get()->count_lines(&f->lines, c->shift, g, to.times, caps->distinct, caps->n, fit, extent);
    }
}

/** The lines at hand with the formats from `first` on that are alike. */
static void count_alike(sweep_family *f, kern_weights_use use, size_t first) {
    const kern_grid *g = &f->j->grid;
    const sweep_capacities *caps = &f->r.caps;
    const sweep_priced *of = &f->priced[first];
    const double *steps = of->shift, most = caps->distinct[caps->n - 1] - (of->lowest - steps[0]);
    int ranked = of->members >= RANKS_FROM && g->n_b <= KERN_RANKS_BATCHES;
    if (ranked) {
        kern_ops_get()->rank_lines(&f->lines, steps, g, most, &f->ranks);
        f->ranked++;
    }
    for (size_t w = first; w < formats_of(f, use); w++) {
        const sweep_priced *p = &f->priced[w];
        if (p->alike != first || !p->times || !p->exact) continue;
        f->at[SWEEP_WEIGHTS] = w;
        sweep_family_share(f, use, count_format, &(counting){p->shift, ranked ? steps : NULL, p->times});
    }
}

void sweep_formats_count(sweep_family *f, kern_weights_use use) {
    const kern_grid *g = &f->j->grid;
    count_combinations(f, use);
    for (size_t i = 0; i < g->n_s && !sweep_progress_stopped(); i += KERN_LINES) {
        if (g->n_s > KERN_LINES) kern_ops_get()->fold_lines(&f->record, g, i, &f->lines);
        for (size_t w = 0; w < formats_of(f, use); w++) {
            if (f->priced[w].alike == w) count_alike(f, use, w);
        }
    }
    f->at[SWEEP_WEIGHTS] = 0;
}
