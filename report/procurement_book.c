/*
 * procurement_book.c - the procurement report as a workbook with live formulas: what the buyer chooses, every option,
 * memory, prices, charts, sources. Reads a report with its answers; refuses more rows than a sheet or a spreadsheet's
 * patience holds. The same report gives the same bytes.
 */
#include <string.h>

#include "report/file.h"
#include "report/procurement_book.h"

enum {
    OPTIONS_MAX = 5000, /* every option is compared with every other one */
    LINES_MAX = 1000000,
    CONTEXTS_MAX = 1000,
    GPUS_MAX = 10000,
    OFFERS_MAX = 50000
};

static err check(const char *path, const report_procurement *p, diags *faults) {
    const struct {
        const char *what;
        size_t found, most;
    } limits[] = {{"options", p->n_options, OPTIONS_MAX},
                  {"contexts", p->n_contexts, CONTEXTS_MAX},
                  {"options x contexts", p->n_options * p->n_contexts, LINES_MAX},
                  {"GPUs", p->n_gpus, GPUS_MAX},
                  {"offers", p->n_offers, OFFERS_MAX}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (limits[i].found <= limits[i].most) continue;
        return diag_add(faults, ERR_LIMIT, NULL, 0, 0, "workbook",
                        "%.150s: %zu %s, the workbook holds %zu: take fewer models, formats, GPUs or contexts", path,
                        limits[i].found, limits[i].what, limits[i].most);
    }
    return ERR_OK;
}

void deal_put_title(deal_book *d, lxw_worksheet *ws, const char *title, const char *below) {
    book *b = &d->b;
    worksheet_set_default_row(ws, 17, LXW_FALSE);
    book_check(b, worksheet_set_row(ws, 0, 26, NULL));
    book_put_text(b, ws, 0, 0, title, book_style_get(b, BOOK_TITLE));
    book_put_text(b, ws, 1, 0, below, book_style_get(b, BOOK_SUBTITLE));
    if (ws == d->inputs) return;
    book_check(b, worksheet_write_url(ws, 2, 0, "internal:'Inputs'!A1", book_style_get(b, BOOK_LINK)));
    book_check(b, worksheet_write_string(ws, 2, 0, "Inputs", book_style_get(b, BOOK_LINK)));
}

void deal_finish_grid(deal_book *d, lxw_worksheet *ws, const grid *g, lxw_col_t fixed, lxw_col_t printed,
                      uint16_t wide) {
    book *b = &d->b;
    lxw_col_t last = (lxw_col_t)(g->n_columns - 1);
    worksheet_freeze_panes(ws, book_grid_first(g), fixed);
    book_check(b, worksheet_autofilter(ws, g->head_row, 0, book_grid_last(g), last));
    book_check(b, worksheet_repeat_rows(ws, g->head_row - (g->banded ? 1 : 0), g->head_row));
    book_check(b, worksheet_print_area(ws, 0, 0, book_grid_last(g), printed));
    book_check(b, worksheet_ignore_errors(ws, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576"));
    book_page_setup(b, ws);
    if (wide == 1) return;
    worksheet_fit_to_pages(ws, wide, 0);
    book_check(b, worksheet_repeat_columns(ws, 0, fixed ? fixed - 1 : 0));
}

static void put_sheets(deal_book *d) {
    const struct {
        const char *name;
        lxw_worksheet **sheet;
        void (*put)(deal_book *d);
    } sheets[] = {{"Inputs", &d->inputs, deal_put_inputs},   {"Options", &d->options, deal_put_options},
                  {"Charts", &d->charts, deal_put_charts},   {"GPUs", &d->gpus, deal_put_gpus},
                  {"Cloud", &d->cloud, deal_put_cloud},      {"Memory", &d->memory, deal_put_memory},
                  {"Sources", &d->sources, deal_put_sources}};
    size_t n = sizeof sheets / sizeof *sheets;
    book_set_properties(&d->b);
    for (size_t i = 0; i < n; i++)
        *sheets[i].sheet = book_sheet_add(&d->b, sheets[i].name);
    for (size_t i = 0; i < n && d->b.failed == LXW_NO_ERROR; i++)
        sheets[i].put(d);
}

/** Writes the whole file under its temporary name. */
static err write_book(deal_book *d, const char *path, const char *temporary, diags *faults) {
    book_needs_memory(path);
    d->b.file = book_new(temporary, 0);
    put_sheets(d);
    err e = book_close(&d->b, path, temporary, faults);
    book_needs_memory(NULL);
    return e;
}

/** Title and currency as XML and headings take them. */
static err clean_words(deal_book *d) {
    enum { MONEY = 16 };
    char clean[GRID_TEXT_BYTES];
    const char *title = d->p->title && *d->p->title ? d->p->title : d->p->name;
    book_text_clean(title ? title : "Procurement", clean);
    d->b.title = arena_text(&d->mem, clean, strlen(clean));
    book_text_clean(d->p->inputs.currency ? d->p->inputs.currency : "USD", clean);
    d->money = arena_printf(&d->mem, "%.*s", MONEY, clean);
    return d->b.title && d->money ? ERR_OK : ERR_MEMORY;
}

err report_procurement_book(const char *path, const report_procurement *p, diags *faults) {
    report_file *f;
    const char *temporary;
    TRY(check(path, p, faults));
    TRY(report_file_reserve(&f, path, &temporary, faults));
    deal_book d = {.p = p};
    arena_init(&d.mem, NULL, NULL);
    err e = clean_words(&d);
    if (e == ERR_OK) e = deal_plan(&d);
    if (e != ERR_OK) {
        diag_add(faults, e, NULL, 0, 0, NULL, "%.200s: %s", path, err_text(e));
    } else {
        e = write_book(&d, path, temporary, faults);
    }
    arena_fini(&d.mem);
    if (e == ERR_OK) return report_file_commit(f, faults);
    report_file_abort(f);
    return e;
}
