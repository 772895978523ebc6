/*
 * bench_lowering.c - catalog rows to cost records: every model of the catalog in a few formats. There is no second way
 * to lower, so no twin.
 */
#include "bench/bench.h"
#include "kernels/lower/lower.h"

enum { SCENARIOS_MAX = 4096 };

static kern_scenario scenario[SCENARIOS_MAX];
static size_t n_scenarios;

static void lower_all(void) {
    static kern_record r;
    static char why[DIAG_TEXT];
    double terms = 0;
    for (size_t i = 0; i < n_scenarios; i++) {
        if (kern_lower(&scenario[i], &(kern_bounds){0x1p17, 0x1p8}, &r, why, NULL, NULL) == ERR_OK) terms += r.n_terms;
    }
    bench_keep(terms);
}

static int collect(const sweep_catalogs *c, const char *const *formats, const char *engine) {
    int older;
    const kern_engine *e = sweep_find_engine(c, engine, &older);
    n_scenarios = 0;
    for (size_t m = 0; m < c->models.n; m++) {
        for (const char *const *f = formats; *f && n_scenarios < SCENARIOS_MAX; f++) {
            kern_scenario sc = {.model = c->models.rows[m],
                                .weights = sweep_find_weights(c, *f),
                                .k = sweep_find_kv(c, "bf16"),
                                .mode = c->modes.rows[0],
                                .engine = e,
                                .method = sweep_find_method(c, "exact"),
                                .layout = {.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1}};
            sc.v = sc.k;
            if (!sc.weights || !sc.k || !sc.engine || !sc.method) return 0;
            scenario[n_scenarios++] = sc;
        }
    }
    return n_scenarios > 0;
}

int bench_add_lowering(bench_set *set) {
    static const char *const formats[] = {"bf16", "fp8-channel", "q4_k_m", NULL};
    if (!collect(set->catalogs, formats, "none")) return 0;
    set->item[set->n++] = (bench_case){.name = "lower the catalog in three formats",
                                       .unit = "combination",
                                       .units = (double)n_scenarios,
                                       .ours = lower_all};
    return 1;
}
