/*
 * test_chart.c - charts as script and data: what text may do, what stays the same, where labels go, what happens
 * without gnuplot or with one that fails. Pictures are looked at for existence only.
 */
#include "report/chart_internal.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/tt.h"

static char folder[SCRATCH_PATH], path[2 * SCRATCH_PATH];

static const double contexts[] = {1024, 2048, 4096, 8192}, cache[] = {0.5, 1, 2, 4}, weights[] = {3, 3},
                    ends[] = {1024, 8192};

/** Tries to break out of every text. */
#define EVIL "it's `touch broke-out` \"x\" ', system('touch broke-out') # \\ \n%s ${HOME} {/:Bold b} @here"

static const report_series series[] = {
    {.label = EVIL, .x = contexts, .y = cache, .n = 4},
    {.label = "level", .x = ends, .y = weights, .n = 2, .level_of = 1},
};
static const report_marker markers[] = {
    {6144, 3, EVIL, 0}, {6200, 3.02, "6.2K tokens", 0}, {6100, 2.98, "6.1K tokens", 0}};
static const char *const notes[] = {EVIL, "a note"};
static const report_chart chart = {.name = "a chart",
                                   .title = EVIL,
                                   .subtitle = EVIL,
                                   .x_title = EVIL,
                                   .y_title = "memory (GB)",
                                   .x_log2 = 1,
                                   .y_log10 = 1,
                                   .series = series,
                                   .n_series = 2,
                                   .markers = markers,
                                   .n_markers = 3,
                                   .notes = notes,
                                   .n_notes = 2,
                                   .line_means = "KV cache",
                                   .level_means = "weights"};

static char *file_text(const char *suffix) {
    snprintf(path, sizeof path, "%s/%s%s", folder, chart.name, suffix);
    return read_all(path, NULL);
}

static err write_with(const char *gnuplot, const report_chart *c, int *rendered, diags *faults) {
    setenv("GNUPLOT", gnuplot, 1);
    err e = report_chart_write(folder, c, rendered, faults);
    unsetenv("GNUPLOT");
    return e;
}

static void without_gnuplot(void) {
    int rendered = 1;
    diags faults = {0};
    scratch_make(folder);
    TT_ERR(ERR_OK, write_with("/no/such/gnuplot", &chart, &rendered, &faults));
    CU_ASSERT_EQUAL(rendered, 0);
    CU_ASSERT_EQUAL(faults.n, 0);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 2);
    char *data = file_text(".dat"), *script = file_text(".gp");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(data, "\n1024 0.5\n2048 1\n4096 2\n8192 4\n\n\n# level\n1024 3\n8192 3\n\n\n# markers\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(script, "('1K' 1024, '2K' 2048, '4K' 4096, '8K' 8192)"));
    CU_ASSERT_PTR_NULL(strstr(script, folder));
    int rendered_again;
    TT_ERR(ERR_OK, write_with("/no/such/gnuplot", &chart, &rendered_again, &faults));
    char *data_again = file_text(".dat"), *script_again = file_text(".gp");
    TT_TEXT(data_again, data);
    TT_TEXT(script_again, script);
    free(data);
    free(script);
    free(data_again);
    free(script_again);
    scratch_drop(folder);
}

/** A program that fails, or that draws nothing, is an error; the script stays, no half picture does. */
static void failing_gnuplot(void) {
    static const char *const programs[] = {"false", "true"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        int rendered = 1;
        diags faults = {0};
        scratch_make(folder);
        TT_ERR(ERR_PROGRAM, write_with(programs[i], &chart, &rendered, &faults));
        CU_ASSERT_EQUAL(rendered, 0);
        CU_ASSERT_EQUAL(faults.n, 1);
        CU_ASSERT_EQUAL(scratch_count(folder, 0), 2);
        scratch_drop(folder);
    }
}

/** Draws twice: the same SVG; the script alone, from another folder, draws the same again; no text did anything. */
static void with_gnuplot(void) {
    int rendered;
    char command[4 * SCRATCH_PATH];
    diags faults = {0};
    scratch_make(folder);
    TT_ERR(ERR_OK, write_with("", &chart, &rendered, &faults));
    if (!rendered) {
        printf("skip: no gnuplot ");
        scratch_drop(folder);
        return;
    }
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 4);
    char *first = file_text(".svg");
    CU_ASSERT_PTR_NOT_NULL(strstr(first, "</svg>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(first, "touch broke-out"));
    remove(path);
    snprintf(command, sizeof command, "cd / && gnuplot -d '%s/%s.gp'", folder, chart.name);
    CU_ASSERT_EQUAL(system(command), 0);
    char *second = file_text(".svg");
    TT_TEXT(second, first);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 4);
    CU_ASSERT_NOT_EQUAL(access("broke-out", F_OK), 0);
    CU_ASSERT_NOT_EQUAL(access("/broke-out", F_OK), 0);
    free(first);
    free(second);
    scratch_drop(folder);
}

static void refused(void) {
    static const double zero[] = {0, 0, 0, 0}, bad[] = {NAN, INFINITY, -1, 0};
    const report_series nothing[] = {{.label = "a", .x = contexts, .y = zero, .n = 4},
                                     {.label = "b", .x = contexts, .y = bad, .n = 4},
                                     {.label = "c", .x = contexts, .y = cache, .n = 0}};
    static const char *const names[] = {"", "../up", "a/b", ".hidden", "-option", "line\nbreak"};
    int rendered;
    report_chart c = chart;
    scratch_make(folder);
    c.series = nothing;
    c.n_series = 3;
    TT_ERR(ERR_RANGE, report_chart_write(folder, &c, &rendered, NULL));
    c = chart;
    c.n_markers = REPORT_MARKERS_MAX + 1;
    TT_ERR(ERR_LIMIT, report_chart_write(folder, &c, &rendered, NULL));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        c = chart;
        c.name = names[i];
        TT_ERR(ERR_RANGE, report_chart_write(folder, &c, &rendered, NULL));
    }
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 0);
    TT_ERR(ERR_WRITE, report_chart_write("/dev/null/folder", &chart, &rendered, NULL));
    scratch_drop(folder);
}

static int touch_each_other(const chart_box *a, const chart_box *b) {
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/** Sixteen lines that end together and crossings that nearly coincide: no label lies on another or leaves the plot. */
static void labels_do_not_collide(void) {
    enum { LINES = 16 };
    static double y[LINES][4];
    static chart_frame f;
    report_series s[LINES];
    report_marker m[LINES];
    for (int i = 0; i < LINES; i++) {
        for (int k = 0; k < 4; k++)
            y[i][k] = cache[k] * (1 + 0.001 * i);
        s[i] = (report_series){.label = "a model with a name", .x = contexts, .y = y[i], .n = 4};
        m[i] = (report_marker){4000 + 20 * i, 2 + 0.01 * i, "123.4K tokens", (size_t)i};
    }
    report_chart c = chart;
    c.series = s;
    c.n_series = LINES;
    c.markers = m;
    c.n_markers = LINES;
    CU_ASSERT(chart_frame_init(&f, &c, 2));
    chart_place_ends(&f, &c);
    chart_place_markers(&f, &c);
    for (int i = 0; i < LINES; i++) {
        CU_ASSERT(f.marker[i].x > f.left && f.marker[i].x + f.marker[i].w < f.right);
        CU_ASSERT(f.end_y[i] > f.top && f.end_y[i] < f.bottom);
        for (int k = 0; k < i; k++) {
            CU_ASSERT(!touch_each_other(&f.marker[i], &f.marker[k]));
            CU_ASSERT(fabs(f.end_y[i] - f.end_y[k]) > f.label_height - 1e-6);
        }
    }
}

static void ticks(void) {
    static const struct {
        double from, to;
        int log;
        size_t n;
        const char *first, *last;
    } cases[] = {{512, 1 << 20, 2, 12, "512", "1M"},
                 {1, 1 << 30, 2, 11, "1", "1024M"},
                 {0.02, 2000000, 10, 8, "0.1", "1,000,000"},
                 {3, 40, 10, 3, "5", "20"},
                 {0, 7, 0, 8, "0", "7"},
                 {-1500, 1500, 0, 7, "-1,500", "1,500"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        chart_axis a = {.from = cases[i].from, .to = cases[i].to, .is_log = cases[i].log != 0};
        (cases[i].log == 2 ? chart_ticks_log2 : cases[i].log == 10 ? chart_ticks_log10 : chart_ticks_linear)(&a);
        CU_ASSERT_EQUAL_FATAL(a.n > 0, 1);
        CU_ASSERT_EQUAL(a.n, cases[i].n);
        TT_TEXT(a.tick[0].text, cases[i].first);
        TT_TEXT(a.tick[a.n - 1].text, cases[i].last);
    }
}

CU_TestInfo chart_tests[] = {{"without_gnuplot", without_gnuplot},
                             {"failing_gnuplot", failing_gnuplot},
                             {"with_gnuplot", with_gnuplot},
                             {"refused", refused},
                             {"labels_do_not_collide", labels_do_not_collide},
                             {"ticks", ticks},
                             CU_TEST_INFO_NULL};
