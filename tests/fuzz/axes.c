/*
 * axes.c - expressions of axes and skip rules. The first byte says which axis the lines that follow are the items of
 * ('a' method ... 'j' gpu, as in plan.h); 'k': they are skip rules over a plan with every axis.
 */
#include <stdlib.h>
#include <string.h>

#include "sweep/axes.h"
#include "sweep/skip.h"
#include "tests/fuzz/fuzz.h"

enum { LINES = 6, SKIPS = SWEEP_AXES };

static const char plan_text[] =
    "sweep:\n"
    "  method: ['*']\n  engine: [none, vllm]\n  mode: ['*']\n  model: ['llama-3*', '@moe']\n"
    "  weights: [bf16, nvfp4, 'q4*']\n  kv: [bf16, 'q8_0:fp16']\n  layout: [tp1, tp8]\n"
    "  context: [1k..128k x2]\n  batch: [1..64 x2]\n  gpu: ['@datacenter']\n";

/** The plan that skip rules are compiled for; kept. */
static const sweep_plan *skip_plan(void) {
    static sweep_plan plan;
    static sweep_config cfg;
    static arena mem;
    if (plan.n_combos) return &plan;
    diags faults = {.n = 0};
    arena_init(&mem, NULL, NULL);
    err e = sweep_config_parse(&cfg, &mem, "plan.yaml", plan_text, sizeof plan_text - 1, &faults);
    if (e == ERR_OK) e = sweep_plan_build(&plan, &mem, fuzz_catalogs(), &cfg, 0, &faults);
    FUZZ_CHECK(e == ERR_OK);
    return &plan;
}

/** Lines of the text, which is cut in place. */
static size_t split(char *text, sweep_item item[LINES]) {
    size_t n = 0;
    for (char *line = strtok(text, "\n"); line && n < LINES; line = strtok(NULL, "\n"), n++)
        item[n] = (sweep_item){line, (int)n + 1, 1};
    return n;
}

static void drive_skips(const sweep_items *rules, arena *mem, diags *faults) {
    const sweep_plan *p = skip_plan();
    const sweep_skip *skip = NULL;
    uint32_t at[SWEEP_CATEGORIES] = {0}, last[SWEEP_CATEGORIES];
    err e = sweep_skip_compile(&skip, mem, p, rules, "fuzz.yaml", faults);
    fuzz_faults(e, faults);
    if (e != ERR_OK) return;
    for (unsigned a = 0; a < SWEEP_CATEGORIES; a++)
        last[a] = (uint32_t)p->n[a] - 1;
    sweep_skip_combo(skip, at);
    sweep_skip_combo(skip, last);
    sweep_skip_cell(skip, at, 0, 0, -1);
    sweep_skip_cell(skip, last, p->n[SWEEP_CONTEXT] - 1, p->n[SWEEP_BATCH] - 1, (long)p->n[SWEEP_GPU] - 1);
    FUZZ_CHECK(sweep_skip_has_cells(skip) >= sweep_skip_has_grid(skip));
}

static void drive_numbers(sweep_axis axis, const sweep_items *items, arena *mem, diags *faults) {
    const char *const *label;
    double *value, most = axis == SWEEP_CONTEXT ? SWEEP_CONTEXT_MAX : SWEEP_BATCH_MAX;
    size_t n = 0;
    err e = sweep_axis_numbers(mem, axis, items, "fuzz.yaml", &value, &label, &n, faults);
    fuzz_faults(e, faults);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        double read;
        FUZZ_CHECK(value[i] >= 1 && value[i] <= most && (i == 0 || value[i] > value[i - 1]));
        if (i < LINES)
            FUZZ_CHECK(sweep_resolve_number(axis, label[i], &read, NULL, NULL) == ERR_OK && read == value[i]);
    }
}

static void drive_values(sweep_axis axis, const sweep_items *items, arena *mem, diags *faults) {
    const sweep_value *value = NULL;
    size_t n = 0;
    err e = sweep_axis_values(mem, fuzz_catalogs(), axis, items, "fuzz.yaml", &value, &n, faults);
    fuzz_faults(e, faults);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        sweep_value found;
        FUZZ_CHECK(value[i].label != NULL);
        if (i >= LINES || (axis == SWEEP_LAYOUT && value[i].row.layout.tp == 0)) continue; /* auto */
        FUZZ_CHECK(sweep_resolve_value(fuzz_catalogs(), axis, value[i].label, &found, NULL, NULL) == ERR_OK);
        FUZZ_CHECK(sweep_value_same(axis, &found, &value[i]));
    }
}

void fuzz_axes(const uint8_t *data, size_t n) {
    if (n == 0) return;
    const unsigned axis = (unsigned)(data[0] - 'a') % (SWEEP_AXES + 1);
    diags faults = {.n = 0};
    sweep_item item[LINES];
    arena mem;
    char *text = fuzz_text(data + 1, n - 1);
    const sweep_items items = {item, split(text, item)};
    fuzz_arena(&mem);
    if (axis == SKIPS)
        drive_skips(&items, &mem, &faults);
    else if (items.n && (axis == SWEEP_CONTEXT || axis == SWEEP_BATCH))
        drive_numbers((sweep_axis)axis, &items, &mem, &faults);
    else if (items.n)
        drive_values((sweep_axis)axis, &items, &mem, &faults);
    arena_fini(&mem);
    free(text);
}
