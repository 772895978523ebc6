/*
 * workbook.c - tables as an Excel workbook: a contents sheet with links, then a sheet per table. The same tables give
 * the same bytes: the creation date is fixed (SOURCE_DATE_EPOCH, else 2000-01-01). Tables longer than a sheet go on in
 * further sheets; too many columns or sheets are refused.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "report/cell.h"
#include "report/workbook_internal.h"

enum {
    COLUMNS_MAX = 16384,
    ROWS_MAX = 1048576 - 4096, /* room for title, header and footnotes */
    SHEETS_MAX = 2048,
    FIXED_DATE = 946684800, /* 2000-01-01 */
    ZIP_END = 22            /* bytes of the record that closes a zip file */
};

static const char contents_name[] = "Contents";

static size_t parts_of(const report_table *t) {
    return t->n_rows / ROWS_MAX + (t->n_rows % ROWS_MAX != 0 || t->n_rows == 0);
}

static err check(const char *path, const report_table *const *tables, size_t n, size_t *sheets, diags *faults) {
    *sheets = 0;
    for (size_t i = 0; i < n; i++) {
        if (tables[i]->n_columns == 0 || tables[i]->n_columns > COLUMNS_MAX) {
            return diag_add(faults, ERR_LIMIT, NULL, 0, 0, "workbook",
                            "%.150s: %.60s: %zu columns, a sheet has 1 to %d", path,
                            tables[i]->name ? tables[i]->name : "table", tables[i]->n_columns, COLUMNS_MAX);
        }
        *sheets += parts_of(tables[i]);
    }
    if (*sheets <= SHEETS_MAX) return ERR_OK;
    return diag_add(faults, ERR_LIMIT, NULL, 0, 0, "workbook", "%.200s: %zu sheets, at most %d", path, *sheets,
                    SHEETS_MAX);
}

/** Copies up to `chars` characters (UTF-16 units, as Excel counts) of a name; what Excel forbids becomes '-'. */
static void clean_name(const char *from, size_t chars, char *out) {
    size_t n = 0;
    while (*from) {
        const char *at = from;
        unsigned code = report_text_next(&from), units = code > 0xffff ? 2 : 1;
        if (units > chars) break;
        chars -= units;
        if (code < ' ' || code == 0x7f || (code < 0x80 && strchr("[]:*?/\\'", (int)code))) {
            out[n++] = '-';
        } else {
            memcpy(out + n, at, (size_t)(from - at));
            n += (size_t)(from - at);
        }
    }
    out[n] = '\0';
}

static int name_taken(const book *b, const char *name) {
    if (strcasecmp(name, contents_name) == 0 || strcasecmp(name, "History") == 0) return 1;
    for (size_t i = 0; i < b->n; i++) {
        if (strcasecmp(b->sheet[i].name, name) == 0) return 1;
    }
    return 0;
}

/** A name that Excel takes and no other sheet has: "name", "name (2)", ... */
static void name_sheet(const book *b, book_sheet *s) {
    const char *wish = s->table->name && *s->table->name ? s->table->name : "Sheet";
    char tail[16] = "";
    for (unsigned k = 2;; k++) {
        clean_name(wish, BOOK_NAME_CHARS - strlen(tail), s->name);
        strcat(s->name, tail);
        if (!name_taken(b, s->name)) return;
        snprintf(tail, sizeof tail, " (%u)", k);
    }
}

static void plan_sheets(book *b, const report_table *const *tables, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t parts = parts_of(tables[i]);
        for (size_t k = 0; k < parts; k++) {
            size_t left = tables[i]->n_rows - k * ROWS_MAX;
            book_sheet *s = &b->sheet[b->n];
            *s = (book_sheet){tables[i], k * ROWS_MAX, left < ROWS_MAX ? left : ROWS_MAX,
                              parts > 1 ? (unsigned)k + 1 : 0, ""};
            name_sheet(b, s);
            b->n++;
        }
    }
}

void book_set_properties(book *b) {
    int64_t date = FIXED_DATE;
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    if (epoch && (!text_int(epoch, &date) || date < 0 || date > UINT32_MAX)) date = FIXED_DATE;
    lxw_doc_properties properties = {
        .title = (char *)b->title, .comments = (char *)"Made with vramsweep", .created = date};
    book_check(b, workbook_set_properties(b->file, &properties));
}

static void put_contents_row(book *b, lxw_worksheet *ws, lxw_row_t row, const book_sheet *s) {
    char link[BOOK_NAME_BYTES + 32], title[1024];
    snprintf(link, sizeof link, "internal:'%s'!A1", s->name);
    book_sheet_title(s, title, sizeof title);
    book_check(b, worksheet_write_url(ws, row, 0, link, book_style_get(b, BOOK_LINK_CELL)));
    book_check(b, worksheet_write_string(ws, row, 0, s->name, book_style_get(b, BOOK_LINK_CELL)));
    book_check(b, worksheet_write_string(ws, row, 1, title, book_style_get(b, BOOK_TEXT)));
    book_check(b, worksheet_write_number(ws, row, 2, (double)s->n_rows, book_number_format(b, REPORT_PLAIN, 0)));
}

/** First sheet: the title and where everything is. */
static void put_contents(book *b, lxw_worksheet *ws) {
    enum { HEAD = 2, ROW_HEIGHT = 17 };
    book_check(b, worksheet_set_row(ws, 0, 30, NULL));
    book_check(b, worksheet_write_string(ws, 0, 0, b->title, book_style_get(b, BOOK_TITLE)));
    book_check(b, worksheet_write_string(ws, HEAD, 0, "Sheet", book_style_get(b, BOOK_HEAD_TEXT)));
    book_check(b, worksheet_write_string(ws, HEAD, 1, "What it shows", book_style_get(b, BOOK_HEAD_TEXT)));
    book_check(b, worksheet_write_string(ws, HEAD, 2, "Rows", book_style_get(b, BOOK_HEAD_NUMBER)));
    for (size_t i = 0; i < b->n; i++)
        put_contents_row(b, ws, (lxw_row_t)(HEAD + 1 + i), &b->sheet[i]);
    book_check(b, worksheet_set_column(ws, 0, 0, 34, NULL));
    book_check(b, worksheet_set_column(ws, 1, 1, 80, NULL));
    book_check(b, worksheet_set_column(ws, 2, 2, 10, NULL));
    worksheet_set_default_row(ws, ROW_HEIGHT, LXW_FALSE);
    worksheet_freeze_panes(ws, HEAD + 1, 0);
    book_page_setup(b, ws);
}

static void put_sheets(book *b) {
    book_set_properties(b);
    lxw_worksheet *ws = book_sheet_add(b, contents_name);
    if (ws) put_contents(b, ws);
    for (size_t i = 0; i < b->n; i++) {
        ws = book_sheet_add(b, b->sheet[i].name);
        if (ws) book_sheet_write(b, ws, &b->sheet[i]);
    }
}

/** The record that ends a zip file is there. */
static int is_complete(const char *path) {
    char end[4] = "";
    FILE *f = fopen(path, "rb");
    int complete = f && fseek(f, -ZIP_END, SEEK_END) == 0 && fread(end, 1, sizeof end, f) == sizeof end &&
                   memcmp(end, "PK\5\6", sizeof end) == 0;
    if (f) fclose(f);
    return complete;
}

lxw_workbook *book_new(const char *path, int constant_memory) {
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    lxw_workbook_options options = {.constant_memory = constant_memory ? LXW_TRUE : LXW_FALSE, .tmpdir = folder};
    if (slash) snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    book_temp_lost(); /* what an older one lost */
    return workbook_new_opt(path, &options);
}

err book_check_closed(lxw_error failed, const char *shown, const char *path, diags *faults) {
    int why = book_temp_lost();
    err code = failed == LXW_ERROR_MEMORY_MALLOC_FAILED || why == ENOMEM ? ERR_MEMORY : ERR_WRITE;
    if (why) return diag_add(faults, code, NULL, 0, 0, NULL, "%.200s: cannot write: %s", shown, strerror(why));
    if (failed != LXW_NO_ERROR) {
        return diag_add(faults, code, NULL, 0, 0, NULL, "%.160s: %.120s", shown, lxw_strerror(failed));
    }
    if (is_complete(path)) return ERR_OK;
    return diag_add(faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: the file came out incomplete; is the disk full?",
                    shown);
}

err book_close(book *b, const char *path, const char *temporary, diags *faults) {
    if (b->failed == LXW_NO_ERROR) {
        book_check(b, workbook_close(b->file));
    } else {
        lxw_workbook_free(b->file);
    }
    return book_check_closed(b->failed, path, temporary, faults);
}

/** Writes the whole file under its temporary name. */
static err write_book(book *b, const char *path, const char *temporary, diags *faults) {
    book_needs_memory(path);
    b->file = book_new(temporary, 0);
    put_sheets(b);
    err e = book_close(b, path, temporary, faults);
    book_needs_memory(NULL);
    return e;
}

err report_workbook_write(const char *path, const char *title, const report_table *const *tables, size_t n,
                          diags *faults) {
    size_t sheets;
    report_file *f;
    const char *temporary;
    TRY(check(path, tables, n, &sheets, faults));
    book b = {.title = title ? title : contents_name, .sheet = calloc(sheets + 1, sizeof *b.sheet)};
    if (!b.sheet) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%.200s: %s", path, err_text(ERR_MEMORY));
    plan_sheets(&b, tables, n);
    err e = report_file_reserve(&f, path, &temporary, faults);
    if (e == ERR_OK) {
        e = write_book(&b, path, temporary, faults);
        if (e == ERR_OK) {
            e = report_file_commit(f, faults);
        } else {
            report_file_abort(f);
        }
    }
    free(b.sheet);
    return e;
}
