/*
 * cell.c - cells to text, for the writers of tables.
 */
#include <stdio.h>
#include <string.h>

#include "report/cell.h"
#include "report/number.h"

static const struct {
    const char *sign, *meaning;
} marks[] = {
    [REPORT_PLAIN] = {"", ""},
    [REPORT_FITS] = {"\xe2\x9c\x93", "fits"},
    [REPORT_TIGHT] = {"!", "fits tightly"},
    [REPORT_FITS_NOT] = {"\xe2\x9c\x97", "does not fit"},
};

enum { MARKS = sizeof marks / sizeof *marks };

/** Ranges of code points that take two places (East Asian wide) or none (combining). */
static const struct {
    unsigned from, to, places;
} odd_widths[] = {
    {0x0300, 0x036f, 0}, {0x1100, 0x115f, 2}, {0x200b, 0x200f, 0}, {0x2e80, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},
    {0xf900, 0xfaff, 2}, {0xfe00, 0xfe0f, 0}, {0xff00, 0xff60, 2}, {0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
};

const char *report_cell_text(const report_cell *cell, const report_column *column, char *scratch) {
    if (cell->kind == REPORT_TEXT) return cell->text ? cell->text : "";
    if (cell->kind == REPORT_BLANK) return "";
    report_number_text(cell->number, column->decimals, scratch);
    return scratch;
}

/** 131072 to 131,072, in place; numbers of up to four digits stay. */
static void put_commas(char *text) {
    size_t start = *text == '-', whole = strspn(text + start, "0123456789"), n = strlen(text);
    size_t commas = whole > 4 ? (whole - 1) / 3 : 0;
    if (n + commas >= CELL_NUMBER_BYTES) return;
    memmove(text + start + whole + commas, text + start + whole, n - start - whole + 1);
    for (size_t i = whole; commas; i--) {
        text[start + i + commas - 1] = text[start + i - 1];
        if ((whole - i + 1) % 3 == 0 && i > 1) text[start + i + --commas - 1] = ',';
    }
}

const char *report_cell_shown(const report_cell *cell, const report_column *column, char *scratch) {
    if (cell->kind == REPORT_BLANK && (cell->text || cell->note)) return CELL_DASH;
    const char *text = report_cell_text(cell, column, scratch);
    if (cell->kind == REPORT_NUMBER) put_commas(scratch);
    return text;
}

const char *report_note_sign(unsigned number, char *out) {
    static const char *const digit[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",     "\xe2\x81\xb4",
                                        "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8", "\xe2\x81\xb9"};
    char plain[16];
    *out = '\0';
    snprintf(plain, sizeof plain, "%u", number);
    for (const char *p = plain; number && *p; p++)
        strncat(out, digit[*p - '0'], CELL_NUMBER_BYTES - 1 - strlen(out));
    return out;
}

const report_group *report_group_at(const report_table *t, size_t row) {
    for (size_t i = 0; i < t->n_groups; i++) {
        if (t->groups[i].first == row) return &t->groups[i];
    }
    return NULL;
}

const char *report_mark_sign(unsigned mark) {
    return mark < MARKS ? marks[mark].sign : "";
}

const char *report_mark_meaning(unsigned mark) {
    return mark < MARKS ? marks[mark].meaning : "";
}

unsigned report_table_marks(const report_table *t) {
    unsigned seen = 0;
    for (size_t i = 0; i < t->n_rows * t->n_columns; i++)
        seen |= t->cells[i].mark < MARKS ? 1u << t->cells[i].mark : 0;
    return seen & ~1u;
}

unsigned report_text_next(const char **at) {
    const unsigned char *p = (const unsigned char *)*at;
    unsigned more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : 0, code = more ? *p & (0x3fu >> more) : *p;
    for (unsigned i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *at += 1;
            return *p;
        }
        code = code << 6 | (p[i] & 0x3fu);
    }
    *at += 1 + more;
    return code;
}

static size_t places_of(unsigned code) {
    for (size_t i = 0; i < sizeof odd_widths / sizeof *odd_widths; i++) {
        if (code >= odd_widths[i].from && code <= odd_widths[i].to) return odd_widths[i].places;
    }
    return 1;
}

size_t report_text_width(const char *text) {
    size_t places = 0;
    while (*text)
        places += places_of(report_text_next(&text));
    return places;
}
