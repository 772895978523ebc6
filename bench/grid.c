/*
 * grid.c - the grid of a config, written by the program's own path and by its plain twin.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench/grid.h"
#include "kernels/eval/eval.h"
#include "report/scenario_csv.h"

static err open_grid(bench_grid *g, const char *config) {
    TRY(sweep_config_load(&g->cfg, &g->ctx.mem, config, &g->ctx.faults));
    TRY(sweep_ctx_catalogs(&g->ctx, NULL, 0));
    return sweep_plan_build(&g->plan, &g->ctx.mem, &g->ctx.catalogs, &g->cfg, 0, &g->ctx.faults);
}

int bench_grid_open(bench_grid *g, const char *config) {
    memset(g, 0, sizeof *g);
    arena_init(&g->ctx.mem, NULL, NULL);
    g->options.quiet = 1;
    g->ctx.options = &g->options;
    g->run = (sweep_run){.ctx = &g->ctx, .cfg = &g->cfg, .plans = &g->plan, .dir = "/dev"};
    if (open_grid(g, config) == ERR_OK) {
        g->bounds =
            (kern_bounds){g->plan.context[g->plan.n[SWEEP_CONTEXT] - 1], g->plan.batch[g->plan.n[SWEEP_BATCH] - 1]};
        return 1;
    }
    diags_print(stderr, &g->ctx.faults);
    bench_grid_close(g);
    return 0;
}

void bench_grid_close(bench_grid *g) {
    arena_fini(&g->ctx.mem);
}

double bench_grid_cells(const bench_grid *g) {
    return (double)g->plan.n_combos * (double)g->plan.n[SWEEP_CONTEXT] * (double)g->plan.n[SWEEP_BATCH];
}

/** No file is synced here, as most programs sync none: these stand before those of the C library. */
int fsync(int fd) {
    (void)fd;
    return 0;
}

int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned int flags) {
    (void)fd, (void)offset, (void)bytes, (void)flags;
    return 0;
}

int bench_grid_write(bench_grid *g, const char *path, int threads) {
    sweep_report r = g->cfg.reports[0];
    const char *slash = strrchr(path, '/');
    g->run.dir = arena_printf(&g->ctx.mem, "%.*s", (int)(slash - path), path);
    r.target = slash + 1;
    g->options.threads = threads;
    return g->run.dir && sweep_run_csv(&g->run, &r) == ERR_OK;
}

static void print_cell(const sweep_plan *p, const sweep_combo *c, const kern_record *r, size_t i, size_t j, FILE *out) {
    double component[KERN_COMPONENTS];
    double total = kern_eval_cell(r, p->batch[j], p->context[i], component, NULL);
    fprintf(out, "%s,%s,%s,%.0f,%.0f,%s,%s,%s,%s,,", p->value[SWEEP_MODEL][c->at[SWEEP_MODEL]].label,
            p->value[SWEEP_WEIGHTS][c->at[SWEEP_WEIGHTS]].label, p->value[SWEEP_KV][c->at[SWEEP_KV]].label,
            p->context[i], p->batch[j], p->value[SWEEP_MODE][c->at[SWEEP_MODE]].label,
            p->value[SWEEP_LAYOUT][c->at[SWEEP_LAYOUT]].label, p->value[SWEEP_ENGINE][c->at[SWEEP_ENGINE]].label,
            p->value[SWEEP_METHOD][c->at[SWEEP_METHOD]].label);
    for (unsigned k = 0; k < KERN_COMPONENTS; k++)
        fprintf(out, ",%.0f", component[k]);
    fprintf(out, ",%.0f,,,,,,,,ok\n", total);
}

int bench_grid_print(const bench_grid *g, FILE *out) {
    const sweep_plan *p = &g->plan;
    static kern_record r;
    sweep_combo c;
    char why[DIAG_TEXT];
    fputs(report_rows_header(), out);
    for (uint64_t n = 0; n < p->n_combos; n++) {
        if (!sweep_plan_combo(p, n, &c) || kern_lower(&c.sc, &g->bounds, &r, why, NULL, NULL) != ERR_OK) return 0;
        for (size_t i = 0; i < p->n[SWEEP_CONTEXT]; i++) {
            for (size_t j = 0; j < p->n[SWEEP_BATCH]; j++)
                print_cell(p, &c, &r, i, j, out);
        }
    }
    return !ferror(out);
}
