/*
 * config_internal.h - between the files of the config loader: the key tables, the walk over YAML nodes and its faults.
 */
#ifndef SWEEP_CONFIG_INTERNAL_H
#define SWEEP_CONFIG_INTERNAL_H

#include "sweep/config.h"

#include <yaml.h>

enum { CONFIG_TEXT_MOST = 1000 }; /* bytes of a text without a bound of its own */

/** State of one load. `first` is the code of the first fault. */
typedef struct config_walk {
    sweep_config *cfg;
    arena *mem;
    const char *path;
    const char *text;
    size_t n;
    yaml_document_t *doc;
    diags *faults;
    err first;
    int outside; /* outputs may leave the output folder */
} config_walk;

typedef struct config_key config_key;

/** Reads `value` into `field`, or adds faults. */
typedef void (*config_setter)(config_walk *w, const config_key *k, yaml_node_t *value, void *field);

/** A type of value: its name in the documentation and how it is read. */
typedef struct config_type {
    const char *name;
    config_setter set;
} config_type;

/** One key of a mapping. */
struct config_key {
    const char *key;
    const config_type *type;
    size_t offset;              /* of the field in the mapping's struct */
    unsigned kinds;             /* bit per report kind that has it; other mappings: all bits */
    int64_t least, most;        /* bounds of a number; most: items of a list, bytes of a text */
    const char *const *choices; /* words, or suffixes of an output file */
    int required;
    const char *fallback, *doc;
};

/** Keys of one mapping; `what` as in "no key of a sweep". */
typedef struct config_keys {
    const config_key *key;
    size_t n;
    const char *what;
} config_keys;

extern const config_keys config_file_keys, config_sweep_keys, config_report_keys, config_inject_keys;
extern const char *const config_report_name[SWEEP_REPORTS + 1];

extern const config_type config_text, config_texts, config_name, config_output, config_input, config_inputs,
    config_number, config_numbers, config_word, config_choice, config_words, config_items, config_item, config_where,
    config_labels, config_measures, config_real, config_positive, config_users, config_currency, config_scale,
    config_signs, config_injects, config_mark, config_one_sweep, config_sweeps, config_reports;

/** Adds a fault at a node (NULL: at the file). */
void config_fault(config_walk *w, err code, const yaml_node_t *at, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/** The same at a byte offset of the text, for faults found before there are nodes. */
void config_fault_at(config_walk *w, err code, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** Arena memory, or a fault of ERR_MEMORY and NULL. */
void *config_alloc(config_walk *w, size_t count, size_t size);

/** First pass over the events: one document, no aliases, anchors or tags, bounded depth and size. 0 on a fault. */
int config_scan(config_walk *w);

/** Reports what the parser found wrong. */
void config_parser_fault(config_walk *w, const yaml_parser_t *parser);

/** Text of a scalar in the arena; NULL after a fault: no scalar, empty, over `most` bytes, control characters. */
const char *config_scalar(config_walk *w, const char *field, const yaml_node_t *node, size_t most);

/** A whole number within the key's bounds; 0 after a fault. */
int config_whole(config_walk *w, const config_key *k, const yaml_node_t *node, int64_t *out);

/** A scalar or a list of them, at most k->most; bad ones are left out after their fault. */
void config_read_items(config_walk *w, const config_key *k, yaml_node_t *value, size_t most_bytes, sweep_items *out);

/** Words as `a, b or c`, cut to the size of `out`. */
const char *config_join(const char *const *word, char *out, size_t bytes);

/** Reads a mapping into the struct at `base`. `kinds` selects keys, `what` names the mapping in messages. */
void config_walk_mapping(config_walk *w, yaml_node_t *node, const config_keys *keys, unsigned kinds, const char *what,
                         void *base);

/** Children of a list, or the node alone when it is a scalar or mapping. */
size_t config_children(const yaml_node_t *node);
yaml_node_t *config_child(config_walk *w, yaml_node_t *node, size_t i);

/** Of a procurement report: what its keys must not say together. */
void config_buying_check(config_walk *w, sweep_report *r);

/** A chart's defaults, by its name where it is ready-made, and what its keys must not say together. */
void config_chart_check(config_walk *w, sweep_report *r);

/** A place in the file, for faults of reports, whose nodes are gone. */
yaml_node_t config_place(int line, int column);

/** What a node says, all of the file but sweeps and reports: as digests in the arena, NULL after a fault. */
const char *config_digest_node(config_walk *w, const yaml_node_t *node);
const char *config_digest_file(config_walk *w);

/** Checks across keys: sweep names, output names; fills defaults that depend on other keys. */
void config_check(config_walk *w);

#endif
