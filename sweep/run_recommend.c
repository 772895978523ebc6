/*
 * run_recommend.c - `recommend`: which of the tables, and what all of them end with.
 */
#include "sweep/recommend.h"

#include <string.h>

static const struct recommendation {
    const char *name;
    err (*make)(sweep_run *, const sweep_report *);
} recommendations[] = {
    {"tiers", sweep_recommend_tiers},
    {"use-cases", sweep_recommend_cases},
    {"formats", sweep_recommend_formats},
    {"image-models", sweep_recommend_images},
};

err sweep_recommend_write(sweep_run *run, const sweep_report *r, const sweep_draft *draft) {
    report_table *t = draft->table;
    const char **notes = arena_alloc(&run->ctx->mem, draft->n_notes + r->notes.n + 1, sizeof *notes);
    if (!notes) return sweep_run_no_memory(run);
    for (size_t i = 0; i < draft->n_notes; i++)
        notes[t->n_notes++] = draft->notes[i];
    for (size_t i = 0; i < r->notes.n; i++)
        notes[t->n_notes++] = r->notes.item[i].text;
    t->notes = notes;
    t->name = r->name;
    t->title = r->title ? r->title : draft->title;
    t->groups = draft->groups;
    t->n_groups = draft->n_groups;
    t->group_title = draft->group_title;
    return sweep_run_write_table(run, r, t);
}

err sweep_run_recommend(sweep_run *run, const sweep_report *r) {
    for (size_t i = 0; i < sizeof recommendations / sizeof *recommendations; i++) {
        if (strcmp(recommendations[i].name, r->target) == 0) return recommendations[i].make(run, r);
    }
    return ERR_OK; /* the config takes no other word */
}
