/*
 * config_digest.c - what a part of a config says, as a digest: keys and values, not how they are laid out, so that a
 * comment or a line break makes no report stale.
 */
#include "sweep/config_internal.h"

#include "common/digest.h"

#include <string.h>

/** Depth is bounded by config_scan. */
static void add_node(const config_walk *w, digest *d, int id) {
    const yaml_node_t *node = yaml_document_get_node(w->doc, id);
    if (node->type == YAML_SCALAR_NODE) {
        digest_text(d, (const char *)node->data.scalar.value);
    } else if (node->type == YAML_SEQUENCE_NODE) {
        digest_text(d, "[");
        for (const yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
            add_node(w, d, *i);
        digest_text(d, "]");
    } else {
        digest_text(d, "{");
        for (const yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
            add_node(w, d, p->key);
            add_node(w, d, p->value);
        }
        digest_text(d, "}");
    }
}

static const char *end(config_walk *w, digest *d) {
    char *hex = config_alloc(w, DIGEST_HEX, 1);
    if (hex) digest_end(d, hex);
    return hex;
}

const char *config_digest_node(config_walk *w, const yaml_node_t *node) {
    digest d;
    digest_init(&d);
    add_node(w, &d, (int)(node - w->doc->nodes.start) + 1);
    return end(w, &d);
}

/** Sweeps and reports have digests of their own. */
static int is_apart(const config_walk *w, const yaml_node_pair_t *p) {
    const yaml_node_t *key = yaml_document_get_node(w->doc, p->key);
    const char *text = key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : "";
    return strcmp(text, "sweep") == 0 || strcmp(text, "sweeps") == 0 || strcmp(text, "reports") == 0;
}

const char *config_digest_file(config_walk *w) {
    const yaml_node_t *root = yaml_document_get_root_node(w->doc);
    digest d;
    digest_init(&d);
    digest_text(&d, w->cfg->name);
    if (root->type == YAML_MAPPING_NODE) {
        for (const yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++) {
            if (is_apart(w, p)) continue;
            add_node(w, &d, p->key);
            add_node(w, &d, p->value);
        }
    }
    return end(w, &d);
}
