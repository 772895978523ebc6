/*
 * reduce_ranks.c - the groups that several ranks have counted, added up: every rank gets the sums.
 */
#include <stdlib.h>

#include "sweep/ranks.h"
#include "sweep/reduce_groups.h"

/** All numbers of the groups, sorted by how they are added up. */
typedef struct columns {
    uint64_t *sum; /* 2 of each group, 2 of each group and GPU */
    double *least; /* 1 of each group */
    double *most;  /* 1 of each group, 2 of each group and GPU */
} columns;

static void columns_free(columns *c) {
    free(c->sum);
    free(c->least);
    free(c->most);
}

static int columns_init(columns *c, size_t groups, size_t rows) {
    *c = (columns){calloc(2 * (groups + rows), sizeof *c->sum), calloc(groups, sizeof *c->least),
                   calloc(groups + 2 * rows, sizeof *c->most)};
    if (c->sum && c->least && c->most) return 1;
    columns_free(c);
    return 0;
}

/** Number and column change places: into the columns, or back. */
static void move_sum(uint64_t *number, uint64_t **column, int back) {
    *(back ? number : *column) = *(back ? *column : number);
    ++*column;
}

static void move_end(double *number, double **column, int back) {
    *(back ? number : *column) = *(back ? *column : number);
    ++*column;
}

static void move_all(sweep_groups *g, columns c, int back) {
    for (size_t i = 0; i < g->n; i++) {
        move_sum(&g->of[i].combinations, &c.sum, back);
        move_sum(&g->of[i].refused, &c.sum, back);
        move_end(&g->of[i].extent.least, &c.least, back);
        move_end(&g->of[i].extent.most, &c.most, back);
    }
    for (size_t i = 0; i < g->n * g->j->n_gpus; i++) {
        move_sum(&g->counted[i].cells, &c.sum, back);
        move_sum(&g->counted[i].fits, &c.sum, back);
        move_end(&g->counted[i].batch, &c.most, back);
        move_end(&g->counted[i].context, &c.most, back);
    }
}

static err add_up(sweep_groups *g, columns c, size_t rows) {
    move_all(g, c, 0);
    TRY(sweep_ranks_sum(c.sum, 2 * (g->n + rows)));
    TRY(sweep_ranks_least(c.least, g->n));
    TRY(sweep_ranks_largest(c.most, g->n + 2 * rows));
    move_all(g, c, 1);
    return ERR_OK;
}

err sweep_groups_merge(sweep_run *run, sweep_groups *g) {
    size_t rows = g->n * g->j->n_gpus;
    columns c;
    if (sweep_ranks_n() == 1) return ERR_OK;
    int ready = columns_init(&c, g->n, rows);
    err e = sweep_ranks_agree(ready ? ERR_OK : sweep_run_no_memory(run), &run->ctx->faults);
    if (!ready) return e;
    if (e == ERR_OK) e = add_up(g, c, rows);
    columns_free(&c);
    return e;
}
