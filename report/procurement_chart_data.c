/*
 * procurement_chart_data.c - live tables under the charts: the cheapest option on each GPU, cumulated cost over months,
 * and where the first finds its options. They follow the model chosen above the charts.
 */
#include <math.h>
#include <string.h>

#include "report/procurement_book.h"

#define GB 1e9

/** The option in a place of the first table, as a row from 1. */
static size_t top_option(const deal_book *d, size_t i) {
    return d->top[i] < DEAL_FAR ? deal_with_key(d, d->top[i]) : 0;
}

typedef struct scope {
    const deal_book *d;
    const report_option *o;
    const report_answer *a; /* NULL: no such place */
    double per;
    int is_bought;
} scope;

static scope scope_of(const void *of, size_t i) {
    const deal_book *d = of;
    size_t row = top_option(d, i);
    if (row == DEAL_NONE) return (scope){d, NULL, NULL, NAN, 0};
    const report_answer *a = &d->p->answer[row - 1];
    return (scope){d, &d->p->option[row - 1], a, isnan(a->cost_user) ? 1 : d->p->inputs.users,
                   strcmp(d->deal[row - 1].way, report_basis_name[REPORT_BASIS_PURCHASE]) == 0};
}

/* ---- the cheapest option on each GPU ---- */

#define TOP(name, expr)                                                                                                \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const scope s = scope_of(of, i);                                                                               \
        return s.a ? grid_number(expr) : grid_text("");                                                                \
    }
TOP(hardware, s.is_bought ? s.a->purchase / s.d->p->inputs.months / s.per : 0)
TOP(power, s.is_bought && !isnan(s.a->electricity) ? s.a->electricity / s.per : 0)
TOP(rent, s.is_bought ? 0 : s.a->cost / s.per)
TOP(need, s.a->need / GB)
TOP(headroom, s.a->headroom / GB)
TOP(cost, s.a->cost)
TOP(capacity, s.a->capacity)

static grid_value label(const void *of, size_t i) {
    const scope s = scope_of(of, i);
    return grid_text(s.a ? ((const deal_book *)of)->label[i] : "");
}
static grid_value key(const void *of, size_t i) {
    return grid_number(((const deal_book *)of)->top[i]);
}
static grid_value row(const void *of, size_t i) {
    return grid_number((double)top_option(of, i));
}
static grid_value place(const void *of, size_t i) {
    return (void)of, grid_number((double)i + 1);
}

static const char money[] = "#,##0", cents[] = "#,##0.00", gb[] = "#,##0.0", plain[] = "0",
                  none[] = "[>=1000000000000]\"none\";0";
#define FIND(key, found) "IF([row]=0,\"\"," found "INDEX(option_" key ",[row]))"
#define PER              "/IF(INDEX(option_cost_user,[row])=\"\",1,users)"
#define BOUGHT           "INDEX(option_way,[row])=\"purchase\""

static const grid_column top_columns[] = {
    {"label", NULL, "Cheapest on each GPU", "", NULL, 34, 0,
     "IF([row]=0,\"\",INDEX(option_gpus,[row])&\" × \"&INDEX(option_gpu,[row])&\", \"&INDEX(option_weights,[row]))",
     label},
    {"hardware", NULL, "Hardware", "$/month", cents, 13, 0,
     "IF([row]=0,\"\",IF(" BOUGHT ",INDEX(option_purchase,[row])/months" PER ",0))", hardware},
    {"power", NULL, "Electricity", "$/month", cents, 13, 0,
     "IF([row]=0,\"\",IF(" BOUGHT ",N(INDEX(option_electricity,[row]))" PER ",0))", power},
    {"rent", NULL, "Rent", "$/month", cents, 13, 0, "IF([row]=0,\"\",IF(" BOUGHT ",0,INDEX(option_cost,[row])" PER "))",
     rent},
    {"need", NULL, "Need", "GB", gb, 13, 0, FIND("need", ""), need},
    {"headroom", NULL, "Headroom", "GB", gb, 13, 0, FIND("headroom", ""), headroom},
    {"cost", NULL, "Cost", "$/month", money, 13, 0, FIND("cost", ""), cost},
    {"capacity", NULL, "Users held", "", money, 13, 0, FIND("capacity", ""), capacity},
    {"place", NULL, "Place", "", plain, 9, GRID_WORKING, NULL, place},
    {"key", NULL, "Model and place", "", none, 13, GRID_WORKING,
     "IF([place]>COUNT(chart_gpu_key),9E+99,SMALL(chart_gpu_key,[place]))", key},
    {"row", NULL, "Row of Options", "", plain, 9, GRID_WORKING, "IF([key]>=9E+99,0,MATCH([key],option_key,0))", row},
};

/* ---- cumulated cost of the best option ---- */

static double month_of(const deal_book *d, size_t i) {
    return (double)i * ceil(d->p->inputs.months / 12);
}

/** Cost until a month, "#N/A" where it is not known: such points are not drawn. */
static grid_value paid(double first, double monthly, double month) {
    double sum = first + monthly * month;
    return isnan(sum) ? grid_text("#N/A") : grid_number(sum);
}
static const report_answer *best_of(const deal_book *d) {
    return d->n_models && d->model[0].best ? &d->p->answer[d->model[0].best - 1] : NULL;
}
#define FLOW(name, first, monthly)                                                                                     \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const report_answer *a = best_of(of);                                                                          \
        return a ? paid(first, monthly, month_of(of, i)) : grid_text("#N/A");                                          \
    }
FLOW(own, isnan(a->own_month) ? NAN : a->purchase, isnan(a->electricity) ? 0 : a->electricity)
FLOW(on_demand, 0, a->month[REPORT_ON_DEMAND])
FLOW(spot, 0, a->month[REPORT_SPOT])
FLOW(reserved, 0, a->month[REPORT_RESERVED])
static grid_value step(const void *of, size_t i) {
    return (void)of, grid_number((double)i);
}
static grid_value month(const void *of, size_t i) {
    return grid_number(month_of(of, i));
}

#define BEST(key) "INDEX(option_" key ",chart_row)"
#define RENT(key) "IF(chart_row=0,NA(),IF(" BEST(key) "=\"\",NA(),[month]*" BEST(key) "))"

static const grid_column flow_columns[] = {
    {"month", NULL, "Best option: cost until month", "", plain, 34, 0, "[step]*ROUNDUP(months/12,0)", month},
    {"own", NULL, "Purchase and electricity", "$", money, 13, 0,
     "IF(chart_row=0,NA(),IF(" BEST("own_month") "=\"\",NA()," BEST("purchase") "+[month]*N(" BEST("electricity") ")))",
     own},
    {"on_demand", NULL, "On demand", "$", money, 13, 0, RENT("month_on_demand"), on_demand},
    {"spot", NULL, "Spot", "$", money, 13, 0, RENT("month_spot"), spot},
    {"reserved", NULL, "Reserved", "$", money, 13, 0, RENT("month_reserved"), reserved},
    {"step", NULL, "Step", "", plain, 13, GRID_WORKING, NULL, step},
};

/* ---- the best option of each GPU ---- */

static grid_value gpu_name(const void *of, size_t i) {
    return grid_text(deal_gpu_name(of, i));
}
static grid_value gpu_key(const void *of, size_t i) {
    return grid_number(((const deal_book *)of)->gpu_key[i]);
}
static grid_value gpu_no(const void *of, size_t i) {
    return (void)of, grid_number((double)i + 1);
}

static const grid_column gpu_columns[] = {
    {"name", NULL, "GPU", "", NULL, 34, GRID_WORKING, NULL, gpu_name},
    {"gpu_key", NULL, "Model and place of its cheapest option", "", none, 13, GRID_NAMED | GRID_WORKING | GRID_ARRAY,
     "MIN(IF((option_gpu_no=[no])*(option_model_no=chart_model_no)*(option_key>0),option_key,9E+99))", gpu_key},
    {"no", NULL, "GPU", "", plain, 13, GRID_WORKING, NULL, gpu_no},
};

deal_tables deal_chart_tables(const deal_book *d, lxw_row_t first) {
    const grid like = {.sheet = "Charts", .prefix = "chart", .of = d, .money = d->money};
    deal_tables t = {like, like, like};
    t.top.column = top_columns;
    t.top.n_columns = sizeof top_columns / sizeof *top_columns;
    t.top.n_rows = DEAL_TOP;
    t.top.head_row = first;
    t.flow.column = flow_columns;
    t.flow.n_columns = sizeof flow_columns / sizeof *flow_columns;
    t.flow.n_rows = DEAL_POINTS;
    t.flow.head_row = book_grid_last(&t.top) + 2;
    t.gpu.column = gpu_columns;
    t.gpu.n_columns = sizeof gpu_columns / sizeof *gpu_columns;
    t.gpu.n_rows = d->p->n_gpus;
    t.gpu.head_row = book_grid_last(&t.flow) + 2;
    return t;
}
