/*
 * test_combos.c - combinations written by all threads come out in order, whatever the number of threads and shares
 * and the size of a piece; skipped ones leave nothing; refused ones carry their reason; a full disk ends it.
 */
#include <unistd.h>

#include "sweep/combos.h"
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tt.h"

static const char yaml[] = "sweep:\n"
                           "  model: [llama-3.1-8b, qwen3-8b, mixtral-8x7b]\n"
                           "  weights: [bf16, fp8, q4_k_m]\n"
                           "  layout: [tp1, tp3, tp8]\n"
                           "  context: [1k, 8k]\n"
                           "  batch: [1, 2]\n"
                           "  skip: [\"model=qwen3-8b & weights=fp8\"]\n"
                           "reports:\n  - csv: a.csv\n";

/** What the test needs of a run. */
typedef struct bench {
    plan_fixture f;
    sweep_options options;
    sweep_ctx ctx;
    sweep_run run;
    sweep_pick pick;
} bench;

static void bench_init(bench *b) {
    memset(b, 0, sizeof *b);
    fixture_init(&b->f);
    CU_ASSERT_EQUAL_FATAL(fixture_plan(&b->f, yaml), ERR_OK);
    b->ctx.options = &b->options;
    arena_init(&b->ctx.mem, NULL, NULL);
    b->run.ctx = &b->ctx;
    CU_ASSERT_EQUAL_FATAL(
        sweep_pick_build(&b->pick, &b->f.mem, &b->f.plan, &b->f.cfg, &b->f.cfg.reports[0], &b->f.faults), ERR_OK);
}

static void bench_fini(bench *b) {
    arena_fini(&b->ctx.mem);
    fixture_fini(&b->f);
}

static int write_line(const void *ctx, const sweep_combo *c, uint64_t part, sweep_tile *t, const char *why,
                      report_csv_text *out) {
    char line[600];
    (void)ctx;
    const char *state = why ? why : t->record.n_terms > 0 ? "ok" : "no record"; /* no assertions beside threads */
    snprintf(line, sizeof line, "%s %s tp%d part %llu: %s\n", c->sc.model->name, c->sc.weights->name, c->sc.layout.tp,
             (unsigned long long)part, state);
    report_csv_raw(out, line);
    return why == NULL;
}

static err put(void *file, const char *bytes, size_t n) {
    return report_file_write(file, bytes, n);
}

/** The text that comes out, made in shares one after another; free() it. */
static char *written(bench *b, int threads, uint64_t parts, uint64_t at_once, uint64_t shares, int *bad) {
    const sweep_combo_work work = {&b->pick, "test", parts, 0, 0, at_once, write_line, NULL};
    char path[] = "/tmp/vramsweep-combos-XXXXXX";
    report_file *out;
    char *text = calloc(1, 1 << 16);
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0 && text);
    b->options.threads = threads;
    CU_ASSERT_EQUAL_FATAL(report_file_open(&out, path, &b->f.faults), ERR_OK);
    uint64_t groups = sweep_combos_groups(&work);
    for (uint64_t k = 0; k < shares; k++) {
        TT_ERR(ERR_OK, sweep_combos_each(&b->run, &work, path, groups * k / shares, groups * (k + 1) / shares,
                                         (sweep_sink){.put = put, .to = out}, bad));
    }
    TT_ERR(ERR_OK, report_file_commit(out, &b->f.faults));
    FILE *in = fopen(path, "r");
    CU_ASSERT(in && fread(text, 1, (1 << 16) - 1, in) > 0);
    if (in) fclose(in);
    close(fd);
    unlink(path);
    return text;
}

static void in_order(void) {
    static const int threads[] = {1, 2, 7};
    static const uint64_t at_once[] = {1, 3, 64};
    bench b;
    bench_init(&b);
    CU_ASSERT_EQUAL(sweep_combos_count(&b.pick), 27);
    int bad = 0;
    char *first = written(&b, 1, 2, 1, 1, &bad);
    CU_ASSERT(bad); /* tp3 divides nothing here */
    CU_ASSERT_PTR_NOT_NULL(strstr(first, "tp3 part 0: tp3 does not divide the 32 attention heads"));
    CU_ASSERT_PTR_NULL(strstr(first, "qwen3-8b fp8"));
    CU_ASSERT_PTR_NOT_NULL(strstr(first, "qwen3-8b bf16 tp8 part 1: ok"));
    size_t lines = 0;
    for (const char *p = first; (p = strchr(p, '\n')) != NULL; p++)
        lines++;
    CU_ASSERT_EQUAL(lines, (27 - 3) * 2);
    for (size_t t = 0; t < 3; t++) {
        for (size_t a = 0; a < 3; a++) {
            char *text = written(&b, threads[t], 2, at_once[a], 1 + t + a, &bad);
            TT_TEXT(text, first);
            free(text);
        }
    }
    free(first);
    bench_fini(&b);
}

static void full_disk(void) {
    bench b;
    bench_init(&b);
    const sweep_combo_work work = {&b.pick, "test", 5000, 0, 0, 64, write_line, NULL};
    report_file *out;
    int bad = 0;
    CU_ASSERT_EQUAL_FATAL(report_file_open(&out, "/dev/full", &b.f.faults), ERR_OK);
    err written_code = sweep_combos_each(&b.run, &work, "/dev/full", 0, sweep_combos_groups(&work),
                                         (sweep_sink){.put = put, .to = out}, &bad);
    err committed = report_file_commit(out, &b.f.faults);
    CU_ASSERT(written_code == ERR_WRITE || committed == ERR_WRITE);
    CU_ASSERT(b.f.faults.n == 1 && b.f.faults.item[0].code == ERR_WRITE);
    bench_fini(&b);
}

CU_TestInfo combos_tests[] = {{"in order", in_order}, {"full disk", full_disk}, CU_TEST_INFO_NULL};
