/*
 * bench_rows.c - scenario rows as CSV. Twin: the same rows by fprintf. Floor: copying the finished text, which no way
 * of making it can beat.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kernels/eval/eval.h"
#include "report/scenario_csv.h"

enum { BATCHES = KERN_DIGITS_ROWS, GPUS = 8, TEXT = 1 << 20 };

static report_rows_number number[BATCHES];
static double batch[BATCHES], component[KERN_COMPONENTS][BATCHES], total[BATCHES], limit[4][BATCHES * GPUS];
static report_rows_gpu gpu[GPUS];
static report_rows rows = {.before = "llama-3.1-8b,bf16,bf16", .after = "inference,tp1,none,exact", .status = "ok"};
static char text[TEXT], copy[TEXT];
static size_t n_text;
static FILE *sink;

static void format_rows(void) {
    size_t at = 0;
    n_text = report_rows_format(text, sizeof text, &rows, &at);
    bench_keep((double)n_text);
}

static void put_limit(FILE *out, double x) {
    if (x >= 0) fprintf(out, "%.0f", x);
    fputc(',', out);
}

static void print_rows(FILE *out) {
    for (size_t i = 0; i < rows.n; i++) {
        for (size_t g = 0; g < GPUS; g++) {
            size_t at = i * GPUS + g;
            fprintf(out, "%s,%.0f,%.0f,%s,%s", rows.before, rows.context, batch[i], rows.after, gpu[g].text);
            for (unsigned c = 0; c < KERN_COMPONENTS; c++)
                fprintf(out, ",%.0f", component[c][i]);
            double left = floor(gpu[g].usable_bytes - total[i]);
            fprintf(out, ",%.0f,%.0f,%.0f,%s,", total[i], floor(gpu[g].usable_bytes), left, left >= 0 ? "yes" : "no");
            put_limit(out, limit[0][at]);
            put_limit(out, limit[1][g]);
            put_limit(out, limit[2][at]);
            put_limit(out, limit[3][g]);
            fprintf(out, "%s\n", rows.status);
        }
    }
}

static void print_to_sink(void) {
    print_rows(sink);
}

static void copy_text(void) {
    memcpy(copy, text, n_text);
    bench_keep(copy[n_text / 2]);
}

static int same_text(void) {
    char *want = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&want, &n);
    if (!out) return 0;
    print_rows(out);
    fclose(out);
    format_rows();
    int same = n == n_text && memcmp(want, text, n) == 0;
    free(want);
    return same;
}

int bench_add_rows(bench_set *set) {
    static const char *const names[GPUS] = {"h100-sxm,1", "h200-sxm,1", "b200-sxm,1", "l40s,1",
                                            "rtx-4090,1", "rtx-5090,1", "l4,1",       "t4,1"};
    sink = fopen("/dev/null", "w");
    if (!sink) return 0;
    for (int i = 0; i < BATCHES; i++) {
        batch[i] = i + 1;
        report_rows_number_put(&number[i], batch[i]);
        for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
            component[c][i] = c < 2 ? 16060522496.0 + 1073741824.0 * i * c : 1e7 * c;
            total[i] += component[c][i];
        }
    }
    for (int g = 0; g < GPUS; g++)
        gpu[g] = (report_rows_gpu){.text = names[g], .usable_bytes = 85018542080.0 / (g + 1)};
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < BATCHES * GPUS; i++)
            limit[k][i] = k == 0 ? 1 + i % 8 : 1000.0 * i;
    }
    rows.context = 8192;
    rows.batch = number;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        rows.component[c] = component[c];
    rows.total = rows.charge = total;
    rows.n = BATCHES;
    rows.gpu = gpu;
    rows.n_gpus = GPUS;
    rows.min_gpus = limit[0];
    rows.max_batch = limit[1];
    rows.max_context = limit[2];
    rows.kv_tokens = limit[3];
    format_rows();
    set->item[set->n++] = (bench_case){.name = "rows as CSV",
                                       .unit = "byte",
                                       .units = (double)n_text,
                                       .ours = format_rows,
                                       .plain = print_to_sink,
                                       .floor = copy_text,
                                       .plain_means = "fprintf",
                                       .floor_means = "copying the text",
                                       .agree = same_text};
    return 1;
}
