/*
 * procurement_book.h - the procurement workbook while it is made: what its formulas work out beside the answers, so
 * that every cell is written with its value, and the sheets.
 */
#ifndef REPORT_PROCUREMENT_BOOK_H
#define REPORT_PROCUREMENT_BOOK_H

#include "common/arena.h"
#include "report/procurement.h"
#include "report/workbook_grid.h"

enum {
    DEAL_NONE = 0,      /* no row; rows of ranges count from 1 */
    DEAL_KEY = 1000000, /* key of an option: its model's number x this + its place in the model */
    DEAL_OWN_OFFERS = 10,
    DEAL_TOP = 10,    /* GPUs that the charts compare */
    DEAL_POINTS = 25, /* months that the chart of cumulated cost shows */
    DEAL_HEAD = 4     /* row of the headings of most sheets */
};
#define DEAL_FAR 9e99 /* more than any cost: nothing found */

/** An option, beside its answer. */
typedef struct deal {
    size_t model;                 /* 1.. */
    double least[REPORT_TARIFFS]; /* [USD/h] or DEAL_FAR */
    size_t offer[REPORT_TARIFFS]; /* row of the offer, or DEAL_NONE */
    const char *seller[REPORT_TARIFFS];
    double sum;      /* what the basis names, not rounded */
    const char *way; /* "purchase" ...; "" */
    int ok;          /* may be proposed */
    double key;      /* 0: not proposed */
} deal;

typedef struct deal_model {
    const char *name;
    size_t best;             /* row of the option in place 1, or DEAL_NONE */
    size_t n_options, n_fit; /* at the inputs' context */
} deal_model;

typedef struct deal_book {
    book b;
    const report_procurement *p;
    const char *money; /* the currency as cells take it */
    arena mem;
    deal *deal; /* (n_options) */
    deal_model *model;
    size_t n_models;
    size_t context;              /* of the inputs, 1..; 0: not one of the report's */
    double *gpu_key;             /* (n_gpus) key of the cheapest option of model 1, or DEAL_FAR */
    double top[DEAL_TOP];        /* the least of these, rising, DEAL_FAR when there are fewer */
    const char *label[DEAL_TOP]; /* of their options */
    lxw_worksheet *inputs, *options, *memory, *gpus, *cloud, *charts, *sources;
} deal_book;

/** Works out everything beside the answers; ERR_MEMORY. */
err deal_plan(deal_book *d);

/** The option with this key, as a row from 1; DEAL_NONE. */
size_t deal_with_key(const deal_book *d, double key);

/** The load of an option at the inputs' context; NULL when there is none or it holds nobody. */
const report_load *deal_load(const deal_book *d, size_t option);

/** Price of a GPU in the inputs' currency, NaN. */
double deal_price(const deal_book *d, size_t gpu);

/** Its readable name. */
const char *deal_gpu_name(const deal_book *d, size_t gpu);

/** Title, line below it, link back to the inputs. */
void deal_put_title(deal_book *d, lxw_worksheet *ws, const char *title, const char *below);

/** Filters, frozen panes, page set-up: `fixed` columns stay in view, those up to `printed` go on `wide` pages. */
void deal_finish_grid(deal_book *d, lxw_worksheet *ws, const grid *g, lxw_col_t fixed, lxw_col_t printed,
                      uint16_t wide);

/** The options as a grid, for charts of their columns. */
grid deal_options_grid(const deal_book *d);

/** Tables that the charts are drawn from. */
typedef struct deal_tables {
    grid top, flow, gpu;
} deal_tables;
deal_tables deal_chart_tables(const deal_book *d, lxw_row_t first);

/** The sheets. */
void deal_put_inputs(deal_book *d);
void deal_put_best(deal_book *d, lxw_row_t row);
void deal_put_options(deal_book *d);
void deal_put_memory(deal_book *d);
void deal_put_gpus(deal_book *d);
void deal_put_cloud(deal_book *d);
void deal_put_charts(deal_book *d);
void deal_put_sources(deal_book *d);

#endif
