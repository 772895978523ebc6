/*
 * config_buying.c - readers of the values that only procurement reports have: numbers with fractions, users, a
 * currency.
 */
#include "sweep/config_internal.h"
#include "sweep/resolve.h"

#include "common/text.h"

#include <string.h>

static void read_real(config_walk *w, const config_key *k, yaml_node_t *value, double *out, int above) {
    double x;
    const char *text = config_scalar(w, k->key, value, SWEEP_NAME_MAX);
    if (!text) return;
    int least = text_real(text, &x) && (above ? x > (double)k->least : x >= (double)k->least);
    if (!least || x > (double)k->most) {
        config_fault(w, ERR_RANGE, value, k->key, "'%.60s', expected a number %s %lld and at most %lld", text,
                     above ? "above" : "from", (long long)k->least, (long long)k->most);
        return;
    }
    *out = x;
}

static void set_real(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    read_real(w, k, value, field, 0);
}

static void set_positive(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    read_real(w, k, value, field, 1);
}

/** Field is what a buyer says: a count goes with the numbers, in the order written. */
static void set_users(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    sweep_buying *b = field;
    const size_t n = config_children(value);
    if (n < 1 || n > SWEEP_USERS_LISTED) {
        config_fault(w, ERR_LIMIT, value, k->key, "a list of %zu, expected 1..%d", n, SWEEP_USERS_LISTED);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        yaml_node_t *node = config_child(w, value, i);
        int64_t *users = &b->users[b->n_users];
        if (!config_whole(w, k, node, users)) return;
        for (size_t j = 0; j < b->n_users; j++)
            if (b->users[j] == *users)
                config_fault(w, ERR_DUPLICATE, node, k->key, "%lld stands twice", (long long)*users);
        b->n_users++;
    }
}

static void set_currency(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const char *text = config_scalar(w, k->key, value, SWEEP_NAME_MAX);
    if (!text) return;
    if (!sweep_is_currency(text)) {
        config_fault(w, ERR_RANGE, value, k->key, "'%.20s', expected three capital letters such as EUR", text);
        return;
    }
    *(const char **)field = text;
}

void config_buying_check(config_walk *w, sweep_report *r) {
    err e = sweep_buying_check(&r->buying, w->path, r->line, r->column, w->faults);
    if (w->first == ERR_OK) w->first = e;
}

const config_type config_real = {"number", set_real}, config_positive = {"number above 0", set_positive},
                  config_users = {"number or list of numbers", set_users},
                  config_currency = {"three letters", set_currency};
