/*
 * procurement_sources.c - sheet "Sources": where every price comes from and of when, how each column follows from the
 * others in words, what is not counted, the report's own notes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/cell.h"
#include "report/procurement_book.h"

enum { COLUMNS = 4, WIDE = 3 };

static const char *const methods[][2] = {
    {"Replicas", "Concurrent users / users that one replica holds at the context, rounded up. Training: one."},
    {"GPUs", "Replicas x tensor parallel x pipeline stages."},
    {"Nodes", "Groups of tensor-parallel GPUs (replicas x stages) / groups that one node takes, rounded up: a group "
              "never leaves its node."},
    {"Users held", "Replicas x users that one holds: how far the number of users may grow without more hardware."},
    {"Need, headroom", "Bytes on the fullest GPU of the fullest replica: weights, cache, activations and what the "
                       "engine keeps, against what a process can allocate."},
    {"Purchase", "GPUs x price x (1 - discount) + nodes x price of a host."},
    {"Electricity", "GPUs x power x PUE x hours per day x 365 / 12 x price per kWh: full power while in use, nothing "
                    "outside it."},
    {"Owning", "Purchase / months of use + electricity. No interest, no resale value, no staff, no rooms."},
    {"Rent per hour", "The least, over all offers of this GPU that are large enough for a tensor-parallel group, of "
                      "instances needed x rate."},
    {"Rent per month", "Rent per hour x hours per day x 365 / 12; reserved: x 24 hours."},
    {"Cost", "By the basis chosen, rounded to the cent. Rank: 1 + options of the same model that cost less."},
    {"Pareto", "No other option of the model is as good in cost, users held and headroom and better in one."},
    {"Break-even", "Purchase / (rent per month - electricity): months after which owning has cost less."},
    {"Ceiling", "Bandwidth of a GPU / bytes that one step reads at full context (weights, the experts that a batch is "
                "expected to touch, cache): an upper bound of decoding speed, never a promise. No communication, no "
                "arithmetic, no launches are counted."},
    {"Units", "1 GB = 10^9 bytes. A month is 365 / 12 days."},
    {"Blank", "Not known or not possible: no price, no such offer, the model does not fit. Never zero."},
};

/** Row to write next. */
typedef struct at {
    deal_book *d;
    lxw_row_t row;
} at;

static double lines_of(const char *text, double width) {
    return fmax(1, ceil((double)report_text_width(text) / width));
}

static void put_section(at *w, const char *title, const char *const heads[COLUMNS]) {
    book *b = &w->d->b;
    w->row++;
    book_put_text(b, w->d->sources, w->row++, 0, title, book_style_get(b, BOOK_SECTION));
    for (lxw_col_t i = 0; heads && i < COLUMNS; i++)
        book_put_text(b, w->d->sources, w->row, i, heads[i], book_style_get(b, BOOK_HEAD_TEXT));
    if (heads) w->row++;
}

static void put_line(at *w, const char *const cells[COLUMNS]) {
    book *b = &w->d->b;
    for (int i = 0; i < COLUMNS; i++)
        book_put_text(b, w->d->sources, w->row, i, cells[i] ? cells[i] : "", book_style_get(b, BOOK_TEXT_LONG));
    double lines = cells[WIDE] ? lines_of(cells[WIDE], 100) : 1;
    if (lines > 1) book_check(b, worksheet_set_row(w->d->sources, w->row, fmin(14 * lines + 4, 400), NULL));
    w->row++;
}

static void put_gpu_prices(at *w) {
    static const char *const heads[COLUMNS] = {"GPU", "Price", "Date", "Source"};
    char price[64];
    put_section(w, "Prices of GPUs", heads);
    for (size_t i = 0; i < w->d->p->n_gpus; i++) {
        const report_gpu *g = &w->d->p->gpu[i];
        if (isnan(g->price)) {
            put_line(w, (const char *const[]){deal_gpu_name(w->d, i), "not known", "", ""});
            continue;
        }
        snprintf(price, sizeof price, "%s%s%.2f %.16s", g->price_kind ? g->price_kind : "", g->price_kind ? " " : "",
                 g->price, g->price_usd > 0 ? "USD" : w->d->money);
        put_line(w, (const char *const[]){deal_gpu_name(w->d, i), price, g->price_date, g->price_source});
    }
}

static const char *word(const char *text) {
    return text ? text : "";
}

/** By provider, source, date. */
static int compare_offers(const void *x, const void *y) {
    const report_offer *a = *(const report_offer *const *)x, *b = *(const report_offer *const *)y;
    int order = strcmp(word(a->provider), word(b->provider));
    if (!order) order = strcmp(word(a->source), word(b->source));
    return order ? order : strcmp(word(a->date), word(b->date));
}

static int is_same(const report_offer *a, const report_offer *b) {
    return strcmp(word(a->provider), word(b->provider)) == 0 && strcmp(word(a->source), word(b->source)) == 0;
}

/** A line for n offers of one provider and source, the oldest first. */
static void put_offers_line(at *w, const report_offer *const *offer, size_t n) {
    char count[48], dates[256];
    const char *from = word(offer[0]->date), *to = word(offer[n - 1]->date);
    snprintf(count, sizeof count, "%zu offer%s", n, n == 1 ? "" : "s");
    snprintf(dates, sizeof dates, strcmp(from, to) == 0 ? "%.100s" : "%.100s to %.100s", from, to);
    put_line(w, (const char *const[]){offer[0]->provider, count, dates, offer[0]->source});
}

static void put_offers(at *w) {
    static const char *const heads[COLUMNS] = {"Provider", "Offers", "Dates", "Source"};
    size_t n = w->d->p->n_offers, from = 0;
    const report_offer **offer = arena_alloc(&w->d->mem, n + 1, sizeof *offer);
    put_section(w, "Prices of the cloud (each offer is in sheet Cloud)", heads);
    if (!offer) {
        book_check(&w->d->b, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    for (size_t i = 0; i < n; i++)
        offer[i] = &w->d->p->offer[i];
    if (n) qsort(offer, n, sizeof *offer, compare_offers);
    for (size_t i = 1; i <= n; i++) {
        if (i < n && is_same(offer[i], offer[from])) continue;
        put_offers_line(w, offer + from, i - from);
        from = i;
    }
}

/** Over the width of the page. */
static void put_words(at *w, const char *title, const char *text) {
    book *b = &w->d->b;
    char clean[GRID_TEXT_BYTES];
    book_text_clean(text, clean);
    book_put_text(b, w->d->sources, w->row, 0, title, book_style_get(b, BOOK_TEXT));
    book_check(b,
               worksheet_merge_range(w->d->sources, w->row, 1, w->row, WIDE, clean, book_style_get(b, BOOK_TEXT_LONG)));
    book_check(b, worksheet_set_row(w->d->sources, w->row, fmin(14 * lines_of(clean, 140) + 4, 400), NULL));
    w->row++;
}

void deal_put_sources(deal_book *d) {
    static const double widths[COLUMNS] = {30, 24, 26, 84};
    at w = {d, 3};
    deal_put_title(d, d->sources, "Sources",
                   "Where every price comes from, how every number follows, what is not counted.");
    for (int i = 0; i < COLUMNS; i++)
        book_check(&d->b, worksheet_set_column(d->sources, i, i, widths[i], NULL));
    put_section(&w, "How the numbers follow", NULL);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        put_words(&w, methods[i][0], methods[i][1]);
    if (d->p->n_notes) put_section(&w, "Notes of the report, for the inputs it was made with", NULL);
    for (size_t i = 0; i < d->p->n_notes; i++)
        put_words(&w, "", d->p->notes[i]);
    put_gpu_prices(&w);
    put_offers(&w);
    book_page_setup(&d->b, d->sources);
}
