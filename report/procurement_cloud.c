/*
 * procurement_cloud.c - sheet "Cloud": every offer to rent, rates for the reader to change, and empty rows above them
 * for offers he was made. The options look for the cheapest in all rows.
 */
#include <math.h>

#include "report/procurement_book.h"

/** The offer of a row; NULL: a row of the reader's own. */
static const report_offer *offer_of(const deal_book *d, size_t i) {
    return i < DEAL_OWN_OFFERS ? NULL : &d->p->offer[i - DEAL_OWN_OFFERS];
}

#define TEXT(name, expr)                                                                                               \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const deal_book *d = of;                                                                                       \
        const report_offer *at = offer_of(d, i);                                                                       \
        return grid_text(at ? expr : "");                                                                              \
    }
#define NUMBER(name, expr)                                                                                             \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const report_offer *at = offer_of(of, i);                                                                      \
        return grid_number(at ? expr : NAN);                                                                           \
    }
TEXT(provider, at->provider)
TEXT(instance, at->instance)
TEXT(region, at->region)
TEXT(gpu, deal_gpu_name(d, at->gpu))
TEXT(date, at->date)
TEXT(source, at->source)
NUMBER(gpus, at->gpus)
NUMBER(on_demand, at->hour[REPORT_ON_DEMAND])
NUMBER(spot, at->hour[REPORT_SPOT])
NUMBER(reserved, at->hour[REPORT_RESERVED])
NUMBER(each_on_demand, at->hour[REPORT_ON_DEMAND] / at->gpus)
NUMBER(each_spot, at->hour[REPORT_SPOT] / at->gpus)
NUMBER(each_reserved, at->hour[REPORT_RESERVED] / at->gpus)
NUMBER(gpu_no, (double)at->gpu + 1)

static const char rate[] = "#,##0.000";
#define EACH(key) "IF(COUNT([gpus],[" key "])<2,\"\",[" key "]/[gpus])"

enum { RATE = GRID_NAMED | GRID_INPUT };

static const grid_column columns[] = {
    {"provider", "Offer", "Provider", "", NULL, 14, GRID_NAMED, NULL, provider},
    {"instance", NULL, "Instance", "", NULL, 18, GRID_NAMED, NULL, instance},
    {"region", NULL, "Region", "", NULL, 12, 0, NULL, region},
    {"gpu", NULL, "GPU", "", NULL, 20, 0, NULL, gpu},
    {"gpus", NULL, "GPUs", "", "#,##0", 8, GRID_NAMED, NULL, gpus},
    {"on_demand", "The instance", "On demand", "USD/h", rate, 12, RATE, NULL, on_demand},
    {"spot", NULL, "Spot", "USD/h", rate, 12, RATE, NULL, spot},
    {"reserved", NULL, "Reserved", "USD/h", rate, 12, RATE, NULL, reserved},
    {"each_on_demand", "A GPU of it", "On demand", "USD/h", rate, 12, 0, EACH("on_demand"), each_on_demand},
    {"each_spot", NULL, "Spot", "USD/h", rate, 12, 0, EACH("spot"), each_spot},
    {"each_reserved", NULL, "Reserved", "USD/h", rate, 12, 0, EACH("reserved"), each_reserved},
    {"date", "Where it comes from", "Date", "", NULL, 11, 0, NULL, date},
    {"source", NULL, "Source", "", NULL, 16, 0, NULL, source},
    {"gpu_no", "Step", "GPU", "", "0", 8, GRID_NAMED | GRID_WORKING | GRID_OWN,
     "IF([gpu]=\"\",\"\",IFERROR(MATCH([gpu],gpu_name,0),\"\"))", gpu_no},
};

static void put_validations(deal_book *d, const grid *g) {
    lxw_row_t first = book_grid_first(g), last_own = first + DEAL_OWN_OFFERS - 1;
    lxw_data_validation name = {.input_title = "GPU",
                                .input_message = "One of sheet GPUs.",
                                .error_title = "Not a GPU of this report",
                                .error_message = "Please choose one from the list."};
    lxw_data_validation size = {.validate = LXW_VALIDATION_TYPE_INTEGER,
                                .criteria = LXW_VALIDATION_CRITERIA_BETWEEN,
                                .minimum_number = 1,
                                .maximum_number = 100000,
                                .ignore_blank = LXW_TRUE,
                                .error_title = "Not a number of GPUs",
                                .error_message = "A whole number from 1 on."};
    lxw_data_validation money = {.validate = LXW_VALIDATION_TYPE_DECIMAL,
                                 .criteria = LXW_VALIDATION_CRITERIA_GREATER_THAN_OR_EQUAL_TO,
                                 .value_number = 0,
                                 .ignore_blank = LXW_TRUE,
                                 .input_title = "Rate",
                                 .input_message = "USD per hour for the whole instance; empty: not offered.",
                                 .error_title = "Not a rate",
                                 .error_message = "A number from 0 on, or nothing."};
    lxw_col_t gpu_column = book_grid_find(g, "gpu"), size_column = book_grid_find(g, "gpus");
    book_put_choice(&d->b, d->cloud, first, gpu_column, last_own, "=gpu_name", name);
    book_check(&d->b, worksheet_data_validation_range(d->cloud, first, size_column, last_own, size_column, &size));
    book_check(&d->b, worksheet_data_validation_range(d->cloud, first, book_grid_find(g, "on_demand"),
                                                      book_grid_last(g), book_grid_find(g, "reserved"), &money));
}

void deal_put_cloud(deal_book *d) {
    const grid g = {.sheet = "Cloud",
                    .prefix = "offer",
                    .column = columns,
                    .n_columns = sizeof columns / sizeof *columns,
                    .n_rows = DEAL_OWN_OFFERS + d->p->n_offers,
                    .n_own = DEAL_OWN_OFFERS,
                    .head_row = DEAL_HEAD + 1,
                    .banded = 1,
                    .of = d,
                    .money = d->money};
    deal_put_title(d, d->cloud, "Cloud",
                   "Offers to rent, in USD per hour as published. Change a rate, or write an offer you were made into "
                   "the empty rows: the options take the cheapest that is large enough.");
    book_grid_write(&d->b, d->cloud, &g);
    put_validations(d, &g);
    deal_finish_grid(d, d->cloud, &g, 2, book_grid_find(&g, "source"), 1);
}
