/*
 * workbook_style.c - the formats of a workbook, made when first used. Marks have a colour and a sign in the number
 * format, so a printed page without colours still says what fits and the cell stays a number.
 */
#include <stdio.h>
#include <string.h>

#include "report/cell.h"
#include "report/workbook_internal.h"

enum {
    INK = 0x222222,
    PALE_INK = 0x666666,
    ACCENT = 0x1f3864,
    RULE = 0xd9d9d9,
    LINK_INK = 0x0563c1,
    WHITE = 0xffffff,
    BAND = 0xd9e2f3,
    GREY = 0x7f7f7f,
    INPUT_INK = 0x0000ff, /* blue on yellow: what a spreadsheet's reader may change, by custom */
    INPUT_FILL = 0xfff2cc
};

/** What a style sets; 0 and NONE leave the default. */
static const struct {
    double size;
    lxw_color_t ink, fill;
    uint8_t bold, wrap, align, rule; /* rule: of a cell, with a line below and a margin to its neighbours */
} styles[BOOK_STYLES] = {
    [BOOK_TITLE] = {16, ACCENT, 0, 1, 0, LXW_ALIGN_LEFT, 0},
    [BOOK_SUBTITLE] = {10, PALE_INK, 0, 0, 0, LXW_ALIGN_LEFT, 0},
    [BOOK_HEAD_TEXT] = {10, WHITE, ACCENT, 1, 1, LXW_ALIGN_LEFT, 1},
    [BOOK_HEAD_NUMBER] = {10, WHITE, ACCENT, 1, 1, LXW_ALIGN_RIGHT, 1},
    [BOOK_TEXT] = {10, INK, 0, 0, 0, LXW_ALIGN_LEFT, 1},
    [BOOK_TEXT_LONG] = {10, INK, 0, 0, 1, LXW_ALIGN_LEFT, 1},
    [BOOK_NUMBER] = {10, INK, 0, 0, 0, LXW_ALIGN_RIGHT, 1},
    [BOOK_BLANK] = {10, PALE_INK, 0, 0, 0, LXW_ALIGN_RIGHT, 1},
    [BOOK_LINK] = {10, LINK_INK, 0, 0, 0, LXW_ALIGN_LEFT, 0},
    [BOOK_LINK_CELL] = {10, LINK_INK, 0, 0, 0, LXW_ALIGN_LEFT, 1},
    [BOOK_NOTE] = {9, PALE_INK, 0, 0, 1, LXW_ALIGN_LEFT, 0},
    [BOOK_SECTION] = {12, ACCENT, 0, 1, 0, LXW_ALIGN_LEFT, 0},
    [BOOK_BAND] = {10, ACCENT, BAND, 1, 0, LXW_ALIGN_LEFT, 1},
    [BOOK_HEAD_WORK] = {10, WHITE, GREY, 1, 1, LXW_ALIGN_RIGHT, 1},
    [BOOK_INPUT] = {10, INPUT_INK, INPUT_FILL, 0, 0, LXW_ALIGN_RIGHT, 1},
    [BOOK_INPUT_TEXT] = {10, INPUT_INK, INPUT_FILL, 0, 0, LXW_ALIGN_LEFT, 1},
};

static const struct {
    lxw_color_t ink, fill;
} mark_colors[BOOK_MARKS] = {
    [REPORT_FITS] = {0x006100, 0xc6efce},
    [REPORT_TIGHT] = {0x7f6000, 0xffeb9c},
    [REPORT_FITS_NOT] = {0x9c0006, 0xffc7ce},
};

void book_check(book *b, lxw_error e) {
    if (b->failed == LXW_NO_ERROR) b->failed = e;
}

static lxw_format *new_format(book *b, book_style s) {
    lxw_format *f = workbook_add_format(b->file);
    format_set_font_name(f, "Calibri");
    format_set_font_size(f, styles[s].size);
    format_set_font_color(f, styles[s].ink);
    format_set_align(f, styles[s].align);
    format_set_align(f, s == BOOK_NOTE ? LXW_ALIGN_VERTICAL_TOP : LXW_ALIGN_VERTICAL_CENTER);
    if (styles[s].fill) format_set_bg_color(f, styles[s].fill);
    if (styles[s].bold) format_set_bold(f);
    if (styles[s].wrap) format_set_text_wrap(f);
    if (styles[s].rule) {
        format_set_bottom(f, LXW_BORDER_THIN);
        format_set_bottom_color(f, RULE);
        format_set_indent(f, 1);
    }
    return f;
}

lxw_format *book_style_get(book *b, book_style s) {
    if (!b->style[s]) b->style[s] = new_format(b, s);
    return b->style[s];
}

static void set_mark(lxw_format *f, unsigned mark) {
    if (mark == REPORT_PLAIN) return;
    format_set_font_color(f, mark_colors[mark].ink);
    format_set_bg_color(f, mark_colors[mark].fill);
}

/** `#,##0.00 "✓";[Red]-#,##0.00 "✓"`; as many places as needed is `#,##0.######`, or General without a mark. */
static void set_number(lxw_format *f, unsigned mark, int decimals) {
    char places[BOOK_PLACES + 2] = "", tail[16] = "", text[128];
    if (decimals > 0) snprintf(places, sizeof places, ".%.*s", decimals, "000000000000000");
    if (mark != REPORT_PLAIN) snprintf(tail, sizeof tail, " \"%s\"", report_mark_sign(mark));
    if (decimals < 0) {
        snprintf(text, sizeof text, "General%s", tail);
    } else {
        snprintf(text, sizeof text, "#,##0%s%s;[Red]-#,##0%s%s", places, tail, places, tail);
    }
    format_set_num_format(f, text);
}

lxw_format *book_number_format(book *b, unsigned mark, int decimals) {
    int places = decimals < 0 ? -1 : decimals >= BOOK_PLACES ? BOOK_PLACES - 1 : decimals;
    if (mark >= BOOK_MARKS) mark = REPORT_PLAIN;
    lxw_format **slot = &b->number[mark][places < 0 ? BOOK_PLACES : places];
    if (!*slot) {
        *slot = new_format(b, BOOK_NUMBER);
        set_mark(*slot, mark);
        set_number(*slot, mark, places);
    }
    return *slot;
}

lxw_format *book_text_format(book *b, unsigned mark) {
    if (mark >= BOOK_MARKS) mark = REPORT_PLAIN;
    if (!b->text[mark]) {
        b->text[mark] = new_format(b, BOOK_TEXT);
        set_mark(b->text[mark], mark);
    }
    return b->text[mark];
}

lxw_format *book_form_get(book *b, book_style s, const char *form) {
    for (size_t i = 0; i < b->n_forms; i++) {
        if (b->form[i].style == s && strcmp(b->form[i].form, form) == 0) return b->form[i].made;
    }
    if (b->n_forms == BOOK_FORMS) return book_style_get(b, s);
    lxw_format *f = new_format(b, s);
    format_set_num_format(f, form);
    b->form[b->n_forms].style = s;
    b->form[b->n_forms].form = form;
    b->form[b->n_forms++].made = f;
    return f;
}
