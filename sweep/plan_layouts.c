/*
 * plan_layouts.c - choices of layout=auto, one slot for each combination. A thread that finds a slot empty searches;
 * the first to be done fills it, and whoever comes meanwhile takes its own answer, which is the same.
 */
#include <stdatomic.h>

#include "common/text.h"
#include "sweep/auto_layout.h"
#include "sweep/plan_layouts.h"

enum { EMPTY, FILLING, FILLED, CHECKPOINTINGS = KERN_CKPT_FULL + 1 };

typedef struct slot {
    atomic_uchar state;
    kern_layout_choice choice;
} slot;

typedef struct sweep_plan_layouts {
    slot *slot;
    kern_mode (*mode)[CHECKPOINTINGS]; /* modes of the axis with each kind of checkpointing */
} sweep_plan_layouts;

static const sweep_item *auto_item(const sweep_spec *s) {
    for (size_t i = 0; i < s->axis[SWEEP_LAYOUT].n; i++) {
        if (sweep_auto_is(s->axis[SWEEP_LAYOUT].item[i].text)) return &s->axis[SWEEP_LAYOUT].item[i];
    }
    return NULL;
}

static int nodes_differ(const sweep_plan *p) {
    for (size_t g = 1; g < p->n[SWEEP_GPU]; g++) {
        if (sweep_auto_node(p->gpu[g]) != sweep_auto_node(p->gpu[0])) return 1;
    }
    return 0;
}

static int published(const sweep_plan *p) {
    for (size_t i = 0; i < p->n[SWEEP_METHOD]; i++) {
        if (!p->value[SWEEP_METHOD][i].row.method->exact) return 1;
    }
    return 0;
}

/** An engine of the axis that names no layouts for a mode of the axis. */
static const kern_engine *without_layouts(const sweep_plan *p) {
    for (size_t i = 0; i < p->n[SWEEP_ENGINE]; i++) {
        const kern_engine *e = p->value[SWEEP_ENGINE][i].row.engine;
        for (size_t m = 0; m < p->n[SWEEP_MODE]; m++) {
            if (!(p->value[SWEEP_MODE][m].row.mode->train == KERN_INFERENCE ? e->serves : e->trains)) return e;
        }
    }
    return NULL;
}

static err check(const sweep_plan *p, const sweep_config *cfg, const sweep_item *at, diags *faults) {
    const kern_engine *e = without_layouts(p);
    if (!p->gpus || !p->n[SWEEP_GPU])
        return diag_add(faults, ERR_MISSING, cfg->path, at->line, at->column, "layout",
                        "auto needs gpu and gpus: what to share the model out over");
    if (nodes_differ(p))
        return diag_add(faults, ERR_RANGE, cfg->path, at->line, at->column, "layout",
                        "auto needs GPUs with equally many in a node; put the others into a sweep of their own");
    if (published(p))
        return diag_add(faults, ERR_RANGE, cfg->path, at->line, at->column, "layout",
                        "auto needs method exact: published methods know no layouts");
    if (e)
        return diag_add(faults, ERR_RANGE, cfg->path, at->line, at->column, "layout",
                        "engine %s has no layouts in engines.csv for a mode of this sweep", e->name);
    if (p->n_combos > SWEEP_AUTO_COMBOS_MAX)
        return diag_add(faults, ERR_LIMIT, cfg->path, at->line, at->column, "layout",
                        "auto searches for at most %d combinations", SWEEP_AUTO_COMBOS_MAX);
    return ERR_OK;
}

err sweep_plan_layouts_init(sweep_plan *p, arena *mem, const sweep_config *cfg, const sweep_spec *s, diags *faults) {
    const sweep_item *at = auto_item(s);
    if (!at) return ERR_OK;
    TRY(check(p, cfg, at, faults));
    sweep_plan_layouts *l = arena_alloc(mem, 1, sizeof *l);
    if (l) l->slot = arena_alloc(mem, p->n_combos, sizeof *l->slot);
    if (l) l->mode = arena_alloc(mem, p->n[SWEEP_MODE], sizeof *l->mode);
    if (!l || !l->slot || !l->mode)
        return diag_add(faults, ERR_MEMORY, cfg->path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (uint64_t i = 0; i < p->n_combos; i++)
        atomic_init(&l->slot[i].state, EMPTY);
    for (size_t m = 0; m < p->n[SWEEP_MODE]; m++) {
        for (unsigned c = 0; c < CHECKPOINTINGS; c++) {
            l->mode[m][c] = *p->value[SWEEP_MODE][m].row.mode;
            l->mode[m][c].checkpointing = (uint8_t)c;
        }
    }
    p->layouts = l;
    return ERR_OK;
}

/** Where none is allowed the layout stays without a degree, which lowering refuses. */
static kern_layout_choice search(const sweep_plan *p, const kern_scenario *sc) {
    kern_layout_question q = {.sc = *sc,
                              .gpu = p->n[SWEEP_GPU] == 1 ? p->gpu[0] : NULL,
                              .node = sweep_auto_node(p->gpu[0]),
                              .context = p->context[p->n[SWEEP_CONTEXT] - 1],
                              .batch = p->batch[p->n[SWEEP_BATCH] - 1],
                              .threads = 1};
    kern_layout_choice best = {.layout = {.tp = 0, .pp = 1, .dp = 1, .ep = 1, .cp = 1},
                               .checkpointing = sc->mode->checkpointing};
    kern_layout_counts counts = {0, 0, 0, 0};
    char why[DIAG_TEXT];
    q.sc.layout = (kern_layout){.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1};
    kern_layouts_best(&q, p->gpus, &best, 1, &counts, why);
    return best;
}

void sweep_plan_layouts_take(const sweep_plan *p, uint64_t i, sweep_combo *out) {
    slot *s = &p->layouts->slot[i];
    kern_layout_choice found;
    unsigned char empty = EMPTY;
    if (atomic_load_explicit(&s->state, memory_order_acquire) == FILLED) {
        found = s->choice;
    } else {
        found = search(p, &out->sc);
        if (atomic_compare_exchange_strong(&s->state, &empty, FILLING)) {
            s->choice = found;
            atomic_store_explicit(&s->state, FILLED, memory_order_release);
        }
    }
    out->sc.layout = found.layout;
    if (out->sc.mode->train != KERN_INFERENCE)
        out->sc.mode = &p->layouts->mode[out->at[SWEEP_MODE]][found.checkpointing];
}
