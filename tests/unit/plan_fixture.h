/*
 * plan_fixture.h - for tests of configs and plans: the shipped catalogs loaded once, a config from text, a plan of its
 * first sweep, and the faults as the text that a user reads.
 */
#ifndef TESTS_UNIT_PLAN_FIXTURE_H
#define TESTS_UNIT_PLAN_FIXTURE_H

#include "sweep/axes.h"

#include <stdlib.h>
#include <string.h>

typedef struct plan_fixture {
    arena mem;
    diags faults;
    sweep_config cfg;
    sweep_plan plan;
} plan_fixture;

/** The shipped catalogs, kept until the program ends; NULL when they cannot be loaded. */
static inline const sweep_catalogs *fixture_catalogs(void) {
    static arena mem;
    static sweep_catalogs catalogs;
    static int state;
    if (!state) {
        diags faults = {.n = 0};
        arena_init(&mem, NULL, NULL);
        state = sweep_catalogs_load(&catalogs, &mem, "configs/catalogs", NULL, 0, &faults) == ERR_OK ? 1 : 2;
        if (state == 2) diags_print(stderr, &faults);
    }
    return state == 1 ? &catalogs : NULL;
}

static inline void fixture_init(plan_fixture *f) {
    memset(f, 0, sizeof *f);
    arena_init(&f->mem, NULL, NULL);
}

static inline void fixture_fini(plan_fixture *f) {
    arena_fini(&f->mem);
}

/** Parses a config text called t.yaml. */
static inline err fixture_config(plan_fixture *f, const char *yaml) {
    return sweep_config_parse(&f->cfg, &f->mem, "t.yaml", yaml, strlen(yaml), &f->faults);
}

/** Parses and builds the plan of the first sweep. */
static inline err fixture_plan(plan_fixture *f, const char *yaml) {
    TRY(fixture_config(f, yaml));
    return sweep_plan_build(&f->plan, &f->mem, fixture_catalogs(), &f->cfg, 0, &f->faults);
}

/** What diags_print writes; free() it. */
static inline char *fixture_text(const diags *faults) {
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    diags_print(to, faults);
    fclose(to);
    return text;
}

#endif
