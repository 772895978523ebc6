/*
 * scenarios.c - a list of scenarios through the reader, the answers and the rows of `eval`. Every answer from memory
 * must be the one that is worked out anew.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/answers.h"
#include "sweep/auto_layout.h"
#include "sweep/eval_row.h"
#include "tests/fuzz/fuzz.h"

enum { ROWS = 4, GPUS_SEARCHED = 8 };

/** Answers remembered from input to input, with every column that makes a scenario known. */
static sweep_answers *memory(void) {
    static sweep_answers *kept;
    sweep_column all[SC_COLUMNS];
    for (unsigned i = 0; i < SC_COLUMNS; i++)
        all[i] = (sweep_column)i;
    if (!kept) kept = sweep_answers_new(fuzz_catalogs(), all, SC_COLUMNS);
    FUZZ_CHECK(kept != NULL);
    return kept;
}

/** 0 for a row that `eval` does not answer, or that would search for long. */
static int texts_of(const sweep_list_header *h, const sweep_list_row *row, const char *text[SC_COLUMNS]) {
    int64_t gpus = 0;
    if (row->fields != h->n) return 0;
    for (size_t k = 0; k < h->n; k++) {
        if (!row->ascii && !text_utf8(row->field[k], strlen(row->field[k]), NULL)) return 0;
        text[h->column[k]] = row->field[k];
    }
    int searches = sweep_auto_is(text[SC_LAYOUT] ? text[SC_LAYOUT] : "");
    return !searches || (text[SC_GPUS] && text_int(text[SC_GPUS], &gpus) && gpus <= GPUS_SEARCHED);
}

static void check_answer(const sweep_answer *a) {
    double sum = 0;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        sum += a->component[c];
    FUZZ_CHECK(sum == a->total && a->total >= 0 && a->total < 0x1p53);
    if (a->held) FUZZ_CHECK(a->min_gpus >= 0 && a->max_batch >= 0 && a->max_context >= 0);
    if (a->held) FUZZ_CHECK(!a->fits || a->headroom >= 0);
}

/** Answers that do not matter are not compared: those of a refused row, those without a GPU. */
static void check_same(const sweep_answer *a, const sweep_answer *b) {
    FUZZ_CHECK(memcmp(a->component, b->component, sizeof a->component) == 0 && a->total == b->total);
    FUZZ_CHECK(a->held == b->held && a->serves == b->serves);
    if (!a->held) return;
    FUZZ_CHECK(a->usable == b->usable && a->headroom == b->headroom && a->fits == b->fits);
    FUZZ_CHECK(a->min_gpus == b->min_gpus && a->max_batch == b->max_batch && a->max_context == b->max_context);
    FUZZ_CHECK(!a->serves || a->kv_capacity == b->kv_capacity);
}

static void answer_row(const sweep_list_header *h, const sweep_list_row *row, report_csv_text *out) {
    static sweep_scenario sc;
    const char *text[SC_COLUMNS] = {NULL};
    char why[DIAG_TEXT] = "", again[DIAG_TEXT] = "";
    sweep_stand_in engine = {NULL, NULL};
    sweep_answer a, b;
    if (!texts_of(h, row, text)) return;
    err e = sweep_answers_get(memory(), text, &a, &engine, why);
    err f = sweep_answers_plain(fuzz_catalogs(), text, &sc, &b, again);
    FUZZ_CHECK(e == f && strcmp(why, again) == 0);
    FUZZ_CHECK(e == ERR_OK || *why);
    if (e == ERR_OK) check_answer(&a), check_same(&a, &b);
    for (int json = 0; json < 2; json++)
        sweep_row_put(out, (sweep_row_style){.json = json, .range = 1, .chosen = 1}, h, row, e == ERR_OK ? &a : NULL,
                      why);
    FUZZ_CHECK(!out->failed);
}

static void read_rows(sweep_list *l, diags *faults) {
    const sweep_list_header *h = sweep_list_columns(l);
    sweep_list_chunk c = {0};
    report_csv_text out = {0};
    char why[DIAG_TEXT] = "";
    int rows = 0;
    err e = sweep_list_peek(l, &c, faults);
    while (e == ERR_OK && (e = sweep_list_take(l, &c, faults)) == ERR_OK && c.n) {
        sweep_list_row row;
        for (int more = 1; e == ERR_OK && more;) {
            e = sweep_list_next(&c, h->n, &row, &more, why);
            FUZZ_CHECK(e == ERR_OK || *why);
            if (e == ERR_OK && more && rows++ < ROWS) answer_row(h, &row, &out);
        }
    }
    report_csv_text_free(&out);
    sweep_list_chunk_free(&c);
}

void fuzz_scenarios(const uint8_t *data, size_t n) {
    diags faults = {.n = 0};
    sweep_list *l = NULL;
    err e = sweep_list_open(&l, fuzz_path(data, n), &faults);
    fuzz_faults(e, &faults);
    if (e != ERR_OK) return;
    read_rows(l, &faults);
    sweep_list_close(l);
}
