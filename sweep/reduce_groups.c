/*
 * reduce_groups.c - `reduce` with `by`: combinations that differ in other axes are added up, so a grid of any size
 * gives a small table. A family (method, engine, model) is one thread's at a time. Inside, what neighbours share is
 * made once: a layout prices each weight format once for all modes that run or freeze it, the rest of a record is
 * lowered once for all weight formats. Records without lines, published methods, layouts that are searched for and skip
 * rules about cells go combination by combination.
 */
#include <omp.h>

#include "sweep/ranks.h"
#include "sweep/reduce_family.h"

/** The combination at hand by itself. */
static void count_combination(sweep_family *f) {
    const sweep_reduce *j = f->j;
    char why[DIAG_TEXT];
    sweep_combo c;
    if (!sweep_pick_combination(j->pick, f->at, &c)) return;
    int ok = kern_lower(&c.sc, &j->bounds, &f->record, why, NULL, NULL) == ERR_OK;
    sweep_tally one = {1, !ok, KERN_EXTENT_NONE};
    if (ok) {
        sweep_reduce_record(&f->r, j, &c, &f->record);
        one.extent.least = kern_eval_cell(&f->record, j->grid.b[0], j->grid.s[0], NULL, NULL);
        one.extent.most = kern_eval_cell(&f->record, j->bounds.b_max, j->bounds.s_max, NULL, NULL);
    }
    sweep_family_add_counted(f, &one, ok ? f->r.counted : NULL);
}

/** All weight formats and `n` K/V formats from the one at hand on. */
static void count_each(sweep_family *f, size_t n) {
    size_t first = f->at[SWEEP_KV];
    sweep_family_flush(f); /* capacities change */
    for (size_t v = first; v < first + n; v++) {
        for (size_t w = 0; w < f->j->pick->n[SWEEP_WEIGHTS] && !sweep_progress_stopped(); w++) {
            f->at[SWEEP_KV] = v;
            f->at[SWEEP_WEIGHTS] = w;
            count_combination(f);
        }
    }
    f->r.caps.n = 0;
    f->at[SWEEP_KV] = first;
}

static void refuse_all(sweep_family *f, kern_weights_use use) {
    size_t n = use == KERN_WEIGHTS_OWN ? 1 : f->j->pick->n[SWEEP_WEIGHTS];
    for (size_t w = 0; w < n; w++) {
        f->at[SWEEP_WEIGHTS] = w;
        sweep_family_add(f, use, 1);
    }
}

/** All weight formats of one mode and layout, with the `n_kv` K/V formats that make no difference to the mode. */
static void count_formats(sweep_family *f, kern_weights_use use, size_t n_kv) {
    const sweep_reduce *j = f->j;
    char why[DIAG_TEXT];
    sweep_combo c;
    f->at[SWEEP_WEIGHTS] = 0;
    sweep_pick_combination(j->pick, f->at, &c);
    const sweep_plan *p = j->pick->plan;
    int share = c.sc.method->exact && j->grid.batches_to && !sweep_plan_skips_cells(p) && !p->layouts;
    err e = share ? kern_lower_half(&c.sc, &j->bounds, KERN_HALF_REST, &f->record, why) : ERR_OK;
    if (!share || (e == ERR_OK && !kern_record_lines(&f->record))) {
        count_each(f, n_kv);
    } else if (e != ERR_OK) {
        refuse_all(f, use);
    } else {
        if (sweep_capacities_read(&f->r.caps, j, &c.sc)) {
            sweep_family_flush(f);
            sweep_capacities_rank(&f->r.caps, j);
        }
        sweep_formats_count(f, use);
    }
}

/** Modes at the layout at hand that use the weight format in one way. */
static void count_modes(sweep_family *f, kern_weights_use use) {
    const sweep_pick *k = f->j->pick;
    size_t n_kv = use == KERN_WEIGHTS_RUN ? 1 : k->n[SWEEP_KV];
    for (size_t w = 0; w < k->n[SWEEP_WEIGHTS]; w++)
        f->priced[w].format = NULL;
    for (size_t m = 0; m < k->n[SWEEP_MODE]; m++) {
        const kern_mode *mode = k->plan->value[SWEEP_MODE][k->index[SWEEP_MODE][m]].row.mode;
        if (kern_mode_weights(mode) != use) continue;
        f->at[SWEEP_MODE] = m;
        sweep_formats_price(f, use);
        for (size_t v = 0; v < k->n[SWEEP_KV] && !sweep_progress_stopped(); v += n_kv) {
            f->at[SWEEP_KV] = v;
            count_formats(f, use, n_kv);
        }
    }
}

static void count_family(sweep_family *f, size_t number) {
    const sweep_pick *k = f->j->pick;
    for (int i = SWEEP_OUTER; i-- > 0; number /= k->n[sweep_outer[i]])
        f->at[sweep_outer[i]] = number % k->n[sweep_outer[i]];
    for (size_t l = 0; l < k->n[SWEEP_LAYOUT]; l++) {
        f->at[SWEEP_LAYOUT] = l;
        for (int use = KERN_WEIGHTS_RUN; use <= KERN_WEIGHTS_OWN; use++)
            count_modes(f, (kern_weights_use)use);
    }
    sweep_family_flush(f);
}

err sweep_groups_count(sweep_run *run, sweep_groups *to) {
    int threads = run->ctx->options->threads ? run->ctx->options->threads : omp_get_num_procs(), failed = 0;
    size_t families = 1;
    for (int i = 0; i < SWEEP_OUTER; i++)
        families *= to->j->pick->n[sweep_outer[i]];
    sweep_progress_begin(run->progress, "reducing", families);
#pragma omp parallel num_threads(threads) reduction(| : failed)
    {
        sweep_family *f = sweep_family_new(to);
        failed = !f;
#pragma omp for schedule(dynamic, 1)
        for (size_t n = 0; n < families; n++) {
            int mine = n % sweep_ranks_n() == sweep_ranks_me();
            if (f && mine && !sweep_progress_stopped()) count_family(f, n);
            sweep_progress_add(run->progress, 1);
        }
        sweep_family_free(f);
    }
    sweep_progress_end(run->progress);
    if (failed) return sweep_run_no_memory(run);
    return sweep_progress_stopped() ? ERR_INTERRUPTED : ERR_OK;
}
