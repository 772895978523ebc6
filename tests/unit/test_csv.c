/*
 * test_csv.c - tables as CSV, and scenario rows against the same rows made with printf.
 */
#include "kernels/eval/eval.h"
#include "report/scenario_csv.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/tt.h"

#include <inttypes.h>
#include <jansson.h>

enum { BATCHES = 137, GPUS = 5 };

static void whole_table(void) {
    char folder[SCRATCH_PATH];
    scratch_make(folder);
    char *text = write_small(folder, "csv");
    TT_TEXT(text, "model,BF16 [GB],\"min, GPU\"\n"
                  "llama|3.1,16.1,\"say \"\"yes\"\"\"\n"
                  "\"<b>`q4_k_m`\nx_\",1343.0,'=1+1\n"
                  "\xc3\xa9t\xc3\xa9,,\n");
    free(text);
    scratch_drop(folder);
}

/** A block of rows with its arrays. */
typedef struct block {
    double batch[BATCHES], component[KERN_COMPONENTS][BATCHES], total[BATCHES], charge[BATCHES];
    report_rows_number number[BATCHES];
    report_rows_gpu gpu[GPUS];
    uint8_t skip[BATCHES * GPUS];
    double limit[4][BATCHES * GPUS];
    report_rows rows;
} block;

static uint64_t seed = 88172645463325252u;

/** Whole numbers of every length up to 2^53 - 1. */
static double random_whole(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    uint64_t value = seed & ((UINT64_C(1) << 53) - 1);
    return (double)(value >> (seed >> 58) % 54);
}

static void fill(block *x, size_t n_gpus, int with_skip) {
    static const char *const names[GPUS] = {"h100-sxm,8", "rtx-4090,1", "\"odd, name\",2", "a,1", "gb200-nvl72,72"};
    *x = (block){.rows = {.before = "llama-3.1-8b,bf16,bf16", .after = "inference,tp1,vllm,exact", .status = "ok"}};
    for (size_t i = 0; i < BATCHES; i++) {
        x->batch[i] = random_whole();
        x->total[i] = i ? random_whole() : 9007199254740991.0;
        x->charge[i] = i % 3 ? x->total[i] : random_whole() + 0.5 * (double)(i % 2);
        for (unsigned c = 0; c < KERN_COMPONENTS; c++)
            x->component[c][i] = i % 5 ? random_whole() : 0;
    }
    for (size_t g = 0; g < GPUS; g++)
        x->gpu[g] = (report_rows_gpu){names[g], random_whole() / (g == 2 ? 3 : 1), g == 4};
    for (size_t i = 0; i < sizeof x->skip; i++)
        x->skip[i] = with_skip && i % 4 == 1;
    x->rows.context = random_whole();
    for (size_t i = 0; i < BATCHES; i++)
        report_rows_number_put(&x->number[i], x->batch[i]);
    x->rows.batch = x->number;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        x->rows.component[c] = x->component[c];
    x->rows.total = x->total;
    x->rows.charge = x->charge;
    x->rows.n = BATCHES;
    x->rows.gpu = x->gpu;
    x->rows.n_gpus = n_gpus;
    x->rows.skip = with_skip ? x->skip : NULL;
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < BATCHES * GPUS; i++)
            x->limit[k][i] = i % 3 == k ? -1 : random_whole();
    x->rows.min_gpus = x->limit[0];
    x->rows.max_batch = x->limit[1];
    x->rows.max_context = x->limit[2];
    x->rows.kv_tokens = x->limit[3];
}

static void print_limit(FILE *to, double v) {
    if (v >= 0) fprintf(to, "%.0f", v);
    fputc(',', to);
}

/** The block with printf. */
static char *by_printf(const block *x) {
    const report_rows *r = &x->rows;
    char *text = NULL;
    size_t n, gpus = r->n_gpus ? r->n_gpus : 1;
    FILE *to = open_memstream(&text, &n);
    for (size_t i = 0; i < r->n * gpus; i++) {
        size_t b = i / gpus;
        const report_rows_gpu *gpu = r->n_gpus ? &r->gpu[i % gpus] : NULL;
        if (r->skip && r->skip[i]) continue;
        fprintf(to, "%s,%.0f,%.0f,%s,%s", r->before, r->context, x->batch[b], r->after, gpu ? gpu->text : ",");
        for (unsigned c = 0; c < KERN_COMPONENTS; c++)
            fprintf(to, ",%.0f", r->component[c][b]);
        fprintf(to, ",%.0f", r->total[b]);
        if (gpu) {
            double left = gpu->usable_bytes - r->charge[b];
            fprintf(to, ",%.0f,%" PRId64 ",%s,", floor(gpu->usable_bytes), (int64_t)floor(left),
                    left >= 0 && !gpu->too_few ? "yes" : "no");
            print_limit(to, r->min_gpus[i]);
            print_limit(to, r->max_batch[i % gpus]);
            print_limit(to, r->max_context[i]);
            print_limit(to, r->kv_tokens[i % gpus]);
            fprintf(to, "%s\n", r->status);
        } else {
            fprintf(to, ",,,,,,,,%s\n", r->status);
        }
    }
    fclose(to);
    return text;
}

/** The block through chunks of a capacity. */
static char *by_chunks(const report_rows *r, size_t cap) {
    char *text = NULL, *chunk = malloc(cap);
    size_t n, at = 0;
    FILE *to = open_memstream(&text, &n);
    for (int guard = 0; at < report_rows_count(r) && guard < 10000; guard++) {
        size_t got = report_rows_format(chunk, cap, r, &at);
        CU_ASSERT(got <= cap);
        fwrite(chunk, 1, got, to);
    }
    CU_ASSERT_EQUAL(at, report_rows_count(r));
    fclose(to);
    free(chunk);
    return text;
}

static void rows_equal_printf(void) {
    static block x;
    for (int round = 0; round < 60; round++) {
        fill(&x, round % 3 == 0 ? 0 : round % 3 == 1 ? 1 : GPUS, round % 2);
        char *want = by_printf(&x);
        const size_t caps[] = {report_rows_row_max(&x.rows), report_rows_row_max(&x.rows) + 100, 1 << 20};
        for (size_t k = 0; k < sizeof caps / sizeof *caps; k++) {
            char *found = by_chunks(&x.rows, caps[k]);
            TT_TEXT(found, want);
            free(found);
        }
        free(want);
    }
}

/** A JSON line as the CSV line of the same values. */
static void print_object(FILE *to, const char *line, size_t n) {
    json_error_t error;
    json_t *row = json_loadb(line, n, 0, &error), *value;
    const char *key;
    int first = 1;
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    CU_ASSERT_EQUAL(json_object_size(row), 26);
    json_object_foreach(row, key, value) {
        if (!first) fputc(',', to);
        first = 0;
        if (json_is_string(value)) fputs(json_string_value(value), to);
        if (json_is_integer(value)) fprintf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        if (json_is_boolean(value)) fputs(json_is_true(value) ? "yes" : "no", to);
    }
    fputc('\n', to);
    json_decref(row);
}

static void json_equals_csv(void) {
    static block x;
    char fields[GPUS][128];
    for (int round = 0; round < 20; round++) {
        size_t n;
        char *found = NULL;
        fill(&x, round % 3 == 0 ? 0 : round % 3 == 1 ? 1 : GPUS, round % 2);
        x.gpu[2].text = "l40s,2";
        char *want = by_printf(&x);
        for (size_t g = 0; g < x.rows.n_gpus; g++) {
            const char *comma = strchr(x.gpu[g].text, ',');
            snprintf(fields[g], sizeof fields[g], "\"gpu\":\"%.*s\",\"gpus\":%s", (int)(comma - x.gpu[g].text),
                     x.gpu[g].text, comma + 1);
            x.gpu[g].text = fields[g];
        }
        x.rows.style = &report_rows_json;
        x.rows.before = "\"model\":\"llama-3.1-8b\",\"weights\":\"bf16\",\"kv\":\"bf16\"";
        x.rows.after = "\"mode\":\"inference\",\"layout\":\"tp1\",\"engine\":\"vllm\",\"method\":\"exact\"";
        x.rows.status = "\"status\":\"ok\"";
        char *lines = by_chunks(&x.rows, report_rows_row_max(&x.rows) + 5000);
        FILE *to = open_memstream(&found, &n);
        for (const char *at = lines; *at; at = strchr(at, '\n') + 1)
            print_object(to, at, strcspn(at, "\n"));
        fclose(to);
        TT_TEXT(found, want);
        free(found);
        free(lines);
        free(want);
    }
}

static size_t count_fields(const char *line) {
    size_t n = 1;
    for (; *line && *line != '\n'; line++)
        n += *line == ',';
    return n;
}

static void header_and_refusal(void) {
    static block x;
    char row[512];
    size_t n = report_rows_refused(&report_rows_csv, row, sizeof row, "m,w,k", "i,l,e,x", "no such format");
    row[n] = '\0';
    TT_TEXT(row, "m,w,k,,,i,l,e,x,,,,,,,,,,,,,,,,,no such format\n");
    fill(&x, 0, 0);
    char *alone = by_printf(&x);
    CU_ASSERT_EQUAL(count_fields(report_rows_header()), 26);
    CU_ASSERT_EQUAL(count_fields(row), 26);
    CU_ASSERT_EQUAL(count_fields(alone), 26);
    free(alone);
    char object[REPORT_ROWS_REFUSED], *as_csv = NULL;
    size_t m =
        report_rows_refused(&report_rows_json, object, sizeof object, "\"model\":\"m\",\"weights\":\"w\",\"kv\":\"k\"",
                            "\"mode\":\"i\",\"layout\":\"l\",\"engine\":\"e\",\"method\":\"x\"", "\"status\":\"none\"");
    FILE *to = open_memstream(&as_csv, &(size_t){0});
    print_object(to, object, m);
    fclose(to);
    TT_TEXT(as_csv, "m,w,k,,,i,l,e,x,,,,,,,,,,,,,,,,,none\n");
    free(as_csv);
    for (size_t cap = 0; cap < n; cap++)
        CU_ASSERT_EQUAL(report_rows_refused(&report_rows_csv, row, cap, "m,w,k", "i,l,e,x", "no such format"), 0);
}

CU_TestInfo csv_tests[] = {{"whole_table", whole_table},
                           {"rows_equal_printf", rows_equal_printf},
                           {"json_equals_csv", json_equals_csv},
                           {"header_and_refusal", header_and_refusal},
                           CU_TEST_INFO_NULL};
