/*
 * procurement_prices.c - sheet "GPUs": what the hardware is and costs. A price of the reader's own, in the column for
 * it, wins over the one known.
 */
#include <math.h>

#include "report/procurement_book.h"

#define GB 1e9

#define VALUE(name, expr)                                                                                              \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const deal_book *d = of;                                                                                       \
        const report_gpu *gpu = &d->p->gpu[i];                                                                         \
        return gpu ? expr : grid_number(NAN);                                                                          \
    }
VALUE(name, grid_text(deal_gpu_name(d, i)))
VALUE(usable, grid_number(gpu->usable / GB))
VALUE(bandwidth, grid_number(gpu->bandwidth / GB))
VALUE(watts, grid_number(gpu->watts))
VALUE(node, grid_number(gpu->node))
VALUE(price, grid_number(gpu->price))
VALUE(money, grid_text(isnan(gpu->price) ? "" : gpu->price_usd > 0 ? "USD" : d->money))
VALUE(kind, grid_text(gpu->price_kind))
VALUE(date, grid_text(gpu->price_date))
VALUE(source, grid_text(gpu->price_source))
VALUE(own, grid_number(NAN))
VALUE(effective, grid_number(deal_price(d, i)))
VALUE(usd, grid_number(gpu->price_usd > 0))

static const char count[] = "#,##0", cents[] = "#,##0.00";

static const grid_column columns[] = {
    {"name", NULL, "GPU", "", NULL, 20, GRID_NAMED, NULL, name},
    {"usable", NULL, "Usable memory", "GB", "#,##0.0", 10, 0, NULL, usable},
    {"bandwidth", NULL, "Bandwidth", "GB/s", count, 11, GRID_NAMED, NULL, bandwidth},
    {"watts", NULL, "Power", "W", count, 9, GRID_NAMED, NULL, watts},
    {"node", NULL, "GPUs of a node", "", count, 9, GRID_NAMED, NULL, node},
    {"own", NULL, "Your price", "$", cents, 14, GRID_INPUT, NULL, own},
    {"effective", NULL, "Price that counts", "$", cents, 14, GRID_NAMED,
     "IF([own]<>\"\",[own],IF([price]=\"\",\"\",[price]*IF([usd]=1,per_usd,1)))", effective},
    {"price", NULL, "Known price", "", count, 11, 0, NULL, price},
    {"money", NULL, "Currency", "", NULL, 10, 0, NULL, money},
    {"kind", NULL, "Kind", "", NULL, 9, 0, NULL, kind},
    {"date", NULL, "Date", "", NULL, 11, 0, NULL, date},
    {"source", NULL, "Source", "", NULL, 16, 0, NULL, source},
    {"usd", NULL, "In USD", "", "0", 8, GRID_WORKING, NULL, usd},
};

void deal_put_gpus(deal_book *d) {
    const grid g = {.sheet = "GPUs",
                    .prefix = "gpu",
                    .column = columns,
                    .n_columns = sizeof columns / sizeof *columns,
                    .n_rows = d->p->n_gpus,
                    .head_row = DEAL_HEAD,
                    .folded = 1,
                    .of = d,
                    .money = d->money};
    lxw_data_validation rule = {.validate = LXW_VALIDATION_TYPE_DECIMAL,
                                .criteria = LXW_VALIDATION_CRITERIA_GREATER_THAN_OR_EQUAL_TO,
                                .value_number = 0,
                                .ignore_blank = LXW_TRUE,
                                .input_title = "Your price",
                                .input_message = "Of one GPU, in the currency of the report. It wins over the known "
                                                 "price; empty: the known price counts.",
                                .error_title = "Not a price",
                                .error_message = "A number from 0 on, or nothing."};
    lxw_col_t own_column = book_grid_find(&g, "own");
    deal_put_title(d, d->gpus, "GPUs",
                   "Hardware and its price. Write a price of your own into a yellow cell: it wins. Blank: no price is "
                   "known, and nothing that hangs on it is shown.");
    book_grid_write(&d->b, d->gpus, &g);
    book_check(&d->b, worksheet_data_validation_range(d->gpus, book_grid_first(&g), own_column, book_grid_last(&g),
                                                      own_column, &rule));
    deal_finish_grid(d, d->gpus, &g, 1, book_grid_find(&g, "source"), 1);
}
