/*
 * table_notes.c - collects footnotes; the one about contexts is written when all models it is about are known.
 */
#include "sweep/table_notes.h"

#include <string.h>

#include "report/number.h"

static const char BEYOND[] = "beyond";

void sweep_notes_add(sweep_notes *n, const char *text) {
    for (size_t i = 0; i < n->n_notes; i++) {
        if (strcmp(n->note[i], text) == 0) return;
    }
    if (n->n_notes < SWEEP_NOTES_MAX) n->note[n->n_notes++] = text;
}

uint16_t sweep_notes_ref(sweep_notes *n, const char *text) {
    for (size_t i = 0; i < n->n_refs; i++) {
        if (strcmp(n->ref[i], text) == 0) return (uint16_t)(i + 1);
    }
    if (n->n_refs == SWEEP_NOTES_MAX) return 0;
    n->ref[n->n_refs++] = text;
    return (uint16_t)n->n_refs;
}

void sweep_notes_beyond(sweep_notes *n, report_cell *cell, const kern_model *m) {
    size_t i = 0;
    cell->note = sweep_notes_ref(n, BEYOND);
    cell->text = "the model's context is shorter";
    while (i < n->n_beyond && n->beyond[i] != m)
        i++;
    if (i == n->n_beyond && i < SWEEP_NOTES_MAX) n->beyond[n->n_beyond++] = m;
}

/** "It ends at 8,192 (Gemma 2 9B), ... tokens." */
static const char *name_beyond(const sweep_notes *n) {
    const char *text = "The model was not made for this context. It ends at ";
    for (size_t i = 0; i < n->n_beyond && text; i++) {
        char tokens[REPORT_GROUPED];
        report_grouped_text((double)n->beyond[i]->max_context, tokens);
        text = arena_printf(n->mem, "%s%s%s (%s)", text, i ? ", " : "", tokens, n->beyond[i]->display);
    }
    return text ? arena_printf(n->mem, "%s tokens.", text) : NULL;
}

int sweep_notes_finish(sweep_notes *n, report_table *t) {
    const char **all = arena_alloc(n->mem, n->n_refs + n->n_notes + 1, sizeof *all), *beyond = name_beyond(n);
    if (!all || !beyond) return 0;
    for (size_t i = 0; i < n->n_refs; i++)
        all[i] = n->ref[i] == BEYOND ? beyond : n->ref[i];
    memcpy(all + n->n_refs, n->note, n->n_notes * sizeof *all);
    t->notes = all;
    t->n_notes = n->n_refs + n->n_notes;
    t->n_refs = n->n_refs;
    return 1;
}
