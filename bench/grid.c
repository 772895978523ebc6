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

/** Regular files go through standard output: what is given as an open file is neither synced nor renamed. */
int bench_grid_write(bench_grid *g, const char *path, int threads) {
    sweep_report r = g->cfg.reports[0];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), old = dup(STDOUT_FILENO);
    if (fd < 0 || old < 0 || fflush(stdout) != 0 || dup2(fd, STDOUT_FILENO) < 0) return 0;
    g->options.threads = threads;
    r.target = "stdout";
    err e = sweep_run_csv(&g->run, &r);
    int restored = dup2(old, STDOUT_FILENO) >= 0;
    close(old);
    return (close(fd) == 0) & restored && e == ERR_OK;
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
