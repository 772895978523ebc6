/*
 * procurement_memory.c - sheet "Memory": what every option needs at every context, a line each; the options find theirs
 * by its number. The contexts themselves stand above, where the list of the input comes from.
 */
#include <math.h>

#include "report/procurement_book.h"

#define GB 1e9

static const report_option *option_of(const deal_book *d, size_t i) {
    return &d->p->option[i / d->p->n_contexts];
}
static const report_load *load_of(const deal_book *d, size_t i) {
    return &option_of(d, i)->load[i % d->p->n_contexts];
}

/** [GB], blank where nobody fits. */
static double if_fits(const deal_book *d, size_t i, double bytes) {
    return load_of(d, i)->users >= 1 ? bytes / GB : NAN;
}
static int has_two(const deal_book *d, size_t i) {
    return load_of(d, i)->need_2 > 0 || load_of(d, i)->need_2_user > 0;
}

#define VALUE(name, expr)                                                                                              \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const deal_book *d = of;                                                                                       \
        return expr;                                                                                                   \
    }
VALUE(no, grid_number((double)(i / d->p->n_contexts + 1)))
VALUE(model, grid_text(option_of(d, i)->model))
VALUE(weights, grid_text(option_of(d, i)->weights))
VALUE(kv, grid_text(option_of(d, i)->kv))
VALUE(gpu, grid_text(deal_gpu_name(d, option_of(d, i)->gpu)))
VALUE(layout, grid_text(option_of(d, i)->layout))
VALUE(context, grid_number(d->p->context[i % d->p->n_contexts]))
VALUE(users, grid_number(load_of(d, i)->users))
VALUE(need, grid_number(if_fits(d, i, load_of(d, i)->need)))
VALUE(need_user, grid_number(if_fits(d, i, load_of(d, i)->need_user)))
VALUE(need_2, grid_number(has_two(d, i) ? if_fits(d, i, load_of(d, i)->need_2) : NAN))
VALUE(need_2_user, grid_number(has_two(d, i) ? if_fits(d, i, load_of(d, i)->need_2_user) : NAN))
VALUE(cache, grid_number(if_fits(d, i, load_of(d, i)->cache)))
VALUE(cache_user, grid_number(if_fits(d, i, load_of(d, i)->cache_user)))
VALUE(capacity, grid_number(load_of(d, i)->capacity / GB))
VALUE(why, grid_text(load_of(d, i)->users < 1 ? load_of(d, i)->why : ""))

static const char count[] = "#,##0", gb[] = "#,##0.000";

static const grid_column columns[] = {
    {"no", NULL, "Option", "", "0", 9, 0, NULL, no},
    {"model", NULL, "Model", "", NULL, 14, 0, NULL, model},
    {"weights", NULL, "Weights", "", NULL, 9, 0, NULL, weights},
    {"kv", NULL, "KV cache", "", NULL, 8, 0, NULL, kv},
    {"gpu", NULL, "GPU", "", NULL, 14, 0, NULL, gpu},
    {"layout", NULL, "Layout of a replica", "", NULL, 11, 0, NULL, layout},
    {"context", NULL, "Context", "tokens", count, 11, 0, NULL, context},
    {"users", NULL, "Users a replica holds", "", count, 11, GRID_NAMED, NULL, users},
    {"need", NULL, "Need of the fullest GPU", "GB", gb, 11, GRID_NAMED, NULL, need},
    {"need_user", NULL, "More per user", "GB", "#,##0.000000", 11, GRID_NAMED, NULL, need_user},
    {"need_2", NULL, "Or, if larger", "GB", gb, 11, GRID_NAMED, NULL, need_2},
    {"need_2_user", NULL, "More per user", "GB", "#,##0.000000", 11, GRID_NAMED, NULL, need_2_user},
    {"cache", NULL, "Cache a step reads", "GB", gb, 11, GRID_NAMED, NULL, cache},
    {"cache_user", NULL, "More per user", "GB", "#,##0.000000", 11, GRID_NAMED, NULL, cache_user},
    {"capacity", NULL, "Capacity of a GPU", "GB", gb, 11, GRID_NAMED, NULL, capacity},
    {"why", NULL, "Why nobody fits", "", NULL, 20, 0, NULL, why},
};

/** The contexts, in a row above the lines: what the input may be. */
static void put_contexts(deal_book *d) {
    enum { ROW = 3, FIRST = 2 };
    book *b = &d->b;
    size_t n = d->p->n_contexts;
    book_put_text(b, d->memory, ROW, 1, "Contexts (tokens)", book_style_get(b, BOOK_BAND));
    for (size_t i = 0; i < n; i++) {
        book_put_value(b, d->memory, ROW, (lxw_col_t)(FIRST + i), grid_number(d->p->context[i]),
                       book_form_get(b, BOOK_NUMBER, count));
    }
    book_name_range(b, "contexts", "Memory", ROW, FIRST, ROW, (lxw_col_t)(FIRST + (n ? n - 1 : 0)));
}

void deal_put_memory(deal_book *d) {
    const grid g = {.sheet = "Memory",
                    .prefix = "memory",
                    .column = columns,
                    .n_columns = sizeof columns / sizeof *columns,
                    .n_rows = d->p->n_options * d->p->n_contexts,
                    .head_row = DEAL_HEAD + 1,
                    .of = d,
                    .money = d->money};
    deal_put_title(
        d, d->memory, "Memory",
        "What the fullest GPU of a replica holds: need + more per user x users of the replica, by the larger of "
        "two lines. 1 GB = 10^9 bytes; every number is whole bytes.");
    put_contexts(d);
    book_grid_write(&d->b, d->memory, &g);
    deal_finish_grid(d, d->memory, &g, 2, book_grid_find(&g, "why"), 1);
}
