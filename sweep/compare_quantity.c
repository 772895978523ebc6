/*
 * compare_quantity.c - what a published cell can show: the measures of tables and a few that only documents print. A
 * quantity and a unit decide the number; nothing here knows a document or a cell.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "kernels/eval/eval.h"
#include "kernels/lower/lower.h"
#include "kernels/lower/published.h"
#include "report/number.h"
#include "sweep/compare.h"
#include "sweep/config.h"
#include "sweep/measure.h"

typedef struct evaluation {
    const sweep_scenario *sc;
    kern_record r;
    double component[KERN_COMPONENTS], charge;
} evaluation;

static double model_states(const evaluation *e) {
    return e->component[KERN_WEIGHTS] + e->component[KERN_GRADIENTS] + e->component[KERN_OPTIMIZER];
}

static double params(const evaluation *e) {
    return (double)e->sc->k.model->params_total;
}
static double optimizer_per_param(const evaluation *e) {
    return e->component[KERN_OPTIMIZER] / params(e);
}
static double states_per_param(const evaluation *e) {
    return model_states(e) / params(e);
}
static double format_bits(const evaluation *e) {
    return e->sc->k.weights->bits;
}
static double gpu_memory(const evaluation *e) {
    return e->sc->gpu->marketed_gb * 1e9 * e->sc->gpus;
}

/** What the GPUs leave for the KV cache, as the document adds up the rest. */
static double kv_budget(const evaluation *e) {
    double capacity = kern_capacity(&e->sc->k, e->sc->gpu, e->sc->gpus, KERN_USE_SERVE);
    return capacity - (e->charge - e->component[KERN_KV_CACHE] * e->r.charge[KERN_KV_CACHE]);
}

static double kv_capacity(const evaluation *e) {
    return kern_kv_capacity(&e->r, e->sc->context, kern_capacity(&e->sc->k, e->sc->gpu, e->sc->gpus, KERN_USE_SERVE));
}

/**
 * Size of the released files: every tensor of a checkpoint, MTP layers and towers among them. GGUF keeps towers in a
 * file of their own, and MTP layers only of some architectures. Headers and metadata of the files are not counted.
 */
static double checkpoint(const evaluation *e) {
    const kern_scenario *k = &e->sc->k;
    int gguf = k->weights->kind == KERN_FORMAT_MIX;
    return kern_model_bytes(k->model, k->weights, !gguf || k->model->gguf_mtp, !gguf);
}

static double trainable_params(const evaluation *e) {
    const kern_scenario *k = &e->sc->k;
    return kern_trainable_params(k);
}

/** Everything that LoRA adds to the frozen base: its weights, gradients and optimizer. */
static double adapters(const evaluation *e) {
    kern_scenario frozen = e->sc->k;
    kern_mode mode = *frozen.mode;
    kern_record r;
    char why[DIAG_TEXT];
    double base[KERN_COMPONENTS] = {0};
    mode.train = KERN_INFERENCE;
    frozen.mode = &mode;
    if (kern_lower(&frozen, &(kern_bounds){1, 1}, &r, why, NULL, NULL) == ERR_OK) kern_eval_cell(&r, 1, 1, base, NULL);
    return model_states(e) - base[KERN_WEIGHTS];
}

typedef enum kind { BYTES, TOKENS, PARAMS, COUNT, BITS, MONEY } kind;

/** Quantities beside the measures of tables. */
static const struct extra {
    const char *name;
    kind kind;
    unsigned char needs_gpu, stated;
    double (*value)(const evaluation *e);
} extras[] = {
    {"kv_budget", BYTES, 1, 0, kv_budget},
    {"kv_capacity_tokens", TOKENS, 1, 0, kv_capacity},
    {"adapters", BYTES, 0, 0, adapters},
    {"checkpoint", BYTES, 0, 0, checkpoint},
    {"optimizer_per_param", BYTES, 0, 0, optimizer_per_param},
    {"states_per_param", BYTES, 0, 0, states_per_param},
    {"gpu_memory", BYTES, 1, 0, gpu_memory},
    {"trainable_params", PARAMS, 0, 0, trainable_params},
    {"format_bits", BITS, 0, 1, format_bits},
};
enum { EXTRAS = sizeof extras / sizeof *extras };

/** Units beside those of report/number.h. */
static const struct unit {
    const char *name;
    kind kind;
    double size;
} units[] = {
    {"TB(/1024)", BYTES, 1024e9}, /* some documents divide GB by 1024 */
    {"M params", PARAMS, 1e6},    {"Ki tokens", TOKENS, 1024}, {"tokens", TOKENS, 1}, {"GPUs", COUNT, 1},
    {"requests", COUNT, 1},       {"bits", BITS, 1},           {"USD", MONEY, 1},
};

/** Measures first, then extras. */
static const char *quantity_name(const void *unused, size_t i) {
    (void)unused;
    if (i < SWEEP_MEASURES) return sweep_measures[i].name;
    return i < SWEEP_MEASURES + EXTRAS ? extras[i - SWEEP_MEASURES].name : NULL;
}

static kind quantity_kind(size_t i) {
    if (i >= SWEEP_MEASURES) return extras[i - SWEEP_MEASURES].kind;
    if (sweep_measure_is_memory((sweep_measure)i)) return BYTES;
    if (sweep_measure_kind((sweep_measure)i) == SWEEP_OF_USD) return MONEY;
    return i == SWEEP_MAX_CONTEXT || i == SWEEP_CROSSOVER_CONTEXT ? TOKENS : COUNT;
}

/** Size of a unit that can measure this kind; 0 when there is none. */
static double unit_size(const char *name, kind k) {
    const report_unit *memory = report_unit_find(name);
    if (memory && memory->bytes > 0) return k == BYTES ? memory->bytes : 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].kind == k && strcmp(units[i].name, name) == 0) return units[i].size;
    return 0;
}

static err extra_value(const struct extra *x, const sweep_scenario *sc, double *value, char *why) {
    evaluation e = {.sc = sc};
    if (x->needs_gpu && !sc->gpu) {
        snprintf(why, DIAG_TEXT, "%s needs a GPU", x->name);
        return ERR_MISSING;
    }
    TRY(kern_lower(&sc->k, &(kern_bounds){sc->context, sc->batch}, &e.r, why, NULL, NULL));
    kern_eval_cell(&e.r, sc->batch, sc->context, e.component, &e.charge);
    *value = x->value(&e);
    return ERR_OK;
}

/** Totals are added up as the document does; a component alone is its bytes, in whatever unit the cell names. */
static err measure_value(sweep_measure m, const sweep_scenario *sc, double *value, char *why) {
    const sweep_point p = {.sc = &sc->k, .context = sc->context, .batch = sc->batch, .gpu = sc->gpu, .gpus = sc->gpus};
    return sweep_measure_value(m, &p, m == SWEEP_TOTAL, value, why);
}

err sweep_quantity_value(const sweep_scenario *sc, const char *quantity, const char *unit, double *value, int *stated,
                         char *why, const char **field) {
    char near[160];
    double plain = 0; /* bytes, tokens, GPUs, ... */
    size_t i = 0;
    while (i < SWEEP_MEASURES + EXTRAS && strcmp(quantity_name(NULL, i), quantity) != 0)
        i++;
    *field = "quantity";
    if (i == SWEEP_MEASURES + EXTRAS) {
        text_suggest(quantity, quantity_name, NULL, 3, near, sizeof near);
        snprintf(why, DIAG_TEXT, "no quantity is called '%.60s'%s%s", quantity, near[0] ? "; " : "", near);
        return ERR_NAME;
    }
    double size = unit_size(unit, quantity_kind(i));
    *field = "unit";
    if (size <= 0) {
        snprintf(why, DIAG_TEXT, "'%.60s' is no unit of %s", unit, quantity);
        return ERR_NAME;
    }
    *field = NULL;
    TRY(i < SWEEP_MEASURES ? measure_value((sweep_measure)i, sc, &plain, why)
                           : extra_value(&extras[i - SWEEP_MEASURES], sc, &plain, why));
    *value = plain / size;
    *stated = i >= SWEEP_MEASURES && extras[i - SWEEP_MEASURES].stated;
    return ERR_OK;
}
