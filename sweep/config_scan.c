/*
 * config_scan.c - the first pass over a config, on events, before any node is built: one document, no anchors, aliases
 * or tags, bounded depth and number of nodes. What it refuses cannot blow up the second pass.
 */
#include "sweep/config_internal.h"

#include <string.h>

/** Names here begin with characters that open something else in YAML. */
static const char *hint(const yaml_parser_t *parser) {
    const int starts = parser->problem && strstr(parser->problem, "cannot start any token");
    const int alias = parser->context && (strstr(parser->context, "alias") || strstr(parser->context, "anchor"));
    return starts || alias ? " (names that begin with @ * & or ! are written in quotes: \"@moe\")" : "";
}

void config_parser_fault(config_walk *w, const yaml_parser_t *parser) {
    const char *problem = parser->problem ? parser->problem : "cannot be read";
    if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR) { /* a node that found no memory */
        config_fault(w, ERR_MEMORY, NULL, NULL, "%s", err_text(ERR_MEMORY));
    } else if (parser->error == YAML_READER_ERROR) {
        config_fault_at(w, ERR_SYNTAX, parser->problem_offset, "%s", problem);
    } else {
        const yaml_node_t at = {.start_mark = parser->problem_mark};
        config_fault(w, ERR_SYNTAX, &at, NULL, "%s%s%s%s", parser->context ? parser->context : "",
                     parser->context ? ": " : "", problem, hint(parser));
    }
}

typedef struct tally {
    size_t documents, depth, nodes;
} tally;

/** What of an event is not accepted, or NULL; *code says which kind of fault it is. */
static const char *refused(const yaml_event_t *e, const tally *t, err *code) {
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (e->type == YAML_SCALAR_EVENT) anchor = e->data.scalar.anchor, tag = e->data.scalar.tag;
    if (e->type == YAML_SEQUENCE_START_EVENT) anchor = e->data.sequence_start.anchor, tag = e->data.sequence_start.tag;
    if (e->type == YAML_MAPPING_START_EVENT) anchor = e->data.mapping_start.anchor, tag = e->data.mapping_start.tag;
    *code = ERR_SYNTAX;
    if (e->type == YAML_ALIAS_EVENT) return "aliases are not accepted; write a glob in quotes: \"*\"";
    if (anchor) return "anchors are not accepted; write text that begins with & in quotes";
    if (tag) return "YAML tags are not accepted; write text that begins with ! in quotes";
    if (t->documents > 1) return "a second document begins here, expected one per file";
    *code = ERR_LIMIT;
    if (t->depth > SWEEP_CONFIG_DEPTH) return "lists and mappings are nested deeper than 16";
    if (t->nodes > SWEEP_CONFIG_NODES) return "the file has more than 262144 values";
    return NULL;
}

static void count(tally *t, yaml_event_type_t type) {
    const int opens = type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
    t->documents += type == YAML_DOCUMENT_START_EVENT;
    t->depth += opens;
    t->depth -= type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
    t->nodes += opens || type == YAML_SCALAR_EVENT;
}

/** One event; 0 at the end of the stream or on a fault. */
static int step(config_walk *w, yaml_parser_t *parser, tally *t) {
    yaml_event_t e;
    err code;
    if (!yaml_parser_parse(parser, &e)) {
        config_parser_fault(w, parser);
        return 0;
    }
    count(t, e.type);
    const char *why = refused(&e, t, &code);
    const yaml_node_t at = {.start_mark = e.start_mark};
    if (why) config_fault(w, code, &at, NULL, "%s", why);
    const int more = !why && e.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&e);
    return more;
}

int config_scan(config_walk *w) {
    yaml_parser_t parser;
    tally t = {0, 0, 0};
    if (!yaml_parser_initialize(&parser)) {
        config_fault(w, ERR_MEMORY, NULL, NULL, "%s", err_text(ERR_MEMORY));
        return 0;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)w->text, w->n);
    while (step(w, &parser, &t))
        continue;
    yaml_parser_delete(&parser);
    if (w->first == ERR_OK && t.nodes == 0)
        config_fault_at(w, ERR_MISSING, 0, "the file is empty, expected at least `sweep:` with a `model:`");
    return w->first == ERR_OK;
}
