/*
 * layouts.c - walks tp, pp, cp, ep over the divisors of the number of GPUs, then ZeRO stages and checkpointing. Threads
 * share the pairs of tp and pp; each keeps its best in a total order, so that joining them gives one answer.
 */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "kernels/reduce/layouts.h"

enum { DIVISORS_MAX = 256, CHECKPOINTINGS = KERN_CKPT_FULL + 1, ZERO_MAX = 3, NODES_EACH = 64 };

/** What all threads look at. */
typedef struct walk {
    const kern_layout_question *q;
    int gpus, trains;
    unsigned ways;
    int64_t experts;                    /* that ep divides: of every layer with experts; 0: none */
    double dense_params, expert_params; /* trained, that must lie somewhere */
    int divisor[DIVISORS_MAX], n_divisors;
    kern_mode mode[CHECKPOINTINGS];
} walk;

/** What one of them found. */
typedef struct finds {
    kern_layout_choice best[KERN_CHOICES_MAX];
    size_t n, cap;
    kern_layout_counts counts;
    kern_layout_choice refused; /* first in order; counts.refused says whether there is one */
} finds;

static int64_t common_divisor(int64_t x, int64_t y) {
    while (y) {
        int64_t rest = x % y;
        x = y;
        y = rest;
    }
    return x;
}

/** Number that divides the experts of every layer that has some. */
static int64_t experts_of(const kern_model *m) {
    int64_t n = 0;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++) {
            if (m->groups[g].parts[p].kind == KERN_PART_MOE) n = common_divisor(n, m->groups[g].parts[p].experts);
        }
    }
    return n;
}

static double params_in(const kern_tensor *t, uint32_t n, int experts) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        if ((t[i].cls == KERN_CLASS_EXPERT) != experts || (t[i].shard == KERN_SHARD_EXPERT) != experts) continue;
        sum += (double)t[i].rows * (double)t[i].cols * (double)t[i].count;
    }
    return sum;
}

/** Parameters of the main layers and the rest that are cut by tp or, `experts`, by ep. */
static double params_of(const kern_model *m, int experts) {
    double sum = params_in(m->globals, m->n_globals, experts);
    for (uint32_t g = 0; g < m->n_groups; g++) {
        const kern_group *group = &m->groups[g];
        if (group->kind == KERN_GROUP_MAIN)
            sum += (double)group->layers * params_in(group->tensors, group->n_tensors, experts);
    }
    return sum;
}

static void walk_init(walk *w, const kern_layout_question *q, int gpus) {
    w->q = q;
    w->gpus = gpus;
    w->trains = q->sc.mode->train != KERN_INFERENCE;
    w->ways = w->trains ? q->sc.engine->trains : q->sc.engine->serves;
    w->experts = experts_of(q->sc.model);
    w->dense_params = q->sc.mode->train == KERN_FULL ? params_of(q->sc.model, 0) : 0;
    w->expert_params = q->sc.mode->train == KERN_FULL ? params_of(q->sc.model, 1) : 0;
    w->n_divisors = 0;
    for (int d = 1; d <= gpus && w->n_divisors < DIVISORS_MAX; d++) {
        if (gpus % d == 0) w->divisor[w->n_divisors++] = d;
    }
    for (int c = 0; c < CHECKPOINTINGS; c++) {
        w->mode[c] = *q->sc.mode;
        w->mode[c].checkpointing = (uint8_t)c;
    }
}

/** Lexicographic order of what tells two layouts of the same number of GPUs apart. */
static int compare_layouts(const kern_layout_choice *x, const kern_layout_choice *y) {
    const int a[] = {x->layout.pp, x->layout.tp, x->layout.cp, x->layout.ep, x->layout.zero, x->checkpointing};
    const int b[] = {y->layout.pp, y->layout.tp, y->layout.cp, y->layout.ep, y->layout.zero, y->checkpointing};
    for (size_t i = 0; i < sizeof a / sizeof *a; i++) {
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

static int better(const kern_layout_choice *x, const kern_layout_choice *y) {
    double a = x->capacity - x->charge, b = y->capacity - y->charge;
    if (a > b || a < b) return a > b;
    return compare_layouts(x, y) < 0;
}

static void keep(finds *f, const kern_layout_choice *c) {
    size_t at = f->n;
    if (f->n == f->cap && (f->cap == 0 || !better(c, &f->best[f->cap - 1]))) return;
    if (f->n < f->cap) f->n++;
    at = f->n - 1;
    for (; at > 0 && better(c, &f->best[at - 1]); at--)
        f->best[at] = f->best[at - 1];
    f->best[at] = *c;
}

static void refuse(finds *f, const kern_layout_choice *c) {
    if (!f->counts.refused || compare_layouts(c, &f->refused) < 0) f->refused = *c;
    f->counts.refused++;
}

static err lower(const walk *w, const kern_layout_choice *c, kern_scenario *sc, kern_record *r, char *why) {
    *sc = w->q->sc;
    sc->layout = c->layout;
    if (w->trains) sc->mode = &w->mode[c->checkpointing];
    return kern_lower(sc, &(kern_bounds){w->q->context, w->q->batch}, r, why, NULL, NULL);
}

/** Weights, moments and master copy of `params` on one of `cut` ranks, ZeRO over `ranks` replicas. */
static double states_of(const kern_mode *m, int zero, double params, double cut, double ranks) {
    double moments = m->state_bytes < m->state_bytes_vector ? m->state_bytes : m->state_bytes_vector;
    double weights = m->weights_offloaded ? 0 : m->param_bytes;
    double states = m->states_offloaded ? 0 : moments + m->master_bytes;
    return params / cut * (weights / (zero >= 2 ? ranks : 1) + states / (zero >= 1 ? ranks : 1));
}

/** Ranks that share an expert. */
static double expert_cut(const kern_trainer *by, const kern_layout *at) {
    if (at->ep == 1 || (at->etp == 0 && by->expert_tp)) return at->tp;
    return at->etp > 1 ? at->etp : 1;
}

/**
 * Bytes below which the fullest GPU of a layout cannot be: the mean over the stages of what must be kept of every
 * parameter. A millionth less, because sums are taken in another order.
 */
static double floor_of(const walk *w, const kern_layout *at) {
    double replicas = (double)at->dp * at->cp, cut = (double)at->ep * expert_cut(&w->q->sc.engine->train, at);
    double expert_replicas = at->ep > 1 ? replicas * at->tp / cut : replicas;
    if (at->stage != KERN_STAGE_FULLEST) return 0;
    double dense = states_of(w->q->sc.mode, at->zero, w->dense_params, (double)at->tp * at->pp, replicas);
    double experts = states_of(w->q->sc.mode, at->zero, w->expert_params, cut * at->pp, fmax(expert_replicas, 1));
    return (dense + experts) * (1 - 1e-6);
}

static void look(const walk *w, const kern_layout *at, int checkpointing, finds *f) {
    kern_layout_choice c = {.layout = *at, .checkpointing = (uint8_t)checkpointing};
    kern_scenario sc;
    kern_record r;
    char why[DIAG_TEXT];
    if (lower(w, &c, &sc, &r, why) != ERR_OK) {
        refuse(f, &c);
        return;
    }
    c.charge = kern_eval_charge(&r, w->q->batch, w->q->context);
    if (w->q->gpu) {
        c.capacity = kern_capacity(&sc, w->q->gpu, w->gpus, KERN_USE_FIT);
        f->counts.fit += c.charge <= c.capacity;
    }
    keep(f, &c);
}

/** One value of a degree: the given one, 1, or any where the engine has this way. */
static int takes(const walk *w, kern_given given, int asked, kern_split way, int value) {
    if (w->q->given & given) return value == asked;
    return value == 1 || (w->ways & way);
}

static int takes_tp(const walk *w, int tp) {
    if (!takes(w, KERN_GIVEN_TP, w->q->sc.layout.tp, KERN_SPLIT_TP, tp)) return 0;
    return tp <= w->q->node && (w->gpus <= w->q->node || w->q->node % tp == 0);
}

/** Each rank has the same number of tokens from the front and from the back, where the mask leaves more to do. */
static int takes_cp(const walk *w, int cp) {
    if (!takes(w, KERN_GIVEN_CP, w->q->sc.layout.cp, KERN_SPLIT_CP, cp)) return 0;
    return cp == 1 || (int64_t)w->q->context % (2 * (int64_t)cp) == 0;
}

static int takes_ep(const walk *w, const kern_layout *at, int ep) {
    int64_t ranks = (int64_t)at->dp * at->tp, cut = at->etp > 1 ? at->etp : 1;
    if (w->q->given & KERN_GIVEN_EP) return ep == w->q->sc.layout.ep && ranks % (ep * cut) == 0;
    if (ep == 1) return 1;
    if (w->experts == 0 || w->experts % ep || ranks % (ep * cut)) return 0;
    if (w->ways & KERN_SPLIT_EP) return 1;
    if (w->ways & KERN_SPLIT_EP_ALL) return ep == ranks;
    return (w->ways & KERN_SPLIT_EP_TP) && at->tp % ep == 0;
}

static int takes_zero(const walk *w, const kern_layout *at, int zero) {
    static const unsigned needs[ZERO_MAX + 1] = {0, KERN_SPLIT_ZERO1, KERN_SPLIT_ZERO2, KERN_SPLIT_ZERO3};
    static const unsigned in_pipe[ZERO_MAX + 1] = {0, 0, KERN_SPLIT_ZERO2_PP, KERN_SPLIT_ZERO3_PP};
    unsigned all = needs[zero] | (at->pp > 1 ? in_pipe[zero] : 0);
    if (w->q->given & KERN_GIVEN_ZERO) return zero == w->q->sc.layout.zero;
    return zero == 0 || (w->trains && (int64_t)at->dp * at->cp > 1 && (w->ways & all) == all);
}

/** The micro-batches of a step with a global batch; 0 when it cannot be shared out. */
static int split_batch(const walk *w, kern_layout *at) {
    int64_t batch = (int64_t)w->q->batch, n = w->q->global_batch;
    if (n == 0) return 1;
    if (n % at->dp || n / at->dp % batch || n / at->dp / batch > KERN_DEGREE_MAX) return 0;
    at->micro_batches = at->pp > 1 ? (int)(n / at->dp / batch) : 0;
    return 1;
}

/** ZeRO stages and checkpointing of a layout with its degrees. */
static void walk_states(const walk *w, kern_layout *at, finds *f) {
    int fixed = !w->trains || (w->q->given & KERN_GIVEN_CHECKPOINTING), own = w->q->sc.mode->checkpointing;
    for (at->zero = 0; at->zero <= ZERO_MAX; at->zero++) {
        if (!takes_zero(w, at, at->zero)) continue;
        int over = w->q->limit > 0 && floor_of(w, at) > w->q->limit;
        for (int c = fixed ? own : 0; c <= (fixed ? own : KERN_CKPT_FULL); c++) {
            f->counts.looked++;
            if (over) {
                f->counts.passed++;
            } else {
                look(w, at, c, f);
            }
        }
    }
}

/** Everything under a pair of tp and pp. */
static void walk_pair(const walk *w, int tp, int pp, finds *f) {
    kern_layout at = w->q->sc.layout;
    int ranks = w->gpus / tp;
    if (!takes_tp(w, tp) || !takes(w, KERN_GIVEN_PP, at.pp, KERN_SPLIT_PP, pp) || ranks % pp) return;
    at.tp = tp;
    at.pp = pp;
    if (!(w->q->given & KERN_GIVEN_SP)) at.sequence_parallel = w->trains && tp > 1 && (w->ways & KERN_SPLIT_SP);
    for (int i = 0; i < w->n_divisors; i++) {
        at.cp = w->divisor[i];
        if (ranks / pp % at.cp || !takes_cp(w, at.cp)) continue;
        at.dp = ranks / pp / at.cp;
        if (!takes(w, KERN_GIVEN_DP, w->q->sc.layout.dp, KERN_SPLIT_DP, at.dp) || !split_batch(w, &at)) continue;
        for (int k = 0; k < w->n_divisors; k++) {
            at.ep = w->divisor[k];
            if (takes_ep(w, &at, at.ep)) walk_states(w, &at, f);
        }
    }
}

static void join(finds *all, const finds *f) {
    for (size_t i = 0; i < f->n; i++)
        keep(all, &f->best[i]);
    if (f->counts.refused && (!all->counts.refused || compare_layouts(&f->refused, &all->refused) < 0))
        all->refused = f->refused;
    all->counts.looked += f->counts.looked;
    all->counts.passed += f->counts.passed;
    all->counts.refused += f->counts.refused;
    all->counts.fit += f->counts.fit;
}

static void walk_all(const walk *w, finds *all) {
    int pairs = w->n_divisors * w->n_divisors, threads = w->q->threads ? w->q->threads : omp_get_max_threads();
#pragma omp parallel num_threads(threads)
    {
        finds mine = {.cap = all->cap};
#pragma omp for schedule(dynamic, 1) nowait
        for (int i = 0; i < pairs; i++)
            walk_pair(w, w->divisor[i / w->n_divisors], w->divisor[i % w->n_divisors], &mine);
#pragma omp critical
        join(all, &mine);
    }
}

size_t kern_layouts_best(const kern_layout_question *q, int gpus, kern_layout_choice *best, size_t cap,
                         kern_layout_counts *counts, char *why) {
    walk w;
    finds all = {.cap = cap < KERN_CHOICES_MAX ? cap : KERN_CHOICES_MAX};
    walk_init(&w, q, gpus);
    walk_all(&w, &all);
    memcpy(best, all.best, all.n * sizeof *best);
    counts->looked += all.counts.looked;
    counts->passed += all.counts.passed;
    counts->refused += all.counts.refused;
    counts->fit += all.counts.fit;
    *why = 0;
    if (all.n == 0 && all.counts.refused) {
        kern_scenario sc;
        kern_record r;
        lower(&w, &all.refused, &sc, &r, why);
    }
    return all.n;
}

int kern_layouts_tries(int gpus, int node, int most) {
    int nodes = gpus / node, step = 1;
    if (gpus == most) return 1;
    if (gpus <= node) return node % gpus == 0;
    while (nodes / step >= NODES_EACH)
        step *= 2;
    return gpus % node == 0 && nodes % step == 0;
}
