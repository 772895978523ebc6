/*
 * terminal.c - tables on a terminal. Reads a finished table, writes lines; when the rows are wider than the screen the
 * widest text columns give way first.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/text.h"
#include "report/cell.h"
#include "report/terminal.h"

enum { GAP = 2, TEXT_MIN = 10, ELLIPSIS_WIDTH = 1 };

#define ELLIPSIS "\xe2\x80\xa6"
#define BOLD     "\033[1m"
#define DIM      "\033[2m"
#define RESET    "\033[0m"

static const char *const mark_color[] = {
    [REPORT_PLAIN] = "", [REPORT_FITS] = "\033[32m", [REPORT_TIGHT] = "\033[33m", [REPORT_FITS_NOT] = "\033[31m"};

/** One piece of output: an optional colour, text cut and padded to a width. */
typedef struct piece {
    const char *text, *tail; /* tail: " [GB]" or " ✓", never cut */
    const char *color;
    size_t width;
    int to_right;
} piece;

static void put_character(FILE *to, const char *at, const char *next) {
    int unsafe;
    if (text_step(at, &unsafe) != (size_t)(next - at) || unsafe || *at == '\t') {
        fputc('?', to);
    } else {
        fwrite(at, 1, (size_t)(next - at), to);
    }
}

/** Text of at most `places`, cut with an ellipsis. */
static void put_cut(FILE *to, const char *text, size_t places) {
    int cut = report_text_width(text) > places;
    size_t left = cut ? places - ELLIPSIS_WIDTH : places;
    while (*text) {
        char one[8] = {0};
        const char *next = text;
        report_text_next(&next);
        memcpy(one, text, (size_t)(next - text));
        size_t width = report_text_width(one);
        if (width > left) break;
        put_character(to, text, next);
        left -= width;
        text = next;
    }
    if (cut) fputs(ELLIPSIS, to);
}

static void put_piece(FILE *to, const piece *p, int last) {
    size_t tail = report_text_width(p->tail), room = p->width > tail ? p->width - tail : 1;
    size_t have = report_text_width(p->text), used = (have < room ? have : room) + tail;
    int pad = used < p->width ? (int)(p->width - used) : 0;
    if (p->to_right) fprintf(to, "%*s", pad, "");
    fputs(p->color, to);
    put_cut(to, p->text, room);
    fputs(p->tail, to);
    if (*p->color) fputs(RESET, to);
    if (!last) fprintf(to, "%*s", (p->to_right ? 0 : pad) + GAP, "");
}

static size_t unit_text(const report_column *c, char *out, size_t cap) {
    *out = '\0';
    if (*c->unit) snprintf(out, cap, " [%s]", c->unit);
    return report_text_width(out);
}

/** A cell as a piece; `scratch` holds its number. */
static piece cell_piece(const report_table *t, size_t row, size_t column, char *scratch, int color) {
    const report_column *c = &t->columns[column];
    const report_cell *cell = &t->cells[row * t->n_columns + column];
    unsigned mark = cell->mark <= REPORT_FITS_NOT ? cell->mark : REPORT_PLAIN;
    static const char *const tails[] = {"", " \xe2\x9c\x93", " !", " \xe2\x9c\x97"};
    piece p = {report_cell_text(cell, c, scratch), tails[mark], color ? mark_color[mark] : "", 0, !c->is_text};
    if (cell->kind == REPORT_BLANK && (cell->text || cell->note)) p.text = CELL_DASH;
    return p;
}

static size_t column_width(const report_table *t, size_t column) {
    char scratch[CELL_NUMBER_BYTES];
    size_t most = report_text_width(t->columns[column].title) + unit_text(&t->columns[column], scratch, sizeof scratch);
    for (size_t i = 0; i < t->n_rows; i++) {
        piece p = cell_piece(t, i, column, scratch, 0);
        size_t width = report_text_width(p.text) + report_text_width(p.tail);
        if (width > most) most = width;
    }
    return most ? most : 1;
}

/** Takes places from the widest text column, one at a time, until the rows fit or nothing can give. */
static void shrink(const report_table *t, size_t *width, size_t places) {
    size_t sum = 0;
    for (size_t j = 0; j < t->n_columns; j++)
        sum += width[j] + (j ? GAP : 0);
    for (; sum > places; sum--) {
        size_t widest = t->n_columns;
        for (size_t j = 0; j < t->n_columns; j++) {
            if (!t->columns[j].is_text || width[j] <= TEXT_MIN) continue;
            if (widest == t->n_columns || width[j] > width[widest]) widest = j;
        }
        if (widest == t->n_columns) return;
        width[widest]--;
    }
}

static void put_heads(FILE *to, const report_table *t, const size_t *width, int color) {
    char unit[CELL_NUMBER_BYTES];
    for (size_t j = 0; j < t->n_columns; j++) {
        const report_column *c = &t->columns[j];
        unit_text(c, unit, sizeof unit);
        const piece p = {c->title, unit, color ? BOLD : "", width[j], !c->is_text};
        put_piece(to, &p, j + 1 == t->n_columns);
    }
    fputc('\n', to);
}

static void put_rows(FILE *to, const report_table *t, const size_t *width, int color) {
    char scratch[CELL_NUMBER_BYTES];
    for (size_t i = 0; i < t->n_rows; i++) {
        for (size_t j = 0; j < t->n_columns; j++) {
            piece p = cell_piece(t, i, j, scratch, color);
            p.width = width[j];
            put_piece(to, &p, j + 1 == t->n_columns);
        }
        fputc('\n', to);
    }
}

static void put_line(FILE *to, const char *before, const char *text, const char *after) {
    fputs(before, to);
    put_cut(to, text, report_text_width(text));
    fputs(after, to);
    fputc('\n', to);
}

err report_terminal_write_wide(FILE *to, const report_table *t, int color, size_t places) {
    size_t *width = calloc(t->n_columns + 1, sizeof *width);
    if (!width) return ERR_MEMORY;
    for (size_t j = 0; j < t->n_columns; j++)
        width[j] = column_width(t, j);
    if (places) shrink(t, width, places);
    if (t->title && *t->title) put_line(to, color ? BOLD : "", t->title, color ? RESET "\n" : "\n");
    put_heads(to, t, width, color);
    put_rows(to, t, width, color);
    free(width);
    if (t->n_notes) fputc('\n', to);
    for (size_t i = 0; i < t->n_notes; i++)
        put_line(to, color ? DIM : "", t->notes[i], color ? RESET : "");
    return ferror(to) ? ERR_WRITE : ERR_OK;
}

err report_terminal_write(FILE *to, const report_table *t, int color) {
    struct winsize screen = {0};
    int fd = fileno(to);
    int known = fd >= 0 && isatty(fd) && ioctl(fd, TIOCGWINSZ, &screen) == 0;
    return report_terminal_write_wide(to, t, color, known ? screen.ws_col : 0);
}
