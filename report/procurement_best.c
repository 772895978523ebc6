/*
 * procurement_best.c - on sheet "Inputs": the best option of each model at these inputs, found again by its rank
 * whenever something changes.
 */
#include <math.h>

#include "report/procurement_book.h"

#define GB 1e9

/** The answer of the best option of a model; NULL: none fits or none has a cost. */
static const report_answer *best_of(const deal_book *d, size_t i) {
    return d->model[i].best ? &d->p->answer[d->model[i].best - 1] : NULL;
}
static const report_option *option_of(const deal_book *d, size_t i) {
    return d->model[i].best ? &d->p->option[d->model[i].best - 1] : NULL;
}

#define TEXT(name, expr)                                                                                               \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const deal_book *d = of;                                                                                       \
        const report_option *o = option_of(d, i);                                                                      \
        return grid_text(o ? expr : "");                                                                               \
    }
#define NUMBER(name, expr)                                                                                             \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const report_answer *a = best_of(of, i);                                                                       \
        return grid_number(a ? expr : NAN);                                                                            \
    }
TEXT(weights, o->weights)
TEXT(kv, o->kv)
TEXT(layout, o->layout)
TEXT(way, d->deal[d->model[i].best - 1].way)
NUMBER(gpus, a->gpus)
NUMBER(nodes, a->nodes)
NUMBER(capacity, a->capacity)
NUMBER(headroom, a->headroom / GB)
NUMBER(used, a->used)
NUMBER(cost, a->cost)
NUMBER(cost_user, a->cost_user)
NUMBER(purchase, a->purchase)
NUMBER(even_on_demand, a->break_even[REPORT_ON_DEMAND])
NUMBER(even_reserved, a->break_even[REPORT_RESERVED])
NUMBER(tokens_user, a->tokens_user)

static grid_value model(const void *of, size_t i) {
    return grid_text(((const deal_book *)of)->model[i].name);
}
static grid_value gpu(const void *of, size_t i) {
    const report_option *o = option_of(of, i);
    return grid_text(o ? deal_gpu_name(of, o->gpu) : "nothing to rank");
}
static grid_value no(const void *of, size_t i) {
    return (void)of, grid_number((double)i + 1);
}
static grid_value row(const void *of, size_t i) {
    return grid_number((double)((const deal_book *)of)->model[i].best);
}
static grid_value n_fit(const void *of, size_t i) {
    return grid_number((double)((const deal_book *)of)->model[i].n_fit);
}
static grid_value n_options(const void *of, size_t i) {
    return grid_number((double)((const deal_book *)of)->model[i].n_options);
}

static const char count[] = "#,##0", cents[] = "#,##0.00", tenth[] = "#,##0.0";
#define FIND(key)      "IF([row]=0,\"\",INDEX(option_" key ",[row]))"
#define FIND_TEXT(key) "IF([row]=0,\"\",INDEX(option_" key ",[row])&\"\")"

static const grid_column columns[] = {
    {"model", NULL, "Model", "", NULL, 38, GRID_NAMED, NULL, model},
    {"weights", NULL, "Weights", "", NULL, 16, 0, FIND_TEXT("weights"), weights},
    {"kv", NULL, "KV cache", "", NULL, 14, 0, FIND_TEXT("kv"), kv},
    {"gpu", NULL, "GPU", "", NULL, 18, 0, "IF([row]=0,\"nothing to rank\",INDEX(option_gpu,[row])&\"\")", gpu},
    {"layout", NULL, "Layout of a replica", "", NULL, 12, 0, FIND_TEXT("layout"), layout},
    {"gpus", NULL, "GPUs", "", count, 9, 0, FIND("gpus"), gpus},
    {"nodes", NULL, "Nodes", "", count, 9, 0, FIND("nodes"), nodes},
    {"cost", NULL, "Cost", "$/month", count, 12, 0, FIND("cost"), cost},
    {"cost_user", NULL, "Cost per user", "$/month", cents, 12, 0, FIND("cost_user"), cost_user},
    {"way", NULL, "Paid as", "", NULL, 12, 0, FIND_TEXT("way"), way},
    {"purchase", NULL, "Purchase", "$", count, 12, 0, FIND("purchase"), purchase},
    {"even_on_demand", NULL, "Break-even: on demand", "months", tenth, 11, 0, FIND("even_on_demand"), even_on_demand},
    {"even_reserved", NULL, "Break-even: reserved", "months", tenth, 11, 0, FIND("even_reserved"), even_reserved},
    {"capacity", NULL, "Users held", "", count, 10, 0, FIND("capacity"), capacity},
    {"headroom", NULL, "Headroom of a GPU", "GB", cents, 11, 0, FIND("headroom"), headroom},
    {"used", NULL, "Used", "%", "0.0%", 9, 0, FIND("used"), used},
    {"tokens_user", NULL, "Ceiling per user", "tokens/s", tenth, 11, 0, FIND("tokens_user"), tokens_user},
    {"n_fit", NULL, "Options that fit", "", count, 9, 0, "COUNTIFS(option_model_no,[no],option_users_each,\">0\")",
     n_fit},
    {"n_options", NULL, "Options in all", "", count, 8, 0, NULL, n_options},
    {"no", NULL, "Model", "", "0", 8, GRID_NAMED | GRID_WORKING, NULL, no},
    {"row", NULL, "Row of Options", "", "0", 9, GRID_WORKING, "IFERROR(MATCH([no]*1000000+1,option_key,0),0)", row},
};

void deal_put_best(deal_book *d, lxw_row_t at) {
    const grid g = {.sheet = "Inputs",
                    .prefix = "best",
                    .column = columns,
                    .n_columns = sizeof columns / sizeof *columns,
                    .n_rows = d->n_models,
                    .head_row = at + 1,
                    .folded = 1,
                    .of = d,
                    .money = d->money};
    lxw_format *amber = workbook_add_format(d->b.file);
    book_put_text(&d->b, d->inputs, at, 0, "Best option of each model at these inputs",
                  book_style_get(&d->b, BOOK_SECTION));
    book_grid_write(&d->b, d->inputs, &g);
    format_set_font_color(amber, 0x7f6000);
    format_set_bg_color(amber, 0xffeb9c);
    char formula[GRID_TEXT_BYTES];
    lxw_col_t used_column = book_grid_find(&g, "used");
    book_grid_formula(&g, "=AND(ISNUMBER([used]),[used]>0.9)", book_grid_first(&g), formula);
    lxw_conditional_format rule = {.type = LXW_CONDITIONAL_TYPE_FORMULA, .value_string = formula, .format = amber};
    book_check(&d->b, worksheet_conditional_format_range(d->inputs, book_grid_first(&g), used_column,
                                                         book_grid_last(&g), used_column, &rule));
    book_check(&d->b, worksheet_print_area(d->inputs, 0, 0, book_grid_last(&g), book_grid_find(&g, "n_options")));
}
