/*
 * test_config.c - every file of tests/data/configs: ok ones load and plan, bad ones print exactly the text beside them
 * (NAME.expected; VRAMSWEEP_UPDATE=1 rewrites those that differ). Limits, fields read, failing allocations, the key
 * reference.
 */
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tt.h"

#include <CUnit/CUnit.h>
#include <dirent.h>

#define DATA "tests/data/configs/"

static char *read_text(const char *path) {
    char *text = calloc(1, 1 << 18);
    FILE *f = fopen(path, "rb");
    if (f) {
        text[fread(text, 1, (1 << 18) - 1, f)] = 0;
        fclose(f);
    }
    return text;
}

/** Loads and plans every sweep; returns the faults as text. */
static char *load_all(const char *path, err *code) {
    plan_fixture f;
    fixture_init(&f);
    *code = sweep_config_load(&f.cfg, &f.mem, path, &f.faults);
    for (size_t i = 0; *code == ERR_OK && i < f.cfg.n_sweeps; i++)
        *code = sweep_plan_build(&f.plan, &f.mem, fixture_catalogs(), &f.cfg, i, &f.faults);
    char *text = fixture_text(&f.faults);
    fixture_fini(&f);
    return text;
}

/** Equal line by line; a line of `expected` that ends in `...` leaves the rest open: more catalog rows may be near. */
static int same_lines(const char *found, const char *expected) {
    while (*found && *expected) {
        if (strncmp(expected, "...\n", 4) == 0) {
            found += strcspn(found, "\n");
            expected += 3;
        } else if (*found++ != *expected++) {
            return 0;
        }
    }
    return *found == *expected;
}

static void check_bad(const char *path) {
    char expected_path[300];
    err code;
    snprintf(expected_path, sizeof expected_path, "%.*s.expected", (int)(strlen(path) - strlen(".yaml")), path);
    char *found = load_all(path, &code), *expected = read_text(expected_path);
    const int same = same_lines(found, expected);
    CU_ASSERT_NOT_EQUAL(code, ERR_OK);
    CU_ASSERT_EQUAL(err_exit_status(code), 2);
    CU_ASSERT(same);
    if (!same) fprintf(stderr, "\n%s:\n%s", path, found);
    FILE *f = !same && getenv("VRAMSWEEP_UPDATE") ? fopen(expected_path, "wb") : NULL;
    if (f) fputs(found, f), fclose(f);
    free(found);
    free(expected);
}

static void check_ok(const char *path) {
    err code;
    char *found = load_all(path, &code);
    CU_ASSERT_EQUAL(code, ERR_OK);
    CU_ASSERT_STRING_EQUAL(found, "");
    if (code != ERR_OK) fprintf(stderr, "\n%s:\n%s", path, found);
    free(found);
}

static void each_file(const char *folder, void (*check)(const char *path)) {
    char path[300];
    unsigned n = 0;
    DIR *dir = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".yaml") != 0) continue;
        snprintf(path, sizeof path, "%s%.200s", folder, e->d_name);
        check(path);
        n++;
    }
    closedir(dir);
    CU_ASSERT(n > 0);
}

static void ok_files(void) {
    each_file(DATA "ok/", check_ok);
}
static void bad_files(void) {
    each_file(DATA "bad/", check_bad);
}

static void fields_read(void) {
    plan_fixture f;
    fixture_init(&f);
    CU_ASSERT_EQUAL_FATAL(sweep_config_load(&f.cfg, &f.mem, DATA "ok/full.yaml", &f.faults), ERR_OK);
    CU_ASSERT_STRING_EQUAL(f.cfg.name, "full");
    CU_ASSERT_STRING_EQUAL(f.cfg.title, "Inference quick reference");
    CU_ASSERT_STRING_EQUAL(f.cfg.catalogs.item[0].text, DATA "ok/../overlay");
    CU_ASSERT_EQUAL(f.cfg.sweeps[0].axis[SWEEP_MODEL].n, 4);
    CU_ASSERT_STRING_EQUAL(f.cfg.sweeps[0].axis[SWEEP_CONTEXT].item[1].text, "8k..128k x2");
    CU_ASSERT_EQUAL(f.cfg.sweeps[0].axis[SWEEP_CONTEXT].item[1].line, 7);
    CU_ASSERT_EQUAL(f.cfg.sweeps[0].axis[SWEEP_CONTEXT].item[1].column, 17);
    CU_ASSERT_EQUAL(f.cfg.sweeps[0].gpus, 8);
    CU_ASSERT_EQUAL(f.cfg.sweeps[0].skip.n, 2);
    CU_ASSERT_EQUAL_FATAL(f.cfg.n_reports, 7);
    const sweep_report *t = &f.cfg.reports[1];
    CU_ASSERT_EQUAL(t->kind, SWEEP_REPORT_TABLE);
    CU_ASSERT_EQUAL(t->rows, SWEEP_MODEL);
    CU_ASSERT_EQUAL(t->columns, SWEEP_WEIGHTS);
    CU_ASSERT_EQUAL(t->value, SWEEP_TOTAL);
    CU_ASSERT_EQUAL(t->decimals, 2);
    CU_ASSERT_STRING_EQUAL(t->unit, "GiB");
    CU_ASSERT_EQUAL(t->n_min_gpu_counts, 4);
    CU_ASSERT_EQUAL(t->to.n, 3);
    CU_ASSERT_EQUAL(t->n_labels, 3);
    CU_ASSERT_STRING_EQUAL(t->notes.item[1].text, "Folded over two lines.");
    CU_ASSERT_STRING_EQUAL(f.cfg.reports[2].name, "kv-vs-weights");
    CU_ASSERT_STRING_EQUAL(f.cfg.reports[3].name, "users-bf16");
    CU_ASSERT_STRING_EQUAL(f.cfg.reports[5].name, "cells");
    CU_ASSERT_STRING_EQUAL(f.cfg.reports[5].target, DATA "ok/../published/cells.csv");
    fixture_fini(&f);
}

/** `head`, then `item` n times, then `tail`. */
static char *repeat(const char *head, const char *item, size_t n, const char *tail) {
    const size_t m = strlen(item);
    char *text = malloc(strlen(head) + n * m + strlen(tail) + 1), *to = stpcpy(text, head);
    for (size_t i = 0; i < n; i++)
        to = stpcpy(to, item);
    strcpy(to, tail);
    return text;
}

static void limits(void) {
    static const struct {
        const char *head, *item;
        size_t n;
        const char *tail;
        err code;
    } cases[] = {
        {"#", "x", SWEEP_CONFIG_BYTES, "", ERR_LIMIT},
        {"sweep:\n  model: [", "a,", SWEEP_CONFIG_ITEMS, "]", ERR_OK},
        {"sweep:\n  model: [", "a,", SWEEP_CONFIG_ITEMS + 1, "]", ERR_LIMIT},
        {"sweep:\n  model: [", "a,", SWEEP_CONFIG_NODES, "]", ERR_LIMIT},
        {"sweep: ", "[", 1000000, "", ERR_LIMIT},
        {"sweep: ", "{a: ", 200000, "", ERR_LIMIT},
        {"sweeps:\n", "  - {name: a, model: b}\n", SWEEP_CONFIG_SWEEPS + 1, "", ERR_LIMIT},
        {"sweep: {model: a}\nreports:\n", "  - {chart: kv-vs-weights}\n", SWEEP_CONFIG_REPORTS + 1, "", ERR_LIMIT},
        {"sweep:\n  model: a\n  skip: [", "a=b,", SWEEP_CONFIG_SKIPS + 1, "]", ERR_LIMIT},
        {"sweep:\n  model: ", "a", SWEEP_NAME_MAX + 1, "", ERR_LIMIT},
        {"title: ", "a", 201, "\nsweep: {model: a}\n", ERR_LIMIT},
        {"sweep: {model: ", "'", 100001, "", ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plan_fixture f;
        fixture_init(&f);
        char *text = repeat(cases[i].head, cases[i].item, cases[i].n, cases[i].tail);
        CU_ASSERT_EQUAL(fixture_config(&f, text), cases[i].code);
        CU_ASSERT((f.faults.n > 0) == (cases[i].code != ERR_OK));
        free(text);
        fixture_fini(&f);
    }
}

static void unreadable_files(void) {
    plan_fixture f;
    fixture_init(&f);
    CU_ASSERT_EQUAL(sweep_config_load(&f.cfg, &f.mem, DATA "none.yaml", &f.faults), ERR_OPEN);
    CU_ASSERT_EQUAL(sweep_config_load(&f.cfg, &f.mem, DATA, &f.faults), ERR_READ);
    CU_ASSERT_EQUAL(sweep_config_load(&f.cfg, &f.mem, "/dev/zero", &f.faults), ERR_LIMIT);
    CU_ASSERT_EQUAL(f.faults.n, 3);
    fixture_fini(&f);
}

/** Allocator that fails the call number *ctx. */
static void *failing(void *ctx, void *ptr, size_t bytes) {
    long *left = ctx;
    if (bytes == 0) {
        free(ptr);
        return NULL;
    }
    return (*left)-- > 0 ? realloc(ptr, bytes) : NULL;
}

/** Loads and plans with `left` allocations. */
static err load_with(long left) {
    plan_fixture f;
    fixture_init(&f);
    arena_fini(&f.mem);
    arena_init(&f.mem, failing, &left);
    err code = sweep_config_load(&f.cfg, &f.mem, DATA "ok/full.yaml", &f.faults);
    if (code == ERR_OK) code = sweep_plan_build(&f.plan, &f.mem, fixture_catalogs(), &f.cfg, 0, &f.faults);
    CU_ASSERT((code == ERR_OK) == (f.faults.n == 0));
    fixture_fini(&f);
    return code;
}

/** Every allocation fails once: the run ends with ERR_MEMORY until there are enough. */
static void allocations(void) {
    err code = ERR_MEMORY;
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture_catalogs());
    for (long n = 0; code == ERR_MEMORY && n < 2000; n++)
        code = load_with(n);
    CU_ASSERT_EQUAL(code, ERR_OK);
}

/** docs/config.md names every key with its text. */
static void key_reference(void) {
    char *page = read_text("docs/config.md"), line[400];
    sweep_key_doc k;
    size_t n = 0;
    for (; sweep_config_key(n, &k); n++) {
        snprintf(line, sizeof line, "| `%s` |", k.key);
        CU_ASSERT_PTR_NOT_NULL(strstr(page, line));
        CU_ASSERT_PTR_NOT_NULL(strstr(page, k.text));
        if (!strstr(page, line) || !strstr(page, k.text)) fprintf(stderr, "\nnot in docs/config.md: %s\n", k.key);
    }
    CU_ASSERT(n > 40);
    free(page);
}

CU_TestInfo config_tests[] = {{"ok files", ok_files},
                              {"bad files", bad_files},
                              {"fields read", fields_read},
                              {"limits", limits},
                              {"unreadable files", unreadable_files},
                              {"allocations", allocations},
                              {"key reference", key_reference},
                              CU_TEST_INFO_NULL};
