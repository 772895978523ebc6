/*
 * bench_kernels.c - records to bytes. Twin: one cell at a time. Floor: storing as many numbers as the kernel fills in.
 */
#include <string.h>

#include "bench/bench.h"
#include "kernels/eval/eval.h"
#include "kernels/lower/lower.h"

enum { RECORDS = 64, CONTEXTS = 16, BATCHES = 64, COLUMNS = KERN_COMPONENTS + 2 };

static kern_record record[RECORDS];
static size_t n_records;
static _Alignas(64) double column[COLUMNS + 2][BATCHES], batch[BATCHES];

static kern_row row_of(void) {
    kern_row row = {
        .total = column[COLUMNS - 2], .charge = column[COLUMNS - 1], .scratch = {column[COLUMNS], column[COLUMNS + 1]}};
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        row.component[c] = column[c];
    return row;
}

static double context(int i) {
    return 1024.0 * (1 + 8 * i);
}

static void eval_rows(void) {
    kern_row row = row_of();
    double sum = 0;
    for (size_t r = 0; r < n_records; r++) {
        for (int i = 0; i < CONTEXTS; i++) {
            kern_ops_get()->eval_row(&record[r], context(i), batch, BATCHES, &row);
            sum += row.total[BATCHES - 1];
        }
    }
    bench_keep(sum);
}

static void eval_cells(void) {
    kern_row row = row_of();
    double sum = 0, component[KERN_COMPONENTS];
    for (size_t r = 0; r < n_records; r++) {
        for (int i = 0; i < CONTEXTS; i++) {
            for (int b = 0; b < BATCHES; b++) {
                row.total[b] = kern_eval_cell(&record[r], batch[b], context(i), component, &row.charge[b]);
                for (unsigned c = 0; c < KERN_COMPONENTS; c++)
                    row.component[c][b] = component[c];
            }
            sum += row.total[BATCHES - 1];
        }
    }
    bench_keep(sum);
}

static void store(void) {
    for (size_t i = 0; i < n_records * CONTEXTS; i++) {
        for (int c = 0; c < COLUMNS; c++)
            memset(column[c], (int)i, sizeof column[c]);
        bench_keep(column[i % COLUMNS][0] > 0);
    }
}

static int rows_agree(void) {
    kern_row row = row_of();
    for (size_t r = 0; r < n_records; r++) {
        for (int i = 0; i < CONTEXTS; i++) {
            kern_ops_get()->eval_row(&record[r], context(i), batch, BATCHES, &row);
            for (int b = 0; b < BATCHES; b++) {
                double charge, total = kern_eval_cell(&record[r], batch[b], context(i), NULL, &charge);
                if (memcmp(&total, &row.total[b], sizeof total) != 0 ||
                    memcmp(&charge, &row.charge[b], sizeof charge) != 0)
                    return 0;
            }
        }
    }
    return 1;
}

static int collect(const sweep_catalogs *c) {
    static char why[DIAG_TEXT];
    int older;
    for (size_t m = 0; m < c->models.n && n_records < RECORDS; m += 5) {
        kern_scenario sc = {.model = c->models.rows[m],
                            .weights = sweep_find_weights(c, "bf16"),
                            .k = sweep_find_kv(c, "bf16"),
                            .mode = c->modes.rows[0],
                            .engine = sweep_find_engine(c, "vllm", &older),
                            .method = sweep_find_method(c, "exact"),
                            .layout = {.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1}};
        sc.v = sc.k;
        if (!sc.weights || !sc.engine) return 0;
        n_records += kern_lower(&sc, &(kern_bounds){0x1p18, 0x1p10}, &record[n_records], why, NULL, NULL) == ERR_OK;
    }
    return n_records > 0;
}

int bench_add_kernels(bench_set *set) {
    if (!collect(set->catalogs)) return 0;
    for (int b = 0; b < BATCHES; b++)
        batch[b] = 1 + 3 * b;
    set->item[set->n++] = (bench_case){.name = "evaluate rows of 64 batches, vLLM",
                                       .unit = "cell",
                                       .units = (double)n_records * CONTEXTS * BATCHES,
                                       .ours = eval_rows,
                                       .plain = eval_cells,
                                       .floor = store,
                                       .plain_means = "one cell at a time",
                                       .floor_means = "storing the results",
                                       .agree = rows_agree};
    return 1;
}
