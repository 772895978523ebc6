/*
 * procurement_charts.c - sheet "Charts": native charts of one model, chosen in the sheet, over live tables. Every point
 * is written into the charts as well, for viewers that work nothing out.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/procurement_book.h"

enum { CHOICE_ROW = 3, CHART_ROW = 5, CHART_ROWS = 19, TABLE_ROW = CHART_ROW + 2 * CHART_ROWS + 2 };
enum { WIDTH = 700, HEIGHT = 410, GAP = 16 };

/** A point as the chart keeps it, NULL without memory: a word when the column is of words. */
static lxw_series_data_point *new_point(grid_value v, int words) {
    char clean[GRID_TEXT_BYTES];
    lxw_series_data_point *point = calloc(1, sizeof *point);
    if (!point) return NULL;
    point->is_string = words != 0;
    point->no_data = !words && (v.text || !isfinite(v.number));
    if (!words && !point->no_data) point->number = v.number;
    if (!words) return point;
    book_text_clean(v.text ? v.text : "", clean);
    point->string = strdup(clean);
    if (point->string) return point;
    free(point);
    return NULL;
}

/** The library fills this memory of a chart from plain cells only; these are formulas, so their values are put in. */
static void fill(book *b, lxw_series_range *range, const grid *g, lxw_col_t col) {
    const grid_column *c = &g->column[col];
    range->ignore_cache = LXW_TRUE;
    range->has_string_cache = !c->form;
    for (size_t i = 0; i < g->n_rows; i++) {
        lxw_series_data_point *point = new_point(c->value(g->of, i), !c->form);
        if (!point) {
            book_check(b, LXW_ERROR_MEMORY_MALLOC_FAILED);
            return;
        }
        STAILQ_INSERT_TAIL(range->data_cache, point, list_pointers);
        range->num_data_points++;
    }
}

static void range_text(const grid *g, lxw_col_t col, char *out, size_t cap) {
    char cells[LXW_MAX_CELL_RANGE_LENGTH];
    lxw_rowcol_to_range_abs(cells, book_grid_first(g), col, book_grid_last(g), col);
    snprintf(out, cap, "=%s!%s", g->sheet, cells);
}

/** Column y against column x of a grid. */
static lxw_chart_series *add_series(deal_book *d, lxw_chart *chart, const grid *g, const char *x, const char *y,
                                    const char *name) {
    char across[128], up[128];
    lxw_col_t x_column = book_grid_find(g, x), y_column = book_grid_find(g, y);
    range_text(g, x_column, across, sizeof across);
    range_text(g, y_column, up, sizeof up);
    lxw_chart_series *series = chart_add_series(chart, across, up);
    chart_series_set_name(series, name);
    fill(&d->b, series->categories, g, x_column);
    fill(&d->b, series->values, g, y_column);
    return series;
}

static void paint(lxw_chart_series *series, lxw_color_t color) {
    lxw_chart_fill fill_with = {.color = color};
    chart_series_set_fill(series, &fill_with);
}

static void draw(lxw_chart_series *series, lxw_color_t color, uint8_t dash) {
    lxw_chart_line line = {.color = color, .width = 2.25, .dash_type = dash};
    chart_series_set_line(series, &line);
}

static void dot(lxw_chart_series *series, lxw_color_t color, uint8_t size) {
    lxw_chart_fill fill_with = {.color = color};
    lxw_chart_line edge = {.color = 0xffffff, .width = 0.5};
    lxw_chart_line hidden = {.none = LXW_TRUE};
    chart_series_set_line(series, &hidden);
    chart_series_set_marker_type(series, LXW_CHART_MARKER_CIRCLE);
    chart_series_set_marker_size(series, size);
    chart_series_set_marker_fill(series, &fill_with);
    chart_series_set_marker_line(series, &edge);
}

/** Titles, fonts, pale lines; what all charts share. */
static void dress(lxw_chart *chart, const char *title, const char *across, const char *up) {
    lxw_chart_font heading = {.size = 12, .bold = LXW_TRUE, .color = 0x1f3864}, words = {.size = 9, .color = 0x444444},
                   plain = {.size = 9, .bold = LXW_EXPLICIT_FALSE, .color = 0x444444};
    lxw_chart_line pale = {.color = 0xd9d9d9, .width = 0.75}, frame = {.color = 0xd9d9d9};
    chart_title_set_name(chart, title);
    chart_title_set_name_font(chart, &heading);
    chart_axis_set_name(chart->x_axis, across);
    chart_axis_set_name(chart->y_axis, up);
    chart_axis_set_name_font(chart->x_axis, &plain);
    chart_axis_set_name_font(chart->y_axis, &plain);
    chart_axis_set_num_font(chart->x_axis, &words);
    chart_axis_set_num_font(chart->y_axis, &words);
    chart_axis_set_line(chart->x_axis, &pale);
    chart_axis_set_line(chart->y_axis, &pale);
    chart_axis_major_gridlines_set_line(chart->y_axis, &pale);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
    chart_legend_set_font(chart, &words);
    chart_chartarea_set_line(chart, &frame);
}

/** The first row of the table on top, values below. */
static void lay_bars(lxw_chart *chart) {
    lxw_chart_line pale = {.color = 0xd9d9d9, .width = 0.75};
    chart_axis_set_reverse(chart->y_axis);
    chart_axis_set_crossing_max(chart->y_axis);
    chart_axis_major_gridlines_set_visible(chart->y_axis, LXW_FALSE);
    chart_axis_major_gridlines_set_visible(chart->x_axis, LXW_TRUE);
    chart_axis_major_gridlines_set_line(chart->x_axis, &pale);
    chart_axis_set_num_format(chart->x_axis, "#,##0");
    chart_set_series_gap(chart, 60);
}

/** Puts a chart into one of the four fields. */
static void place(deal_book *d, lxw_chart *chart, int across, int down) {
    lxw_chart_options at = {.x_offset = across * (WIDTH + GAP),
                            .x_scale = WIDTH / 480.0,
                            .y_scale = HEIGHT / 288.0,
                            .object_position = LXW_OBJECT_MOVE_DONT_SIZE};
    book_check(&d->b, worksheet_insert_chart_opt(d->charts, (lxw_row_t)(CHART_ROW + down * CHART_ROWS), 0, chart, &at));
}

static void put_cost(deal_book *d, const grid *top) {
    char axis[96];
    lxw_chart *chart = workbook_add_chart(d->b.file, LXW_CHART_BAR_STACKED);
    paint(add_series(d, chart, top, "label", "hardware", "Hardware"), 0x1f3864);
    paint(add_series(d, chart, top, "label", "power", "Electricity"), 0xf2b134);
    paint(add_series(d, chart, top, "label", "rent", "Rent"), 0x5b9bd5);
    snprintf(axis, sizeof axis, "%s per user and month", d->money);
    dress(chart, "Cost per user: the cheapest option on each GPU", axis, "");
    lay_bars(chart);
    place(d, chart, 0, 0);
}

static void put_flow(deal_book *d, const grid *flow) {
    char axis[96];
    lxw_chart *chart = workbook_add_chart(d->b.file, LXW_CHART_SCATTER_STRAIGHT);
    draw(add_series(d, chart, flow, "month", "own", "Purchase and electricity"), 0x1f3864, LXW_CHART_LINE_DASH_SOLID);
    draw(add_series(d, chart, flow, "month", "on_demand", "On demand"), 0xc55a11, LXW_CHART_LINE_DASH_SOLID);
    draw(add_series(d, chart, flow, "month", "spot", "Spot"), 0xc55a11, LXW_CHART_LINE_DASH_DASH);
    draw(add_series(d, chart, flow, "month", "reserved", "Reserved"), 0x5b9bd5, LXW_CHART_LINE_DASH_SOLID);
    snprintf(axis, sizeof axis, "%s paid in all", d->money);
    dress(chart, "Best option: buying against renting", "months of use", axis);
    chart_axis_set_num_format(chart->y_axis, "#,##0");
    chart_axis_set_min(chart->x_axis, 0);
    chart_axis_set_min(chart->y_axis, 0);
    place(d, chart, 1, 0);
}

static void put_market(deal_book *d) {
    char axis[96];
    grid options = deal_options_grid(d);
    lxw_chart *chart = workbook_add_chart(d->b.file, LXW_CHART_SCATTER);
    dot(add_series(d, chart, &options, "chart_users", "chart_cost", "Other options"), 0xa6a6a6, 5);
    dot(add_series(d, chart, &options, "chart_users", "chart_front", "On the Pareto front"), 0x2e8b57, 8);
    snprintf(axis, sizeof axis, "%s per month", d->money);
    dress(chart, "Users held against cost", "users that all replicas hold", axis);
    chart_axis_set_num_format(chart->x_axis, "#,##0");
    chart_axis_set_num_format(chart->y_axis, "#,##0");
    chart_axis_set_log_base(chart->y_axis, 10);
    place(d, chart, 0, 1);
}

static void put_memory(deal_book *d, const grid *top) {
    lxw_chart *chart = workbook_add_chart(d->b.file, LXW_CHART_BAR_STACKED);
    paint(add_series(d, chart, top, "label", "need", "Need"), 0x1f3864);
    paint(add_series(d, chart, top, "label", "headroom", "Headroom"), 0xc6dfc6);
    dress(chart, "Memory of the fullest GPU", "GB", "");
    lay_bars(chart);
    place(d, chart, 1, 1);
}

static grid_value number_if(size_t number) {
    return grid_number((double)number);
}

/** The model that the charts are about, and where its best option is. */
static void put_choice(deal_book *d) {
    enum { NUMBER = 4 };
    book *b = &d->b;
    lxw_format *plain = book_form_get(b, BOOK_NUMBER, "0");
    lxw_data_validation rule = {.input_title = "Model",
                                .input_message = "The charts show this model.",
                                .error_title = "Not a model of this report",
                                .error_message = "Please choose one from the list."};
    book_put_text(b, d->charts, CHOICE_ROW, 0, "Model of the charts", book_style_get(b, BOOK_TEXT));
    book_put_text(b, d->charts, CHOICE_ROW, 1, d->n_models ? d->model[0].name : "", book_style_get(b, BOOK_INPUT_TEXT));
    for (int col = 2; col < NUMBER; col++)
        book_check(b, worksheet_write_blank(d->charts, CHOICE_ROW, (lxw_col_t)col, book_style_get(b, BOOK_INPUT_TEXT)));
    book_put_choice(b, d->charts, CHOICE_ROW, 1, CHOICE_ROW, "=best_model", rule);
    book_name_range(b, "chart_model", "Charts", CHOICE_ROW, 1, CHOICE_ROW, 1);
    book_put_formula(b, d->charts, CHOICE_ROW, NUMBER, "=SUMPRODUCT(EXACT(best_model,chart_model)*best_no)",
                     number_if(d->n_models > 0), plain);
    book_name_range(b, "chart_model_no", "Charts", CHOICE_ROW, NUMBER, CHOICE_ROW, NUMBER);
    book_put_formula(b, d->charts, CHOICE_ROW, NUMBER + 1, "=IFERROR(MATCH(chart_model_no*1000000+1,option_key,0),0)",
                     number_if(d->n_models ? d->model[0].best : 0), plain);
    book_put_text(b, d->charts, CHOICE_ROW, NUMBER + 2, "its number, row of its best option in sheet Options",
                  book_style_get(b, BOOK_SUBTITLE));
    book_name_range(b, "chart_row", "Charts", CHOICE_ROW, NUMBER + 1, CHOICE_ROW, NUMBER + 1);
}

/** #N/A marks points that are not drawn; the reader need not see it. */
static void hide_missing(deal_book *d, const grid *flow) {
    lxw_format *f = workbook_add_format(d->b.file);
    char formula[GRID_TEXT_BYTES];
    format_set_font_color(f, 0xd9d9d9);
    lxw_rowcol_to_cell_abs(formula + sizeof "=ISNA(" - 1, book_grid_first(flow), 1, LXW_FALSE, LXW_FALSE);
    memcpy(formula, "=ISNA(", sizeof "=ISNA(" - 1);
    strcat(formula, ")");
    lxw_conditional_format rule = {.type = LXW_CONDITIONAL_TYPE_FORMULA, .value_string = formula, .format = f};
    book_check(&d->b,
               worksheet_conditional_format_range(d->charts, book_grid_first(flow), 1, book_grid_last(flow), 4, &rule));
}

void deal_put_charts(deal_book *d) {
    deal_tables t = deal_chart_tables(d, TABLE_ROW);
    book *b = &d->b;
    deal_put_title(d, d->charts, "Charts", "Of one model: choose it in the yellow cell. The tables below are live.");
    put_choice(d);
    put_cost(d, &t.top);
    put_flow(d, &t.flow);
    put_market(d);
    put_memory(d, &t.top);
    book_grid_write(b, d->charts, &t.gpu);
    book_grid_write(b, d->charts, &t.flow);
    book_grid_write(b, d->charts, &t.top);
    hide_missing(d, &t.flow);
    book_page_setup(b, d->charts);
    worksheet_fit_to_pages(d->charts, 1, 1);
    book_check(b, worksheet_print_area(d->charts, 0, 0, TABLE_ROW - 2, 16));
}
