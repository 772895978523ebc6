/*
 * cmd_eval.c - `eval SCENARIOS.csv`: each thread takes the next rows of the list and answers them into text of its own,
 * which is written when its turn comes: the output does not depend on the number of threads.
 */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "report/file.h"
#include "sweep/answers.h"
#include "sweep/auto_layout.h"
#include "sweep/command.h"
#include "sweep/eval_row.h"
#include "sweep/turns.h"

/** What the threads share. */
typedef struct job {
    sweep_ctx *ctx;
    /* Under the lock of the turns: */
    sweep_list *list;
    diags unread; /* why the list could not be read further */
    err ended;
    /* By turns: */
    report_file *out;
    sweep_row_style style;
    sweep_turns turns; /* a chunk each */
    uint64_t rows;     /* written */
    int bad, noted;
} job;

/** What came of a chunk of rows. */
typedef struct answered {
    uint64_t rows;
    report_csv_text text;
    report_piece piece; /* the text on its way out */
    int bad;            /* some row has a status other than ok */
    char asked[64];     /* an engine that only an older version stands for */
    kern_engine used;
    err unread, failed; /* the row that could not be read, and why; memory */
    char why[DIAG_TEXT];
} answered;

typedef struct worker {
    const sweep_list_header *header;
    sweep_list_chunk chunk;
    sweep_answers *answers;
    uint64_t until[SWEEP_TURNS_AHEAD]; /* turns of what it answered */
    answered answered[SWEEP_TURNS_AHEAD];
} worker;

/** What is no text is refused; the row keeps its place, but shows '?' instead. */
static err check_text(const sweep_list_header *h, size_t k, const char *field, char *why) {
    const char *name = sweep_columns[h->column[k]].name;
    unsigned code = 0;
    int utf8 = text_utf8(field, strlen(field), NULL);
    if (utf8 && text_clean(field, strlen(field), &code)) return ERR_OK;
    text_make_printable((char *)field); /* in the scratch memory of the chunk */
    if (!utf8) {
        snprintf(why, DIAG_TEXT, "%s: %s", name, err_text(ERR_ENCODING));
    } else {
        snprintf(why, DIAG_TEXT, "%s: a control character or invisible mark (U+%04X)", name, code);
    }
    return ERR_ENCODING;
}

/** The texts of a row by column; *why gets the reason on failure. */
static err texts_of(const sweep_list_header *h, const sweep_list_row *row, const char *text[SC_COLUMNS], char *why) {
    err first = ERR_OK;
    for (size_t k = 0; k < h->n; k++) {
        err e = row->ascii ? ERR_OK : check_text(h, k, row->field[k], why);
        if (first == ERR_OK) first = e;
        text[h->column[k]] = row->field[k];
    }
    if (row->fields == h->n) return first;
    snprintf(why, DIAG_TEXT, "the row has %u fields, the header %zu", row->fields, h->n);
    return ERR_SYNTAX;
}

static void answer_row(worker *w, answered *to, sweep_row_style style, const sweep_list_row *row) {
    const char *text[SC_COLUMNS] = {NULL};
    char why[DIAG_TEXT];
    sweep_answer a;
    sweep_stand_in engine = {NULL, NULL};
    err e = texts_of(w->header, row, text, why);
    if (e == ERR_OK && sweep_auto_is(text[SC_LAYOUT]) && !style.chosen) {
        e = ERR_SCENARIO;
        snprintf(why, sizeof why,
                 "layout: the first auto of a list stands in its first %d KiB; or give it a column objective",
                 SWEEP_LIST_AHEAD / 1024);
    }
    if (e == ERR_OK) e = sweep_answers_get(w->answers, text, &a, &engine, why);
    if (engine.asked && !*to->asked) {
        snprintf(to->asked, sizeof to->asked, "%s", engine.asked);
        to->used = *engine.used;
    }
    to->bad |= e != ERR_OK;
    sweep_row_put(&to->text, style, w->header, row, e == ERR_OK ? &a : NULL, e == ERR_OK ? "ok" : why);
}

static void answer_chunk(const job *j, worker *w, answered *to) {
    sweep_list_row row;
    to->text.n = 0;
    to->bad = 0;
    *to->asked = 0;
    for (int more = 1; more;) {
        to->unread = sweep_list_next(&w->chunk, w->header->n, &row, &more, to->why);
        if (to->unread != ERR_OK) break;
        if (more) answer_row(w, to, j->style, &row);
    }
    to->rows = w->chunk.rows;
    to->failed = to->text.failed ? ERR_MEMORY : report_file_pack(j->out, to->text.text, to->text.n, &to->piece);
}

/** The next rows and their turn; 0 when there are none or something failed. */
static int take(job *j, worker *w, uint64_t *turn) {
    sweep_turns *t = &j->turns;
    sweep_turns_lock(t);
    if (t->failed == ERR_OK && j->ended == ERR_OK) j->ended = sweep_list_take(j->list, &w->chunk, &j->unread);
    int more = t->failed == ERR_OK && j->ended == ERR_OK && w->chunk.n > 0;
    if (more) *turn = t->taken++;
    sweep_turns_unlock(t);
    return more;
}

/** Writes what a thread has, and tells what is to be told. */
static err put(void *to, void *it) {
    job *j = to;
    const answered *a = it;
    TRY(a->failed);
    if (a->unread != ERR_OK) {
        int line = (int)(j->rows + a->rows + 1);
        return diag_add(&j->ctx->faults, a->unread, sweep_list_name(j->list), line, 0, NULL, "%s", a->why);
    }
    j->rows += a->rows;
    j->bad |= a->bad;
    if (*a->asked && !j->noted) {
        sweep_ctx_note_engine(j->ctx, a->asked, &a->used);
        j->noted = 1;
    }
    return report_file_put(j->out, &a->piece);
}

/** Rows from the first to the last that a thread gets: a text is used again when what it held is out. */
static void answer(job *j, worker *w) {
    for (uint64_t turn; take(j, w, &turn);) {
        size_t i = sweep_turns_spare(&j->turns, w->until);
        w->until[i] = turn + 1;
        answer_chunk(j, w, &w->answered[i]);
        sweep_turns_hand(&j->turns, turn, &w->answered[i]);
    }
    sweep_turns_wait(&j->turns, w->until);
}

static void work(job *j) {
    worker *w = calloc(1, sizeof *w);
    const sweep_list_header *h = sweep_list_columns(j->list);
    if (w) w->answers = sweep_answers_new(&j->ctx->catalogs, h->column, h->n);
    if (!w || !w->answers) {
        sweep_turns_lock(&j->turns);
        sweep_turns_fail(&j->turns, ERR_MEMORY);
        sweep_turns_unlock(&j->turns);
    } else {
        w->header = h;
        answer(j, w);
        sweep_list_chunk_free(&w->chunk);
        for (size_t i = 0; i < SWEEP_TURNS_AHEAD; i++) {
            report_csv_text_free(&w->answered[i].text);
            report_piece_free(&w->answered[i].piece);
        }
        sweep_answers_free(w->answers);
    }
    free(w);
}

/** The layouts chosen are shown when the list has a column for it, or its first rows ask for them. */
static err shows_chosen(job *j, int *shows) {
    const sweep_list_header *h = sweep_list_columns(j->list);
    sweep_list_chunk c = {0};
    sweep_list_row row;
    char why[DIAG_TEXT];
    size_t layout = h->n;
    err e = ERR_OK;
    *shows = 0;
    for (size_t k = 0; k < h->n; k++) {
        *shows |= h->column[k] == SC_OBJECTIVE;
        if (h->column[k] == SC_LAYOUT) layout = k;
    }
    if (*shows || layout == h->n) return ERR_OK;
    e = sweep_list_peek(j->list, &c, &j->ctx->faults);
    for (int more = e == ERR_OK; more && !*shows;) {
        if (sweep_list_next(&c, h->n, &row, &more, why) != ERR_OK) break; /* told when its turn comes */
        *shows = more && sweep_auto_is(row.field[layout]);
    }
    sweep_list_chunk_free(&c);
    return e;
}

static err write_header(job *j) {
    report_csv_text t = {0};
    TRY(shows_chosen(j, &j->style.chosen));
    sweep_row_header(&t, j->style, sweep_list_columns(j->list));
    err e = t.failed ? ERR_MEMORY : t.n ? report_file_write(j->out, t.text, t.n) : ERR_OK;
    report_csv_text_free(&t);
    return e;
}

static err eval_list(sweep_ctx *ctx, job *j) {
    TRY(report_file_open(&j->out, ctx->options->out ? ctx->options->out : "-", &ctx->faults));
    err e = sweep_list_open(&j->list, ctx->options->args[0], &ctx->faults);
    if (e == ERR_OK) {
        e = write_header(j);
        sweep_turns_fail(&j->turns, e);
#pragma omp parallel
        work(j);
        e = j->turns.failed;
        if (e == ERR_OK && (e = j->ended) != ERR_OK) ctx->faults = j->unread;
        sweep_list_close(j->list);
    }
    if (e == ERR_MEMORY && !ctx->faults.n)
        diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    if (e != ERR_OK && ctx->faults.n) {
        report_file_abort(j->out);
        return e;
    }
    TRY(report_file_commit(j->out, &ctx->faults));
    return j->bad ? diag_add(&ctx->faults, ERR_SCENARIO, NULL, 0, 0, NULL,
                             "some rows could not be evaluated; see their status")
                  : e;
}

err sweep_cmd_eval(sweep_ctx *ctx) {
    if (ctx->options->n_args != 1) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "eval",
                        "expected one list of scenarios, '-' for standard input");
    }
    TRY(sweep_ctx_catalogs(ctx, NULL, 0));
    if (ctx->options->threads) omp_set_num_threads(ctx->options->threads);
    job j = {.ctx = ctx,
             .style = {.json = ctx->options->format == SWEEP_FORMAT_JSONL, .range = ctx->options->range},
             .turns = SWEEP_TURNS(put, &j)};
    return eval_list(ctx, &j);
}
