/*
 * config_values.c - one reader per type of value: texts, numbers, words, lists, mappings of axes. Refuses what is out
 * of bounds with what was found and what is allowed.
 */
#include "sweep/config_internal.h"
#include "sweep/resolve.h"

#include "common/text.h"

#include <string.h>

/** Copies with runs of blanks and line ends made one blank; 0 when something that is no text (text_unsafe) is among
 * them. */
static int squeeze(const char *from, size_t n, char *to) {
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        const char ch = from[i];
        const int blank = ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
        if (!blank)
            to[used++] = from[i];
        else if (used && to[used - 1] != ' ')
            to[used++] = ' ';
    }
    if (used && to[used - 1] == ' ') used--;
    to[used] = 0;
    return memchr(from, 0, n) == NULL && text_clean(to, used, NULL);
}

const char *config_scalar(config_walk *w, const char *field, const yaml_node_t *node, size_t most) {
    if (node->type != YAML_SCALAR_NODE) {
        config_fault(w, ERR_TYPE, node, field, "expected a single value, found a %s",
                     node->type == YAML_SEQUENCE_NODE ? "list" : "mapping");
        return NULL;
    }
    const size_t n = node->data.scalar.length;
    if (n > most) {
        config_fault(w, ERR_LIMIT, node, field, "a text of %zu bytes, expected at most %zu", n, most);
        return NULL;
    }
    char *text = config_alloc(w, n + 1, 1);
    if (!text) return NULL;
    if (!squeeze((const char *)node->data.scalar.value, n, text)) {
        config_fault(w, ERR_ENCODING, node, field, "the text holds a control character or an invisible mark");
        return NULL;
    }
    if (!text[0]) {
        config_fault(w, ERR_MISSING, node, field, "a value is missing");
        return NULL;
    }
    return text;
}

static int read_item(config_walk *w, const char *field, const yaml_node_t *node, size_t most, sweep_item *out) {
    const char *text = config_scalar(w, field, node, most);
    if (!text) return 0;
    *out = (sweep_item){text, (int)node->start_mark.line + 1, (int)node->start_mark.column + 1};
    return 1;
}

void config_read_items(config_walk *w, const config_key *k, yaml_node_t *value, size_t most_bytes, sweep_items *out) {
    const size_t n = config_children(value);
    size_t good = 0;
    if (n < 1 || n > (size_t)k->most) {
        config_fault(w, ERR_LIMIT, value, k->key, "a list of %zu, expected 1..%lld", n, (long long)k->most);
        return;
    }
    sweep_item *item = config_alloc(w, n, sizeof *item);
    for (size_t i = 0; item && i < n; i++)
        good += (size_t)read_item(w, k->key, config_child(w, value, i), most_bytes, &item[good]);
    if (item) *out = (sweep_items){item, good};
}

static void set_text(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    *(const char **)field = config_scalar(w, k->key, value, k->most > 0 ? (size_t)k->most : CONFIG_TEXT_MOST);
}

static void set_texts(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    config_read_items(w, k, value, CONFIG_TEXT_MOST, field);
}

static void set_items(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    config_read_items(w, k, value, SWEEP_NAME_MAX, field);
}

static void set_item(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    read_item(w, k->key, value, (size_t)k->most, field);
}

const char *config_join(const char *const *word, char *out, size_t bytes) {
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; word[i] && used < bytes; i++)
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", i == 0 ? "" : word[i + 1] ? ", " : " or ", word[i]);
    return out;
}

int config_whole(config_walk *w, const config_key *k, const yaml_node_t *node, int64_t *out) {
    int64_t n;
    const char *text = config_scalar(w, k->key, node, SWEEP_NAME_MAX);
    if (!text) return 0;
    if (!text_int(text, &n) || n < k->least || n > k->most) {
        config_fault(w, ERR_RANGE, node, k->key, "'%.60s', expected a whole number %lld..%lld", text,
                     (long long)k->least, (long long)k->most);
        return 0;
    }
    *out = n;
    return 1;
}

static void set_number(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    config_whole(w, k, value, field);
}

/** Field is the report: a count goes with the array. */
static void set_numbers(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    sweep_report *r = field;
    const size_t n = config_children(value);
    if (n < 1 || n > SWEEP_CONFIG_COUNTS) {
        config_fault(w, ERR_LIMIT, value, k->key, "a list of %zu, expected 1..%d", n, SWEEP_CONFIG_COUNTS);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        yaml_node_t *node = config_child(w, value, i);
        int64_t *count = &r->min_gpu_counts[r->n_min_gpu_counts];
        if (!config_whole(w, k, node, count)) return;
        if (i && count[0] <= count[-1])
            config_fault(w, ERR_RANGE, node, k->key, "%lld after %lld, expected rising numbers", (long long)count[0],
                         (long long)count[-1]);
        r->n_min_gpu_counts++;
    }
}

static const char *next_word(const void *words, size_t i) {
    return ((const char *const *)words)[i];
}

/** Index of a word among the choices, or -1 after a fault. */
static int read_choice(config_walk *w, const config_key *k, const yaml_node_t *node) {
    char near[DIAG_TEXT], words[DIAG_TEXT];
    const char *text = config_scalar(w, k->key, node, SWEEP_NAME_MAX);
    if (!text) return -1;
    for (int i = 0; k->choices[i]; i++)
        if (strcmp(k->choices[i], text) == 0) return i;
    text_suggest(text, next_word, k->choices, 2, near, sizeof near);
    config_fault(w, ERR_RANGE, node, k->key, "'%.60s', expected %s%s%s", text,
                 config_join(k->choices, words, sizeof words), near[0] ? "; " : "", near);
    return -1;
}

static void set_word(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const int i = read_choice(w, k, value);
    if (i >= 0) *(const char **)field = k->choices[i];
}

/** Into an enum whose values follow the choices. */
static void set_choice(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const int i = read_choice(w, k, value);
    if (i >= 0) memcpy(field, &i, sizeof i);
}

static void set_words(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const size_t n = config_children(value);
    size_t good = 0;
    uint64_t seen = 0;
    if (n < 1 || n > (size_t)k->most) {
        config_fault(w, ERR_LIMIT, value, k->key, "a list of %zu, expected 1..%lld", n, (long long)k->most);
        return;
    }
    sweep_item *item = config_alloc(w, n, sizeof *item);
    for (size_t i = 0; item && i < n; i++) {
        const yaml_node_t *node = config_child(w, value, i);
        const int word = read_choice(w, k, node);
        if (word >= 0 && !(seen >> word & 1) && read_item(w, k->key, node, SWEEP_NAME_MAX, &item[good])) good++;
        if (word >= 0) seen |= (uint64_t)1 << word;
    }
    if (item) *(sweep_items *)field = (sweep_items){item, good};
}

/** Measures of a chart, in the order of drawing. Field is the report, as for set_numbers. */
static void set_measures(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    sweep_chart *c = &((sweep_report *)field)->chart;
    const size_t n = config_children(value);
    if (n < 1 || n > (size_t)k->most) {
        config_fault(w, ERR_LIMIT, value, k->key, "a list of %zu, expected 1..%lld", n, (long long)k->most);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const int word = read_choice(w, k, config_child(w, value, i));
        if (word >= 0) c->y[c->n_y++] = (sweep_measure)word;
    }
}

/** Words as a set of bits. */
static void set_signs(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    for (size_t i = 0; i < config_children(value); i++) {
        const int word = read_choice(w, k, config_child(w, value, i));
        if (word >= 0) *(unsigned *)field |= 1u << word;
    }
}

/** The mapping of `where` or `labels`, or a fault. */
static size_t pairs(config_walk *w, const config_key *k, const yaml_node_t *value) {
    if (value->type != YAML_MAPPING_NODE) {
        config_fault(w, ERR_TYPE, value, k->key, "expected a mapping such as {context: 8k}");
        return 0;
    }
    return (size_t)(value->data.mapping.pairs.top - value->data.mapping.pairs.start);
}

static void set_where(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    sweep_items *where = field;
    char near[DIAG_TEXT];
    const size_t n = pairs(w, k, value);
    for (size_t i = 0; i < n; i++) {
        const yaml_node_pair_t *p = &value->data.mapping.pairs.start[i];
        const yaml_node_t *key = yaml_document_get_node(w->doc, p->key);
        const char *name = config_scalar(w, k->key, key, SWEEP_NAME_MAX);
        const sweep_axis axis = name ? sweep_axis_find(name) : SWEEP_AXES;
        if (name && axis == SWEEP_AXES) {
            text_suggest(name, sweep_axis_next, NULL, 2, near, sizeof near);
            config_fault(w, ERR_KEY, key, k->key, "'%.60s' is no axis%s%s", name, near[0] ? "; " : "", near);
        } else if (name && where[axis].n) {
            config_fault(w, ERR_DUPLICATE, key, k->key, "%s stands twice", name);
        } else if (name) {
            config_read_items(w, k, yaml_document_get_node(w->doc, p->value), SWEEP_NAME_MAX, &where[axis]);
        }
    }
}

static void set_scale(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    sweep_chart *c = field;
    const size_t n = pairs(w, k, value);
    for (size_t i = 0; i < n; i++) {
        const yaml_node_pair_t *p = &value->data.mapping.pairs.start[i];
        const char *name = config_scalar(w, k->key, yaml_document_get_node(w->doc, p->key), SWEEP_NAME_MAX);
        const int word = read_choice(w, k, yaml_document_get_node(w->doc, p->value));
        if (!name || word < 0) continue;
        if (strcmp(name, "x") != 0 && strcmp(name, "y") != 0) {
            config_fault(w, ERR_KEY, value, k->key, "'%.60s', expected x or y", name);
        } else {
            *(*name == 'x' ? &c->scale_x : &c->scale_y) = (sweep_scale)word;
        }
    }
}

/** Field is the report, as for set_numbers. */
static void set_labels(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    sweep_report *r = field;
    const size_t n = pairs(w, k, value);
    size_t good = 0;
    if (n > (size_t)k->most) {
        config_fault(w, ERR_LIMIT, value, k->key, "%zu labels, expected at most %lld", n, (long long)k->most);
        return;
    }
    sweep_label *item = config_alloc(w, n + 1, sizeof *item);
    for (size_t i = 0; item && i < n; i++) {
        const yaml_node_pair_t *p = &value->data.mapping.pairs.start[i];
        const yaml_node_t *key = yaml_document_get_node(w->doc, p->key);
        sweep_label l = {.shown = config_scalar(w, k->key, yaml_document_get_node(w->doc, p->value), SWEEP_NAME_MAX)};
        if (!read_item(w, k->key, key, SWEEP_NAME_MAX, &l.value) || !l.shown) continue;
        for (size_t j = 0; j < good; j++)
            if (text_same(item[j].value.text, l.value.text))
                config_fault(w, ERR_DUPLICATE, key, k->key, "'%s' has a label already", l.value.text);
        item[good++] = l;
    }
    r->labels = item;
    r->n_labels = good;
}

const config_type config_text = {"text", set_text}, config_texts = {"text or list of texts", set_texts},
                  config_number = {"whole number", set_number}, config_numbers = {"list of numbers", set_numbers},
                  config_word = {"word", set_word}, config_choice = {"word", set_choice},
                  config_words = {"word or list of words", set_words}, config_items = {"value or list", set_items},
                  config_item = {"value", set_item}, config_where = {"mapping of axes", set_where},
                  config_labels = {"mapping of texts", set_labels},
                  config_measures = {"word or list of words", set_measures},
                  config_signs = {"word or list of words", set_signs}, config_scale = {"mapping of words", set_scale};
