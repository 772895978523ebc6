/*
 * procure_options.c - walks models in their formats, GPUs and replica layouts. A layout is lowered once for all GPUs
 * that the engine treats alike. When training, one replica takes the fewest GPUs that hold the batch.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/lower/lower.h"
#include "kernels/reduce/capacity.h"
#include "sweep/layout.h"
#include "sweep/procure.h"
#include "sweep/scenario.h"

/** A replica layout of the work at hand and those alike, lowered. */
typedef struct replica {
    kern_layout layout;
    int small, allowed; /* small: the engine's defaults are those of small GPUs */
    kern_record record;
    char why[DIAG_TEXT];
} replica;

/** What a step reads with tp ranks, at each context. */
typedef struct reads {
    struct reads *next;
    int tp;
    kern_decode at[];
} reads;

typedef struct walk {
    sweep_procure *q;
    report_option *option;
    size_t cap_options, n_options, cap_refusals;
    size_t w; /* work at hand */
    const sweep_work *work;
    replica **replica;
    size_t n_replicas, cap_replicas;
    reads *reads;
    size_t gpu; /* at hand */
    sweep_scenario at;
    int fits;           /* some layout, at the context shown */
    sweep_refusal miss; /* the layout that misses least */
} walk;

int sweep_procure_tries_tp(int tp, int node, int most) {
    return tp >= 1 && tp <= node && tp <= most && (node % tp == 0 || (tp & (tp - 1)) == 0);
}

int sweep_procure_tries_pp(int tp, int pp, int node, int most) {
    int64_t gpus = (int64_t)tp * pp;
    return pp >= 2 && gpus <= most && node % tp == 0 && (node % gpus == 0 || gpus % node == 0);
}

static int same_layout(const kern_layout *x, const kern_layout *y) {
    return x->tp == y->tp && x->pp == y->pp && x->ep == y->ep && x->dp == y->dp && x->cp == y->cp &&
           x->zero == y->zero && x->fsdp == y->fsdp && x->hsdp == y->hsdp && x->etp == y->etp && x->vpp == y->vpp &&
           x->sequence_parallel == y->sequence_parallel && x->micro_batches == y->micro_batches;
}

static const kern_gpu *gpu_at_hand(const walk *k) {
    return k->q->gpu[k->gpu];
}

/** Longest context that the model was made for and the report shows; 0: none. */
static double longest_context(const walk *k) {
    double most = (double)k->work->combo.sc.model->max_context;
    size_t n = k->q->n_contexts;
    while (n > 0 && most > 0 && k->q->context[n - 1] > most)
        n--;
    return n ? k->q->context[n - 1] : 0;
}

/** The layout lowered for the engine at hand; NULL when memory is gone. */
static const replica *replica_of(walk *k, const kern_layout *layout) {
    int small = k->at.k.engine != k->work->combo.sc.engine;
    for (size_t i = 0; i < k->n_replicas; i++) {
        if (k->replica[i]->small == small && same_layout(&k->replica[i]->layout, layout)) return k->replica[i];
    }
    if (k->n_replicas == k->cap_replicas) {
        size_t cap = 2 * k->cap_replicas + 32;
        replica **more = realloc(k->replica, cap * sizeof *more);
        if (!more) return NULL;
        k->replica = more;
        k->cap_replicas = cap;
    }
    replica *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    kern_scenario sc = k->at.k;
    sc.layout = r->layout = *layout;
    r->small = small;
    double batch = sc.mode->train == KERN_INFERENCE ? 1 : k->q->batch;
    r->allowed =
        kern_lower(&sc, &(kern_bounds){fmax(longest_context(k), 1), batch}, &r->record, r->why, NULL, NULL) == ERR_OK;
    return k->replica[k->n_replicas++] = r;
}

static const kern_decode *reads_of(walk *k, int tp) {
    for (const reads *r = k->reads; r; r = r->next) {
        if (r->tp == tp) return r->at;
    }
    reads *r = calloc(1, sizeof *r + k->q->n_contexts * sizeof *r->at);
    if (!r) return NULL;
    r->tp = tp;
    r->next = k->reads;
    k->reads = r;
    kern_scenario sc = k->at.k;
    sc.layout.tp = tp;
    for (size_t i = 0; i < k->q->n_contexts; i++)
        kern_lower_decode(&sc, k->q->context[i], &r->at[i]);
    return r->at;
}

static void forget_replicas(walk *k) {
    for (size_t i = 0; i < k->n_replicas; i++)
        free(k->replica[i]);
    for (reads *next; k->reads; k->reads = next) {
        next = k->reads->next;
        free(k->reads);
    }
    k->n_replicas = 0;
}

static int is_skipped(const walk *k, size_t context) {
    const sweep_procure *q = k->q;
    return q->plan && sweep_plan_skips_cells(q->plan) &&
           sweep_plan_skips(q->plan, &k->work->combo, q->i_context[context], q->i_batch, q->i_gpu[k->gpu]);
}

static int is_shown(const walk *k, size_t context) {
    return k->q->context[context] >= k->q->shown_context && k->q->context[context] <= k->q->shown_context;
}

/** Keeps what misses least at the context shown; what was not even lowered only when nothing was. */
static void note_miss(walk *k, const kern_layout *layout, double need, double capacity, const char *why) {
    sweep_refusal *m = &k->miss;
    int better = !m->layout || (isnan(m->need) && !isnan(need)) || need / capacity < m->need / m->capacity;
    char text[KERN_LAYOUT_TEXT];
    if (!better) return;
    sweep_layout_text(layout, text);
    const char *shown = arena_text(k->q->mem, text, strlen(text)), *reason = arena_text(k->q->mem, why, strlen(why));
    *m = (sweep_refusal){k->w, k->gpu, shown, kern_layout_gpus(layout), need, capacity, reason};
}

/** A training step takes what it takes: the batch, or nothing. */
static void load_step(const walk *k, const kern_record *r, double s, double capacity, report_load *out) {
    *out = (report_load){.capacity = capacity};
    out->need = kern_eval_charge(r, k->q->batch, s);
    out->users = out->need <= capacity ? k->q->batch : 0;
}

static void load_at(walk *k, const replica *r, const kern_decode *d, size_t i, report_load *out) {
    static const char beyond[] = "the model was not made for this context", skipped[] = "left out by a skip rule",
                      full[] = "one sequence needs more than a GPU has", step[] = "a step needs more than a GPU has";
    const sweep_procure *q = k->q;
    kern_scenario sc = k->at.k;
    double s = q->context[i];
    int bent = 0;
    sc.layout = r->layout;
    double capacity = kern_capacity(&sc, gpu_at_hand(k), kern_layout_gpus(&r->layout), KERN_USE_SERVE);
    *out = (report_load){.capacity = capacity, .why = beyond};
    if (sc.model->max_context && s > (double)sc.model->max_context) {
        if (is_shown(k, i)) note_miss(k, &r->layout, NAN, NAN, beyond);
        return;
    }
    out->why = skipped;
    if (is_skipped(k, i)) return;
    if (sc.mode->train != KERN_INFERENCE) {
        load_step(k, &r->record, s, capacity, out);
    } else {
        sweep_procure_load(&r->record, s, capacity, out, &bent);
        out->cache_user = d[i].cache_user;
    }
    k->q->n_bent += (size_t)bent;
    if (out->users < 1) out->why = sc.mode->train != KERN_INFERENCE ? step : full;
    if (out->users < 1 && is_shown(k, i)) note_miss(k, &r->layout, out->need + out->need_user, capacity, out->why);
}

static err push_option(walk *k, const replica *r, const kern_decode *d, const report_load *load) {
    sweep_procure *q = k->q;
    char text[KERN_LAYOUT_TEXT];
    if (k->n_options == SWEEP_OPTIONS_MAX) {
        return diag_add(q->faults, ERR_LIMIT, q->file, q->line, q->column, "procurement",
                        "more than %d options; name fewer GPUs, models or formats, or a smaller max_gpus",
                        SWEEP_OPTIONS_MAX);
    }
    report_option *o =
        arena_grow(q->mem, k->option, k->n_options, &k->cap_options, k->n_options + 1, sizeof *k->option);
    sweep_layout_text(&r->layout, text);
    const char *layout = arena_text(q->mem, text, strlen(text));
    if (!o || !layout) return sweep_procure_no_memory(q);
    k->option = o;
    double tp = r->layout.tp, gpus = kern_layout_gpus(&r->layout);
    o[k->n_options++] = (report_option){.model = k->work->combo.sc.model->name,
                                        .weights = k->work->weights,
                                        .kv = k->work->kv,
                                        .layout = layout,
                                        .gpu = k->gpu,
                                        .tp = tp,
                                        .pp = gpus / tp,
                                        .read = d->weights,
                                        .experts = d->experts,
                                        .expert_share = d->expert_share,
                                        .load = load,
                                        .trains = k->at.k.mode->train != KERN_INFERENCE};
    return ERR_OK;
}

/** Looks at one layout; *allowed: by the model and the engine's rules. */
static err add_layout(walk *k, const kern_layout *layout, int *allowed) {
    static const kern_decode none = {0};
    sweep_procure *q = k->q;
    int holds = 0, serves = k->at.k.mode->train == KERN_INFERENCE;
    const replica *r = replica_of(k, layout);
    const kern_decode *d = serves ? reads_of(k, layout->tp) : &none;
    report_load *load = arena_alloc(q->mem, q->n_contexts, sizeof *load);
    if (!r || !d || !load) return sweep_procure_no_memory(q);
    *allowed = r->allowed;
    if (!r->allowed) {
        note_miss(k, layout, NAN, NAN, r->why);
        return ERR_OK;
    }
    for (size_t i = 0; i < q->n_contexts; i++) {
        load_at(k, r, d, i, &load[i]);
        holds |= load[i].users >= 1;
        k->fits |= load[i].users >= 1 && is_shown(k, i);
    }
    return holds ? push_option(k, r, d, load) : ERR_OK;
}

/** The layouts of sweep_procure_tries_..., in growing order. */
static err add_ladder(walk *k) {
    const kern_gpu *gpu = gpu_at_hand(k);
    unsigned ways = k->at.k.engine->serves;
    int node = gpu->max_per_node > 0 ? gpu->max_per_node : 1, most = (int)k->q->buying.max_gpus, widest = 0, allowed;
    for (int tp = 1; tp <= (ways & KERN_SPLIT_TP ? node : 1); tp++) {
        kern_layout at = {.tp = tp, .pp = 1, .dp = 1, .ep = 1, .cp = 1};
        if (!sweep_procure_tries_tp(tp, node, most)) continue;
        TRY(add_layout(k, &at, &allowed));
        if (allowed && node % tp == 0) widest = tp;
    }
    for (int pp = 2; widest && ways & KERN_SPLIT_PP && (int64_t)widest * pp <= most; pp++) {
        kern_layout at = {.tp = widest, .pp = pp, .dp = 1, .ep = 1, .cp = 1};
        if (sweep_procure_tries_pp(widest, pp, node, most)) TRY(add_layout(k, &at, &allowed));
    }
    return ERR_OK;
}

/** The layout that was asked for, where the node has room for its tensor parallelism. */
static err add_given(walk *k) {
    const kern_layout *at = &k->work->combo.sc.layout;
    int allowed;
    if (at->tp > gpu_at_hand(k)->max_per_node || kern_layout_gpus(at) > k->q->buying.max_gpus) return ERR_OK;
    return add_layout(k, at, &allowed);
}

/** The fewest GPUs at each context; a layout that several contexts ask for is looked at once. */
static err add_training(walk *k) {
    const sweep_procure *q = k->q;
    int allowed;
    kern_layout *found = arena_alloc(q->mem, q->n_contexts + 1, sizeof *found);
    size_t n = 0;
    if (!found) return sweep_procure_no_memory(q);
    for (size_t i = 0; i < q->n_contexts; i++) {
        int gpus = kern_min_gpus(&k->at.k, gpu_at_hand(k), q->batch, q->context[i], &found[n]);
        size_t same = 0;
        if (gpus < 1 || gpus > q->buying.max_gpus) {
            static const char why[] = "no layout of so many GPUs holds a step";
            if (is_shown(k, i) && !k->miss.layout) k->miss = (sweep_refusal){k->w, k->gpu, "", NAN, NAN, NAN, why};
            continue;
        }
        while (!same_layout(&found[same], &found[n]))
            same++;
        if (same < n) continue;
        TRY(add_layout(k, &found[n++], &allowed));
    }
    return ERR_OK;
}

/** The work at hand on the GPU at hand. */
static err add_work(walk *k) {
    k->at.k = k->work->combo.sc;
    sweep_scenario_on_gpu(k->q->text, gpu_at_hand(k), &k->at);
    if (k->at.k.mode->train != KERN_INFERENCE) return add_training(k);
    return k->work->given ? add_given(k) : add_ladder(k);
}

static err keep_refusal(walk *k) {
    sweep_procure *q = k->q;
    if (k->fits || !k->miss.layout) return ERR_OK;
    sweep_refusal *more =
        arena_grow(q->mem, q->refusal, q->n_refusals, &k->cap_refusals, q->n_refusals + 1, sizeof *more);
    if (!more) return sweep_procure_no_memory(q);
    q->refusal = more;
    q->refusal[q->n_refusals++] = k->miss;
    return ERR_OK;
}

/** Works [from, to) that differ in their layout alone: a GPU is refused when it holds none of them. */
static err add_alike(walk *k, size_t from, size_t to) {
    for (k->gpu = 0; k->gpu < k->q->n_gpus; k->gpu++) {
        k->fits = 0;
        k->miss = (sweep_refusal){0};
        for (k->w = from; k->w < to; k->w++) {
            k->work = &k->q->work[k->w];
            TRY(add_work(k));
        }
        TRY(keep_refusal(k));
    }
    forget_replicas(k);
    return ERR_OK;
}

static int is_alike(const sweep_work *x, const sweep_work *y) {
    return x->combo.sc.model == y->combo.sc.model && x->weights == y->weights && x->kv == y->kv;
}

static err add_works(walk *k) {
    const sweep_procure *q = k->q;
    for (size_t from = 0, to; from < q->n_works; from = to) {
        to = from + 1;
        while (to < q->n_works && is_alike(&q->work[from], &q->work[to]))
            to++;
        TRY(add_alike(k, from, to));
    }
    return ERR_OK;
}

err sweep_procure_options(sweep_procure *q) {
    walk *k = calloc(1, sizeof *k);
    if (!k) return sweep_procure_no_memory(q);
    k->q = q;
    err e = add_works(k);
    forget_replicas(k);
    q->report.option = k->option;
    q->report.n_options = k->n_options;
    free(k->replica);
    free(k);
    return e;
}
