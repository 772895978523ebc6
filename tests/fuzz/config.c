/*
 * config.c - a config from its YAML to the plan of its sweeps and the picks of its reports, then some combinations
 * evaluated at the corners of the grid. Files that it names are not opened.
 */
#include "sweep/combos.h"
#include "sweep/plan_layouts.h"
#include "tests/fuzz/fuzz.h"

enum { COMBOS = 4, GPUS_SEARCHED = 8 };

/** Searching for layouts takes as long as there are many: that is what the reports' estimates are for. */
static int searches_long(const sweep_plan *p) {
    return p->layouts && p->gpus > GPUS_SEARCHED;
}

static void drive_plan(const sweep_plan *p) {
    const double s = p->context[p->n[SWEEP_CONTEXT] - 1], b = p->batch[p->n[SWEEP_BATCH] - 1];
    for (unsigned a = 0; a < SWEEP_AXES; a++) {
        for (size_t i = 0; i < p->n[a] && i < COMBOS; i++)
            FUZZ_CHECK(sweep_plan_find(p, (sweep_axis)a, sweep_plan_label(p, (sweep_axis)a, i)) >= 0);
    }
    if (searches_long(p)) return;
    for (uint64_t i = 0; i < COMBOS && i < p->n_combos; i++) {
        sweep_combo combo;
        if (!sweep_plan_combo(p, p->n_combos / COMBOS * i + i % p->n_combos % COMBOS, &combo)) continue;
        sweep_plan_skips(p, &combo, 0, p->n[SWEEP_BATCH] - 1, p->n[SWEEP_GPU] ? 0 : -1);
        fuzz_lower(&combo.sc, s, b);
        fuzz_lower(&combo.sc, p->context[0], p->batch[0]);
    }
}

static void drive_reports(const sweep_config *cfg, const sweep_plan *p, size_t i_sweep, arena *mem) {
    for (size_t i = 0; i < cfg->n_reports; i++) {
        const sweep_report *r = &cfg->reports[i];
        diags faults = {.n = 0};
        sweep_pick k;
        if (r->i_sweep != i_sweep || r->kind == SWEEP_REPORT_COMPARE || r->kind == SWEEP_REPORT_CHANGES) continue;
        err e = sweep_pick_build(&k, mem, p, cfg, r, &faults);
        fuzz_faults(e, &faults);
        if (e == ERR_OK) FUZZ_CHECK(sweep_combos_count(&k) <= p->n_combos);
    }
}

void fuzz_config(const uint8_t *data, size_t n) {
    diags faults = {.n = 0};
    sweep_config cfg;
    arena mem;
    fuzz_arena(&mem);
    err e = sweep_config_parse(&cfg, &mem, "folder/fuzz.yaml", (const char *)data, n, &faults);
    fuzz_faults(e, &faults);
    for (size_t i = 0; e == ERR_OK && i < cfg.n_sweeps; i++) {
        sweep_plan plan;
        faults.n = faults.dropped = 0;
        err built = sweep_plan_build(&plan, &mem, fuzz_catalogs(), &cfg, i, &faults);
        fuzz_faults(built, &faults);
        if (built != ERR_OK) continue;
        drive_plan(&plan);
        drive_reports(&cfg, &plan, i, &mem);
    }
    arena_fini(&mem);
}
