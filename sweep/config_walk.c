/*
 * config_walk.c - walks mappings of the document against their key tables, sweeps and reports among them. Refuses
 * unknown and repeated keys, missing ones, and a report that is of no kind or of several.
 */
#include "sweep/config_internal.h"

#include "common/text.h"

#include <string.h>

size_t config_children(const yaml_node_t *node) {
    if (node->type != YAML_SEQUENCE_NODE) return 1;
    return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
}

yaml_node_t *config_child(config_walk *w, yaml_node_t *node, size_t i) {
    if (node->type != YAML_SEQUENCE_NODE) return node;
    return yaml_document_get_node(w->doc, node->data.sequence.items.start[i]);
}

typedef struct offer {
    const config_keys *keys;
    unsigned kinds;
} offer;

/** Keys that apply, for suggestions. */
static const char *next_key(const void *ctx, size_t i) {
    const offer *o = ctx;
    for (size_t k = 0; k < o->keys->n; k++)
        if (o->keys->key[k].kinds & o->kinds && i-- == 0) return o->keys->key[k].key;
    return NULL;
}

static void unknown_key(config_walk *w, const yaml_node_t *at, const char *key, const offer *o, const char *what) {
    char near[DIAG_TEXT];
    text_suggest(key, next_key, o, 3, near, sizeof near);
    config_fault(w, ERR_KEY, at, NULL, "'%.60s' is no key of %s%s%s", key, what, near[0] ? "; " : "", near);
}

static const config_key *find_key(const offer *o, const char *key, size_t *i) {
    for (*i = 0; *i < o->keys->n; (*i)++)
        if (o->keys->key[*i].kinds & o->kinds && strcmp(o->keys->key[*i].key, key) == 0) return &o->keys->key[*i];
    return NULL;
}

static void missing_keys(config_walk *w, const yaml_node_t *node, const offer *o, uint64_t seen, const char *what) {
    for (size_t i = 0; i < o->keys->n; i++) {
        const config_key *k = &o->keys->key[i];
        if (k->required && k->kinds & o->kinds && !(seen >> i & 1))
            config_fault(w, ERR_MISSING, node, k->key, "%s needs this key", what);
    }
}

/** One pair of a mapping; marks the key in *seen. */
static void walk_pair(config_walk *w, const yaml_node_pair_t *pair, const offer *o, const char *what, uint64_t *seen,
                      void *base) {
    const yaml_node_t *key = yaml_document_get_node(w->doc, pair->key);
    yaml_node_t *value = yaml_document_get_node(w->doc, pair->value);
    size_t i;
    if (key->type != YAML_SCALAR_NODE) {
        config_fault(w, ERR_TYPE, key, NULL, "a key is a single word");
        return;
    }
    const char *text = (const char *)key->data.scalar.value;
    const config_key *k = find_key(o, text, &i);
    if (!k) {
        unknown_key(w, key, text, o, what);
    } else if (*seen >> i & 1) {
        config_fault(w, ERR_DUPLICATE, key, k->key, "this key stands twice in %s", what);
    } else {
        *seen |= (uint64_t)1 << i;
        k->type->set(w, k, value, (char *)base + k->offset);
    }
}

void config_walk_mapping(config_walk *w, yaml_node_t *node, const config_keys *keys, unsigned kinds, const char *what,
                         void *base) {
    const offer o = {keys, kinds};
    uint64_t seen = 0;
    if (node->type != YAML_MAPPING_NODE) {
        config_fault(w, ERR_TYPE, node, NULL, "%s is a mapping of `key: value` lines", what);
        return;
    }
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++)
        walk_pair(w, p, &o, what, &seen, base);
    missing_keys(w, node, &o, seen, what);
}

static void walk_sweep(config_walk *w, yaml_node_t *node, sweep_spec *s) {
    s->line = (int)node->start_mark.line + 1;
    s->column = (int)node->start_mark.column + 1;
    s->digest = config_digest_node(w, node);
    config_walk_mapping(w, node, &config_sweep_keys, ~0u, config_sweep_keys.what, s);
}

/** `sweep:` and `sweeps:` exclude each other: whichever comes second finds n_sweeps set. */
static void set_sweeps(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const int several = k->most > 0;
    const size_t n = several ? config_children(value) : 1;
    (void)field;
    if (w->cfg->n_sweeps) {
        config_fault(w, ERR_DUPLICATE, value, k->key, "a file has either `sweep` or `sweeps`");
        return;
    }
    if (n < 1 || n > SWEEP_CONFIG_SWEEPS) {
        config_fault(w, ERR_LIMIT, value, k->key, "%zu sweeps, expected 1..%d", n, SWEEP_CONFIG_SWEEPS);
        return;
    }
    sweep_spec *s = config_alloc(w, n, sizeof *s);
    if (!s) return;
    for (size_t i = 0; i < n; i++) {
        yaml_node_t *node = several ? config_child(w, value, i) : value;
        walk_sweep(w, node, &s[i]);
        if (several && !s[i].name && node->type == YAML_MAPPING_NODE)
            config_fault(w, ERR_MISSING, node, "name", "each of several sweeps needs a name");
        for (size_t j = 0; j < i; j++)
            if (s[i].name && s[j].name && text_same(s[i].name, s[j].name))
                config_fault(w, ERR_DUPLICATE, node, "name", "'%s' is the name of an earlier sweep", s[i].name);
    }
    w->cfg->sweeps = s;
    w->cfg->n_sweeps = n;
}

/** Which kind's key a report has; SWEEP_REPORTS after a fault. */
static unsigned report_kind(config_walk *w, const yaml_node_t *node) {
    unsigned kind = SWEEP_REPORTS;
    char words[DIAG_TEXT];
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(w->doc, p->key);
        for (unsigned i = 0; i < SWEEP_REPORTS && key->type == YAML_SCALAR_NODE; i++) {
            if (strcmp((const char *)key->data.scalar.value, config_report_name[i]) != 0) continue;
            if (kind != SWEEP_REPORTS && kind != i) {
                config_fault(w, ERR_DUPLICATE, key, NULL, "a report is either a %s or a %s", config_report_name[kind],
                             config_report_name[i]);
                return SWEEP_REPORTS;
            }
            kind = i;
        }
    }
    if (kind == SWEEP_REPORTS)
        config_fault(w, ERR_MISSING, node, NULL, "a report needs one of %s",
                     config_join(config_report_name, words, sizeof words));
    return kind;
}

static void walk_report(config_walk *w, yaml_node_t *node, sweep_report *r) {
    char what[32];
    r->line = (int)node->start_mark.line + 1;
    r->column = (int)node->start_mark.column + 1;
    r->decimals = 1;
    r->unit = "GB";
    r->rows = r->columns = SWEEP_AXES;
    r->chart = (sweep_chart){.x = SWEEP_AXES,
                             .series = SWEEP_AXES,
                             .facets = SWEEP_AXES,
                             .level = SWEEP_MEASURES,
                             .scale_x = SWEEP_SCALE_AUTO,
                             .scale_y = SWEEP_SCALE_AUTO};
    sweep_buying_default(&r->buying);
    r->digest = config_digest_node(w, node);
    if (node->type != YAML_MAPPING_NODE) {
        config_fault(w, ERR_TYPE, node, "reports", "a report is a mapping such as `csv: scenarios.csv`");
        return;
    }
    const unsigned kind = report_kind(w, node);
    if (kind == SWEEP_REPORTS) return;
    r->kind = (sweep_report_kind)kind;
    snprintf(what, sizeof what, "a %s report", config_report_name[kind]);
    config_walk_mapping(w, node, &config_report_keys, 1u << kind, what, r);
}

static void set_reports(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const size_t n = config_children(value);
    (void)field;
    if (n > SWEEP_CONFIG_REPORTS) {
        config_fault(w, ERR_LIMIT, value, k->key, "%zu reports, expected at most %d", n, SWEEP_CONFIG_REPORTS);
        return;
    }
    sweep_report *r = config_alloc(w, n + 1, sizeof *r);
    if (!r) return;
    for (size_t i = 0; i < n; i++)
        walk_report(w, config_child(w, value, i), &r[i]);
    w->cfg->reports = r;
    w->cfg->n_reports = n;
}

/** Field is the report: a count goes with the array. */
static void set_injects(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    sweep_report *r = field;
    const size_t n = config_children(value);
    if (n < 1 || n > (size_t)k->most) {
        config_fault(w, ERR_LIMIT, value, k->key, "a list of %zu, expected 1..%lld", n, (long long)k->most);
        return;
    }
    sweep_inject *item = config_alloc(w, n, sizeof *item);
    if (!item) return;
    for (size_t i = 0; i < n; i++)
        config_walk_mapping(w, config_child(w, value, i), &config_inject_keys, ~0u, config_inject_keys.what, &item[i]);
    r->injects = item;
    r->n_injects = n;
}

const config_type config_injects = {"mapping or list of mappings", set_injects};
const config_type config_one_sweep = {"mapping", set_sweeps}, config_sweeps = {"list of mappings", set_sweeps},
                  config_reports = {"list of mappings", set_reports};
