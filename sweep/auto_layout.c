/*
 * auto_layout.c - texts of a scenario to the question of a search, and its answer back into the scenario.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "sweep/auto_layout.h"

const char *const sweep_checkpointing_name[] = {"none", "selective", "full"};

int sweep_auto_is(const char *text) {
    return text && text_same(text, "auto");
}

static int given(const char *const text[SC_COLUMNS], sweep_column c) {
    return text[c] && *text[c];
}

static err refuse(const sweep_place *at, err code, const char *field, const char *why, diags *faults) {
    return diag_add(faults, code, at->file, at->line, 0, field, "%s", why);
}

static unsigned given_bits(const char *const text[SC_COLUMNS]) {
    static const struct {
        sweep_column column;
        kern_given bit;
    } rows[] = {{SC_TP, KERN_GIVEN_TP},
                {SC_PP, KERN_GIVEN_PP},
                {SC_CP, KERN_GIVEN_CP},
                {SC_DP, KERN_GIVEN_DP},
                {SC_EP, KERN_GIVEN_EP},
                {SC_ZERO, KERN_GIVEN_ZERO},
                {SC_SEQUENCE_PARALLEL, KERN_GIVEN_SP},
                {SC_CHECKPOINTING, KERN_GIVEN_CHECKPOINTING}};
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        bits |= given(text, rows[i].column) ? rows[i].bit : 0;
    return bits;
}

static err take_objective(const char *const text[SC_COLUMNS], const sweep_place *at, sweep_auto *a, diags *faults) {
    static const char *const words[] = {"headroom", "gpus", "cost"};
    a->objective = SWEEP_BEST_HEADROOM;
    if (!given(text, SC_OBJECTIVE)) return ERR_OK;
    for (int i = 0; i < 3; i++) {
        if (!text_same(words[i], text[SC_OBJECTIVE])) continue;
        a->objective = (sweep_objective)i;
        return ERR_OK;
    }
    return diag_add(faults, ERR_TYPE, at->file, at->line, 0, "objective",
                    "found '%.40s', expected headroom, gpus or cost", text[SC_OBJECTIVE]);
}

static err take_global_batch(const char *const text[SC_COLUMNS], const sweep_place *at, sweep_auto *a, diags *faults) {
    uint64_t n;
    if (!given(text, SC_GLOBAL_BATCH)) return ERR_OK;
    if (!text_count(text[SC_GLOBAL_BATCH], &n) || n < 1 || n > SWEEP_BATCH_MAX) {
        return diag_add(faults, ERR_RANGE, at->file, at->line, 0, "global_batch", "found '%.40s', expected 1 to %d",
                        text[SC_GLOBAL_BATCH], SWEEP_BATCH_MAX);
    }
    if (a->q.sc.mode->train == KERN_INFERENCE)
        return refuse(at, ERR_RANGE, "global_batch", "is of a training step, the mode serves", faults);
    if (given(text, SC_MICRO_BATCHES))
        return refuse(at, ERR_RANGE, "global_batch", "decides micro_batches, which is given too", faults);
    a->q.global_batch = (int64_t)n;
    return ERR_OK;
}

/** What a search cannot do without. */
static err check(const sweep_scenario *sc, const char *const text[SC_COLUMNS], const sweep_place *at, diags *faults) {
    const kern_engine *e = sc->k.engine;
    int trains = sc->k.mode->train != KERN_INFERENCE;
    if (!sc->k.method->exact)
        return refuse(at, ERR_RANGE, "layout", "auto needs method=exact: published methods know no layouts", faults);
    if (!given(text, SC_GPUS)) return refuse(at, ERR_MISSING, "gpus", "layout=auto needs the number of GPUs", faults);
    if (!(trains ? e->trains : e->serves)) {
        return diag_add(faults, ERR_RANGE, at->file, at->line, 0, "layout",
                        "engine %s has no %s in engines.csv, so layout=auto has nothing to choose from", e->name,
                        trains ? "train_layouts" : "serve_layouts");
    }
    return ERR_OK;
}

err sweep_auto_build(const sweep_catalogs *c, const char *const text[SC_COLUMNS], const sweep_place *at,
                     sweep_scenario *out, sweep_auto *a, diags *faults) {
    const char *rest[SC_COLUMNS];
    memset(a, 0, sizeof *a);
    a->asked = sweep_auto_is(text[SC_LAYOUT]);
    if (!a->asked && given(text, SC_GLOBAL_BATCH))
        return refuse(at, ERR_RANGE, "global_batch", "is for layout=auto; with a layout say micro_batches", faults);
    if (!a->asked) return sweep_scenario_build(c, text, at, out, faults);
    memcpy(rest, text, sizeof rest);
    rest[SC_LAYOUT] = NULL;
    TRY(sweep_scenario_build(c, rest, at, out, faults));
    TRY(check(out, text, at, faults));
    a->gpus = out->gpus;
    a->q = (kern_layout_question){
        .sc = out->k, .given = given_bits(text), .node = 1, .context = out->context, .batch = out->batch};
    TRY(take_objective(text, at, a, faults));
    return take_global_batch(text, at, a, faults);
}

int sweep_auto_node(const kern_gpu *gpu) {
    return gpu->max_per_node > 1 ? gpu->max_per_node : 1;
}

void sweep_auto_none(int gpus, const char *reason, char *why) {
    snprintf(why, DIAG_TEXT, "no layout of %d GPUs is allowed: %.*s", gpus, DIAG_TEXT - 60,
             *reason ? reason : "what the engine has, or is given (a global batch too), does not divide that many");
}

size_t sweep_auto_search(const sweep_auto *a, const kern_gpu *gpu, kern_layout_choice *best, size_t cap, int *gpus,
                         kern_layout_counts *counts, char *why) {
    kern_layout_question q = a->q;
    char reason[DIAG_TEXT];
    size_t n = 0;
    q.gpu = gpu;
    q.node = sweep_auto_node(gpu);
    q.limit = gpu->usable_bytes;
    *gpus = a->objective == SWEEP_BEST_HEADROOM ? a->gpus : 1;
    for (;; ++*gpus) {
        if (!kern_layouts_tries(*gpus, q.node, a->gpus)) continue;
        n = kern_layouts_best(&q, *gpus, best, cap, counts, reason);
        if (*gpus == a->gpus || (n && best[0].charge <= best[0].capacity)) break;
    }
    if (n == 0 || best[0].charge > best[0].capacity) { /* what misses least, those over the limit included */
        q.limit = 0;
        *counts = (kern_layout_counts){0, 0, 0, 0};
        n = kern_layouts_best(&q, *gpus, best, cap, counts, reason);
    }
    if (n == 0) sweep_auto_none(*gpus, reason, why);
    return n;
}

void sweep_auto_take(sweep_scenario *sc, const kern_layout_choice *c, int gpus) {
    if (sc->k.mode != &sc->mode) sc->mode = *sc->k.mode;
    if (sc->mode.train != KERN_INFERENCE) sc->mode.checkpointing = c->checkpointing;
    sc->k.mode = &sc->mode;
    sc->k.layout = c->layout;
    sc->gpus = gpus;
}

err sweep_auto_choose(const sweep_auto *a, sweep_scenario *sc, char *why) {
    sweep_auto one = *a;
    kern_layout_choice best;
    kern_layout_counts counts = {0, 0, 0, 0};
    int gpus;
    if (!a->asked) return ERR_OK;
    if (!sc->gpu) {
        snprintf(why, DIAG_TEXT, "layout=auto needs gpu, the kind of GPU");
        return ERR_MISSING;
    }
    one.q.threads = 1;
    if (!sweep_auto_search(&one, sc->gpu, &best, 1, &gpus, &counts, why)) return ERR_SCENARIO;
    sweep_auto_take(sc, &best, gpus);
    return ERR_OK;
}
