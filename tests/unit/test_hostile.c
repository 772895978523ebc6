/*
 * test_hostile.c - texts of strangers in every place of a table and a chart: the structure of what each writer makes is
 * that of the same table with harmless texts, and nothing of the text is left that the language, a spreadsheet, gnuplot
 * or a terminal would act on.
 */
#include <stdlib.h>

#include "common/text.h"
#include "report/chart_internal.h"
#include "report/csv_text.h"
#include "report/terminal.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/tt.h"

/** What each language ends, starts or calls something with. */
static const char *const texts[] = {
    "quo\"te 'n' \"\"\"",
    "`touch X` $(touch X) ${X}",
    "]]> <script>alert(1)</script> <!-- -->",
    "</td></tr></table></title></style>",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "a|b||c",
    "|===",
    "\\end{document}\\input{/etc/passwd}\\write18{touch X}",
    "% comment",
    "# heading",
    "=HYPERLINK(\"http://x\",\"y\")",
    "+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "a;=1+1",
    "'; system \"touch X\"; '",
    "''; !touch X; ''",
    "'",
    "@\"x\" @GPVAL_TERM",
    "{/Bold x}_y^z~{a}{.5b}",
    "{{ site.secret }} {% include x %} {1+1}",
    "line\nbreak\r\nhere\rthere",
    "esc \033[31m \033]0;title\007 \302\2331m \x7f \x01",
    "bidi \xe2\x80\xae evil \xe2\x81\xa6 \xe2\x80\x8f \xd8\x9c \xef\xbb\xbf",
    "\xf3\xa0\x81\x81\xf3\xa0\x81\x82 tags \xef\xbf\xbe",
    "invalid \xff\xfe\x80 \xc3 \xed\xa0\x80",
    "include::/etc/passwd[] ifdef::x[] pass:[<b>] ((index)) {docname}",
    ".. include:: /etc/passwd",
    "`x`__ :role:`y` |z| a_ `b <http://c>`_ d::",
    "[link](javascript:alert(1)) ![i](j) [x]: y",
    "1. list",
    "- list",
    "***",
    "$x$ $$ & ~ ^ _ \\\\ [1ex]",
};

enum { TEXTS = sizeof texts / sizeof *texts };

static char *table_with(const char *writer, const char *text) {
    const report_column columns[] = {{text, "", 0, 1}, {"GB", text, 1, 0}};
    const report_cell cells[] = {{.kind = REPORT_TEXT, .text = text},
                                 {.kind = REPORT_NUMBER, .number = 1, .mark = REPORT_FITS},
                                 {.kind = REPORT_TEXT, .text = "plain"},
                                 {.kind = REPORT_BLANK, .text = text, .note = 1}};
    const char *const notes[] = {text, text};
    const report_group groups[] = {{0, text}, {1, "x"}};
    const report_table t = {"name", text, columns, 2, cells, 2, notes, 2, 1, groups, 2, 0, text};
    report_file *f;
    char *out = NULL;
    size_t n;
    TT_ERR(ERR_OK, report_file_memory(&f, NULL));
    TT_ERR(ERR_OK, report_writer_find(writer)->write(f, &t));
    TT_ERR(ERR_OK, report_file_take(f, &out, &n, NULL));
    return out;
}

/** How often a piece of the language stands in a text. */
static int count(const char *text, const char *piece) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, piece)) != NULL; at += strlen(piece))
        n++;
    return n;
}

/** As count, but not where an odd number of backslashes holds the piece back. */
static int count_live(const char *text, const char *piece) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, piece)) != NULL; at++) {
        size_t back = 0;
        while (at - back > text && at[-1 - (ptrdiff_t)back] == '\\')
            back++;
        n += back % 2 == 0;
    }
    return n;
}

static int is_shown_safely(const char *text) {
    for (size_t n; *text; text += n) {
        int unsafe;
        n = text_step(text, &unsafe);
        if (unsafe && *text != '\n') return 0;
    }
    return 1;
}

/** Pieces that must be as many as with a harmless text, in the languages that have them. */
static const struct {
    const char *writer, *piece;
    int live; /* counted only where no backslash holds them back */
} pieces[] = {
    {"md", "\n", 0},       {"md", "|", 1},          {"md", "`", 1},     {"md", "<", 0},         {"md", "[", 1},
    {"md", "{", 0},        {"md", "*", 1},          {"md", "]", 1},     {"html", "<script", 0}, {"html", "<", 0},
    {"html", ">", 0},      {"html", "onerror=", 9}, {"html", "\"", 0},  {"html", "'", 0},       {"html", "{{", 0},
    {"adoc", "\n", 0},     {"adoc", "|", 0},        {"adoc", "<", 0},   {"adoc", "{", 9},       {"adoc", "`", 0},
    {"adoc", "((", 0},     {"adoc", "::", 9},       {"adoc", "+", 9},   {"adoc", "[", 0},       {"rst", "\n", 0},
    {"rst", "`", 1},       {"rst", "|", 1},         {"rst", "<", 1},    {"rst", "\n.. ", 0},    {"rst", "::\n", 1},
    {"tex", "\n", 0},      {"tex", "%", 1},         {"tex", "$", 9},    {"tex", "&", 1},        {"tex", "\\end{", 0},
    {"tex", "\\input", 0}, {"tex", "\\write", 0},   {"tex", "\\\\", 0}, {"tex", "#", 1},        {"tex", "{", 9},
};

static void structure_stays(void) {
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        if (pieces[k].live == 9) continue; /* see the pieces that replace them */
        int (*counts)(const char *, const char *) = pieces[k].live ? count_live : count;
        char *harmless = table_with(pieces[k].writer, "harmless");
        int want = counts(harmless, pieces[k].piece);
        for (size_t i = 0; i < TEXTS; i++) {
            char *out = table_with(pieces[k].writer, texts[i]);
            int found = counts(out, pieces[k].piece);
            /* line breaks become <br> where the language has it */
            int breaks = strchr(texts[i], '\n') && strchr("<>", *pieces[k].piece) && *pieces[k].writer != 'r';
            if (found != want && !breaks) {
                printf("\n%s: '%s' stands %d times, not %d, with %s\n%s\n", pieces[k].writer, pieces[k].piece, found,
                       want, texts[i], out);
                CU_ASSERT(0);
            }
            free(out);
        }
        free(harmless);
    }
}

static void nothing_unsafe_is_written(void) {
    static const char *const writers[] = {"md", "html", "adoc", "rst", "tex"};
    for (size_t w = 0; w < sizeof writers / sizeof *writers; w++) {
        for (size_t i = 0; i < TEXTS; i++) {
            char *out = table_with(writers[w], texts[i]);
            int safe = is_shown_safely(out);
            CU_ASSERT(safe);
            if (!safe) printf("\n%s writes what is unsafe of text %zu\n", writers[w], i);
            free(out);
        }
    }
}

static char *field_of(void (*put)(report_csv_text *, const char *), const char *text) {
    report_csv_text t = {0};
    put(&t, text);
    report_csv_raw(&t, "");
    char *room = report_csv_room(&t, 1);
    if (room) *room = 0;
    return t.text;
}

static void formulas(void) {
    static const struct {
        const char *text, *inert;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"=1+1", "'=1+1"},
        {"+cmd", "'+cmd"},
        {"-1+1", "'-1+1"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"\t=1", "\t'=1"},
        {" =1", "\" '=1\""},
        {"a;=1", "a;'=1"},
        {"a; +1", "a; '+1"},
        {"\"=1", "\"\"\"=1\""},
        {"a=1", "a=1"},
        {"-85395513344", "-85395513344"},
        {"+5", "+5"},
        {"-1.5e-7", "-1.5e-7"},
        {"-12.5 %", "-12.5 %"},
        {"-", "'-"},
        {"-e", "'-e"},
        {"- a", "'- a"},
        {"=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *inert = field_of(report_csv_inert, rows[i].text), *kept = field_of(report_csv_field, rows[i].text);
        TT_TEXT(inert ? inert : "", rows[i].inert);
        CU_ASSERT(!kept || !strchr(kept, '\'') || strchr(rows[i].text, '\''));
        free(inert);
        free(kept);
    }
    report_table t = small_table;
    for (t.keep_formulas = 0; t.keep_formulas < 2; t.keep_formulas++) {
        report_file *f;
        char *out = NULL;
        size_t n;
        TT_ERR(ERR_OK, report_file_memory(&f, NULL));
        TT_ERR(ERR_OK, report_writer_find("csv")->write(f, &t));
        TT_ERR(ERR_OK, report_file_take(f, &out, &n, NULL));
        CU_ASSERT_PTR_NOT_NULL(strstr(out, t.keep_formulas ? ",=1+1\n" : ",'=1+1\n"));
        free(out);
    }
}

/** Every text in one chart, which gnuplot draws: its script is run, so what would be a command is one. */
static void charts(void) {
    static const double x[] = {1, 2}, y[] = {1, 2};
    char folder[SCRATCH_PATH], path[2 * SCRATCH_PATH];
    report_series series[TEXTS];
    int rendered;
    for (size_t i = 0; i < TEXTS; i++)
        series[i] = (report_series){.label = texts[i], .x = x, .y = y, .n = 2};
    for (size_t i = 0; i < TEXTS; i++) {
        const report_marker marker = {1, 1, texts[i], 0};
        const report_chart c = {.name = "c",
                                .title = texts[i],
                                .subtitle = texts[i],
                                .x_title = texts[i],
                                .y_title = texts[i],
                                .series = i ? &series[i] : series,
                                .n_series = i ? 1 : TEXTS,
                                .markers = &marker,
                                .n_markers = 1,
                                .notes = &texts[i],
                                .n_notes = 1,
                                .undrawn = i % 8 != 0};
        diags faults = {.n = 0};
        scratch_make(folder);
        err e = report_chart_write(folder, &c, &rendered, &faults);
        CU_ASSERT_EQUAL(e, ERR_OK);
        if (e != ERR_OK) printf("\n%s: %s\n", texts[i], faults.item[0].text);
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "%s/c%s", folder, k ? ".dat" : ".gp");
            char *text = read_all(path, NULL);
            CU_ASSERT(text && is_shown_safely(text));
            free(text);
        }
        snprintf(path, sizeof path, "%s/c.svg", folder);
        char *svg = rendered ? read_all(path, NULL) : NULL;
        CU_ASSERT(!svg || (!strstr(svg, "<script") && !strstr(svg, "<img")));
        free(svg);
        CU_ASSERT_NOT_EQUAL(access("X", F_OK), 0);
        scratch_drop(folder);
    }
}

/** Strings of gnuplot: only the quote itself means something. */
static void gnuplot_strings(void) {
    static const struct {
        const char *text, *string;
    } rows[] = {
        {"plain", "'plain'"},         {"", "''"},        {"it's", "'it'.\"'\".'s'"},
        {"'a", "\"'\".'a'"},          {"''", "\"''\""},  {"a'", "'a'.\"'\""},
        {"`x` $y @z", "'`x` $y @z'"}, {"a\nb", "'a b'"}, {"\033[1m", "' [1m'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        report_file *f;
        char *out = NULL;
        size_t n;
        TT_ERR(ERR_OK, report_file_memory(&f, NULL));
        chart_put_string(f, rows[i].text);
        TT_ERR(ERR_OK, report_file_take(f, &out, &n, NULL));
        TT_TEXT(out, rows[i].string);
        free(out);
    }
}

static void terminals(void) {
    for (size_t i = 0; i < TEXTS; i++) {
        const report_column columns[] = {{texts[i], "", 0, 1}};
        const report_cell cells[] = {{.kind = REPORT_TEXT, .text = texts[i]}};
        const report_table t = {.name = "t",
                                .title = texts[i],
                                .columns = columns,
                                .n_columns = 1,
                                .cells = cells,
                                .n_rows = 1,
                                .notes = &texts[i],
                                .n_notes = 1};
        char *out = NULL;
        size_t n = 0;
        FILE *to = open_memstream(&out, &n);
        TT_ERR(ERR_OK, report_terminal_write_wide(to, &t, 0, 40));
        fclose(to);
        int safe = is_shown_safely(out);
        CU_ASSERT(safe);
        if (!safe) printf("\ntext %zu on a terminal: %s\n", i, out);
        free(out);
    }
}

/** Faults name what strangers wrote. */
static void messages(void) {
    for (size_t i = 0; i < TEXTS; i++) {
        diags faults = {.n = 0};
        char *out = NULL;
        size_t n = 0;
        diag_add(&faults, ERR_NAME, texts[i], 1, 1, texts[i], "'%s'", texts[i]);
        FILE *to = open_memstream(&out, &n);
        diags_print(to, &faults);
        fclose(to);
        CU_ASSERT(is_shown_safely(out));
        CU_ASSERT_EQUAL(count(out, "\n"), 1);
        free(out);
    }
}

CU_TestInfo hostile_tests[] = {{"structure_stays", structure_stays},
                               {"nothing_unsafe_is_written", nothing_unsafe_is_written},
                               {"formulas", formulas},
                               {"charts", charts},
                               {"gnuplot_strings", gnuplot_strings},
                               {"terminals", terminals},
                               {"messages", messages},
                               CU_TEST_INFO_NULL};
