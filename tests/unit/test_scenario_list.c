/*
 * test_scenario_list.c - rows of lists against libcsv over the whole file: random texts with and without quotes,
 * blanks, all kinds of row ends, right and wrong.
 */
#include "sweep/scenario_list.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/tt.h"

#include <csv.h>

static uint64_t seed = 362436069u;

static uint64_t draw(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % below;
}

/** Rows as text: fields in brackets, a line feed after each row. */
typedef struct seen {
    char *text;
    size_t n, row;
    int failed;
} seen;

static void see_field(void *field, size_t n, void *ctx) {
    seen *s = ctx;
    s->text[s->n++] = '[';
    memcpy(s->text + s->n, field, n);
    s->n += n;
    s->text[s->n++] = ']';
}

static void see_row(int end, void *ctx) {
    seen *s = ctx;
    (void)end;
    s->text[s->n++] = '\n';
    s->row = s->n;
}

/** Whole rows only. */
static void oracle(const char *text, size_t n, seen *s) {
    struct csv_parser p;
    s->n = s->row = 0;
    csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
    s->failed = csv_parse(&p, text, n, see_field, see_row, s) != n || csv_fini(&p, see_field, see_row, s) != 0;
    csv_free(&p);
    s->text[s->row] = 0;
}

/** The line of a plain row is its fields with commas between. */
static void check_line(const sweep_list_row *row) {
    const char *at = row->line;
    for (size_t i = 0; at && i < row->fields; i++) {
        size_t n = strlen(row->field[i]);
        CU_ASSERT(memcmp(at, row->field[i], n) == 0 && (i + 1 == row->fields || at[n] == ','));
        CU_ASSERT(!strpbrk(row->field[i], "\",\r\n"));
        at += n + 1;
    }
    CU_ASSERT(!row->line || at == row->line + row->line_n + 1);
}

static void read_list(const char *path, seen *s) {
    sweep_list *l;
    sweep_list_chunk c = {0};
    sweep_list_row row;
    diags faults = {.n = 0};
    char why[DIAG_TEXT];
    s->n = 0;
    see_field((char[]){"id"}, 2, s);
    see_row('\n', s);
    s->failed = 0;
    CU_ASSERT_EQUAL_FATAL(sweep_list_open(&l, path, &faults), ERR_OK);
    while (!s->failed && sweep_list_take(l, &c, &faults) == ERR_OK && c.n) {
        for (int more; (s->failed = sweep_list_next(&c, 1, &row, &more, why) != ERR_OK) == 0 && more;) {
            for (size_t i = 0; i < row.fields; i++)
                see_field((void *)row.field[i], strlen(row.field[i]), s);
            see_row('\n', s);
            check_line(&row);
        }
    }
    s->text[s->n] = 0;
    sweep_list_chunk_free(&c);
    sweep_list_close(l);
}

static void check_text(const char *folder, const char *text, size_t n) {
    char path[SCRATCH_PATH + 16];
    seen found = {.text = malloc(4 * n + 64)}, want = {.text = malloc(4 * n + 64)};
    snprintf(path, sizeof path, "%s/list.csv", folder);
    FILE *f = fopen(path, "wb");
    CU_ASSERT_FATAL(f && found.text && want.text && fwrite(text, 1, n, f) == n && fclose(f) == 0);
    oracle(text, n, &want);
    read_list(path, &found);
    CU_ASSERT_EQUAL(found.failed, want.failed);
    TT_TEXT(found.text, want.text);
    free(found.text);
    free(want.text);
}

/** Any sequence of the bytes that matter. */
static void random_bytes(void) {
    char folder[SCRATCH_PATH], text[64] = "id\n";
    static const char bytes[] = "ab,\"\n\r \t\n,a\"\"";
    scratch_make(folder);
    for (int k = 0; k < 4000; k++) {
        size_t n = 3 + draw(sizeof text - 3);
        for (size_t i = 3; i < n; i++)
            text[i] = bytes[draw(sizeof bytes - 1)];
        check_text(folder, text, n);
    }
    scratch_drop(folder);
}

static size_t put_field(char *to) {
    static const char *const fields[] = {
        "x", "", " blank ", "\"a,b\"", "\"say \"\"x\"\"\"", "\"two\nrows\"", "\xc3\xa9", "plain", "\" kept \"", "\t8k"};
    const char *field = fields[draw(draw(3) ? 3 : sizeof fields / sizeof *fields)];
    return (size_t)sprintf(to, "%s", field);
}

/** Lists of many chunks; most have quotes somewhere. */
static void long_lists(void) {
    enum { BYTES = 300000, FIELDS_MAX = 9, FIELD = 16 };
    char folder[SCRATCH_PATH], *text = malloc(BYTES + FIELDS_MAX * FIELD + 8);
    scratch_make(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (int k = 0; k < 12; k++) {
        size_t n = (size_t)sprintf(text, k % 2 ? "id\r\n" : "id\n");
        while (n < BYTES) {
            for (uint64_t fields = draw(FIELDS_MAX); fields; fields--) {
                n += k < 3 ? (size_t)sprintf(text + n, "%llu", (unsigned long long)draw(1000)) : put_field(text + n);
                if (fields > 1) text[n++] = ',';
            }
            n += (size_t)sprintf(text + n, k % 4 == 3 ? "\r" : k % 2 ? "\r\n" : "\n");
        }
        check_text(folder, text, n);
    }
    free(text);
    scratch_drop(folder);
}

/** A row without end is told, not read for ever. */
static void endless_row(void) {
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    sweep_list *l;
    sweep_list_chunk c = {0};
    diags faults = {.n = 0};
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/list.csv", folder);
    FILE *f = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs("id\n", f);
    for (int i = 0; i < 3 * SWEEP_LIST_ROW_MAX; i++)
        fputc(',', f);
    fclose(f);
    CU_ASSERT_EQUAL_FATAL(sweep_list_open(&l, path, &faults), ERR_OK);
    TT_ERR(sweep_list_take(l, &c, &faults), ERR_LIMIT);
    sweep_list_chunk_free(&c);
    sweep_list_close(l);
    scratch_drop(folder);
}

CU_TestInfo scenario_list_tests[] = {
    {"random bytes", random_bytes},
    {"long lists", long_lists},
    {"endless row", endless_row},
    CU_TEST_INFO_NULL,
};
