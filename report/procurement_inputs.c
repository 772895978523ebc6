/*
 * procurement_inputs.c - sheet "Inputs": what the buyer chooses, a named and validated cell each, and where everything
 * else is. All other sheets follow these cells.
 */
#include <stdio.h>

#include "report/procurement_book.h"

enum { LINKS_ROW = 2, SECTION_ROW = 4, HEAD_ROW, FIRST_ROW, VALUE = 1, UNIT, MEANING, HEAD_LAST = 8 };

/** What may be written into an input. */
typedef enum bound { WHOLE, FROM, BETWEEN, ABOVE, LIST_CONTEXT, LIST_BASIS } bound;

typedef struct input {
    const char *name, *title, *unit, *form; /* form NULL: text */
    bound bound;
    double least, most;
    const char *allowed, *meaning;
} input;

static const input inputs[] = {
    {"users", "Concurrent users", "sequences", "#,##0", WHOLE, 1, 1e9, "A whole number from 1 to 10^9.",
     "Requests that are decoded at the same time; each has the whole context."},
    {"context", "Context", "tokens", "#,##0", LIST_CONTEXT, 0, 0, "One of the contexts of sheet Memory.",
     "Prompt and answer of one user together. Choose from the list."},
    {"months", "Months of use", "months", "#,##0.##", FROM, 1, 0, "1 or more.", "Over which a purchase is spread."},
    {"hours_per_day", "Hours per day", "h", "0.##", ABOVE, 0, 24, "More than 0, at most 24.",
     "Of use: power, on-demand and spot instances. Reserved ones are paid around the clock."},
    {"electricity", "Price of electricity", "$/kWh", "0.000", FROM, 0, 0, "0 or more, or nothing.",
     "Empty: electricity is left out of the cost of owning."},
    {"pue", "Site power / GPU power (PUE)", "", "0.00", FROM, 1, 0, "1 or more.",
     "Hosts, cooling and losses: 1.2 to 1.6 is common."},
    {"discount", "Discount on GPUs", "%", "0.0%", BETWEEN, 0, 1, "0 % to 100 %.",
     "Off the purchase price of GPUs, not of hosts."},
    {"host_price", "Price of a host", "$/node", "#,##0", FROM, 0, 0, "0 or more.",
     "A node without its GPUs: server, network, rack. 0: only GPUs are counted."},
    {"per_usd", "Rate of exchange", "$ for 1 USD", "0.0000", ABOVE, 0, 1e9, "More than 0.",
     "Prices that are known in USD are worked out at this rate."},
    {"cost_basis", "Cost is that of", "", NULL, LIST_BASIS, 0, 0, "One of the list.",
     "cheapest: the least of purchase, on demand and reserved; spot counts only when chosen, it may be taken away."},
    {"min_tokens", "Least speed per user", "tokens/s", "#,##0.##", FROM, 0, 0, "0 or more.",
     "Options whose ceiling of decoding is lower are not proposed, however cheap. 0: any."},
};
enum { INPUTS = sizeof inputs / sizeof *inputs, LEGEND_ROW = FIRST_ROW + INPUTS + 1, BEST_ROW = LEGEND_ROW + 2 };

static grid_value value_of(const report_inputs *in, size_t i) {
    const double numbers[INPUTS] = {in->users,       in->context, in->months,    in->hours_per_day,
                                    in->electricity, in->pue,     in->discount,  in->host,
                                    in->per_usd,     0,           in->min_tokens};
    return inputs[i].form ? grid_number(numbers[i]) : grid_text(report_basis_name[in->basis]);
}

/** The unit with the report's currency in place of $. */
static void unit_text(const char *unit, const char *currency, char *out, size_t cap) {
    if (*unit == '$') {
        snprintf(out, cap, "%.24s%s", currency, unit + 1);
    } else {
        snprintf(out, cap, "%s", unit);
    }
}

/** Cell of an input as a formula of its own sheet writes it. */
static void cell_of(lxw_row_t row, char *out) {
    lxw_rowcol_to_cell_abs(out, row, VALUE, LXW_TRUE, LXW_TRUE);
}

static void put_bound(deal_book *d, const input *in, lxw_row_t row) {
    char cell[LXW_MAX_CELL_NAME_LENGTH], above[96], *bases[REPORT_BASES + 1] = {NULL};
    static const uint8_t kinds[] = {
        [WHOLE] = LXW_VALIDATION_TYPE_INTEGER,     [FROM] = LXW_VALIDATION_TYPE_DECIMAL,
        [BETWEEN] = LXW_VALIDATION_TYPE_DECIMAL,   [ABOVE] = LXW_VALIDATION_TYPE_CUSTOM_FORMULA,
        [LIST_CONTEXT] = LXW_VALIDATION_TYPE_NONE, /* see below */
        [LIST_BASIS] = LXW_VALIDATION_TYPE_LIST};
    lxw_data_validation rule = {.validate = kinds[in->bound],
                                .criteria = in->bound == FROM ? LXW_VALIDATION_CRITERIA_GREATER_THAN_OR_EQUAL_TO
                                                              : LXW_VALIDATION_CRITERIA_BETWEEN,
                                .ignore_blank = LXW_TRUE,
                                .value_number = in->least,
                                .minimum_number = in->least,
                                .maximum_number = in->most,
                                .input_title = (char *)in->title,
                                .input_message = (char *)in->meaning,
                                .error_title = "Not possible",
                                .error_message = (char *)in->allowed};
    for (int i = 0; i < REPORT_BASES; i++)
        bases[i] = (char *)report_basis_name[i];
    cell_of(row, cell);
    snprintf(above, sizeof above, "=AND(ISNUMBER(%s),%s>%g,%s<=%.0f)", cell, cell, in->least, cell, in->most);
    if (in->bound == ABOVE) rule.value_formula = above;
    if (in->bound == LIST_BASIS) rule.value_list = bases;
    if (in->bound == LIST_CONTEXT) {
        book_put_choice(&d->b, d->inputs, row, VALUE, row, "=contexts", rule);
    } else {
        book_check(&d->b, worksheet_data_validation_cell(d->inputs, row, VALUE, &rule));
    }
}

static void put_input(deal_book *d, size_t i) {
    char unit[64];
    book *b = &d->b;
    const input *in = &inputs[i];
    lxw_row_t row = FIRST_ROW + (lxw_row_t)i;
    unit_text(in->unit, d->money, unit, sizeof unit);
    book_put_text(b, d->inputs, row, 0, in->title, book_style_get(b, BOOK_TEXT));
    book_put_value(b, d->inputs, row, VALUE, value_of(&d->p->inputs, i),
                   in->form ? book_form_get(b, BOOK_INPUT, in->form) : book_style_get(b, BOOK_INPUT_TEXT));
    book_put_text(b, d->inputs, row, UNIT, unit, book_style_get(b, BOOK_TEXT));
    book_put_text(b, d->inputs, row, MEANING, in->meaning, book_style_get(b, BOOK_SUBTITLE));
    book_name_range(b, in->name, "Inputs", row, VALUE, row, VALUE);
    put_bound(d, in, row);
}

static void put_links(deal_book *d) {
    static const char *const sheets[] = {"Options", "Charts", "GPUs", "Cloud", "Memory", "Sources"};
    char link[64];
    for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
        snprintf(link, sizeof link, "internal:'%s'!A1", sheets[i]);
        lxw_format *f = book_style_get(&d->b, BOOK_LINK);
        book_check(&d->b, worksheet_write_url(d->inputs, LINKS_ROW, (lxw_col_t)i, link, f));
        book_check(&d->b, worksheet_write_string(d->inputs, LINKS_ROW, (lxw_col_t)i, sheets[i], f));
    }
}

static void put_legend(deal_book *d) {
    book *b = &d->b;
    book_put_text(b, d->inputs, LEGEND_ROW, 0, "Colours", book_style_get(b, BOOK_TEXT));
    book_put_text(b, d->inputs, LEGEND_ROW, VALUE, "yours to change", book_style_get(b, BOOK_INPUT_TEXT));
    book_put_text(b, d->inputs, LEGEND_ROW, UNIT, "formula or fact", book_style_get(b, BOOK_TEXT));
    book_put_text(b, d->inputs, LEGEND_ROW, MEANING,
                  "Prices of GPUs and rates of the cloud are yours to change too, in sheets GPUs and Cloud.",
                  book_style_get(b, BOOK_SUBTITLE));
}

void deal_put_inputs(deal_book *d) {
    static const char *const heads[] = {"Input", "Value", "Unit", "What it means"};
    book *b = &d->b;
    deal_put_title(d, d->inputs, b->title,
                   "Change a yellow cell: every other sheet and the charts follow. Blank cells are not known or not "
                   "possible; they are never zero.");
    put_links(d);
    book_put_text(b, d->inputs, SECTION_ROW, 0, "Inputs", book_style_get(b, BOOK_SECTION));
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        book_put_text(b, d->inputs, HEAD_ROW, (lxw_col_t)i, heads[i],
                      book_style_get(b, i == VALUE ? BOOK_HEAD_NUMBER : BOOK_HEAD_TEXT));
    }
    for (lxw_col_t col = MEANING + 1; col <= HEAD_LAST; col++)
        book_check(b, worksheet_write_blank(d->inputs, HEAD_ROW, col, book_style_get(b, BOOK_HEAD_TEXT)));
    for (size_t i = 0; i < INPUTS; i++)
        put_input(d, i);
    put_legend(d);
    deal_put_best(d, BEST_ROW);
    worksheet_set_selection(d->inputs, FIRST_ROW, VALUE, FIRST_ROW, VALUE);
    book_page_setup(b, d->inputs);
}
