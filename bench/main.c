/*
 * main.c - runs all cases and prints medians: nanoseconds per unit, times the plain twin, share of the floor, what a
 * second thread gains. A table in Markdown goes to standard output, the same as JSON to the file that is named; with
 * --check results are compared and nothing is timed. Exit status 1 when a result differs from its twin's. Runs in the
 * root of the repository.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/print.h"

static int (*const add[])(bench_set *) = {
    bench_add_machine, bench_add_lowering, bench_add_kernels, bench_add_count,
    bench_add_layouts, bench_add_rows,     bench_add_run,     bench_add_eval,
};

static int agrees(const bench_case *c) {
    if (!c->agree || c->agree()) return 1;
    fprintf(stderr, "%s: the result differs from that of %s; not measured\n", c->name,
            c->plain_means ? c->plain_means : "its twin");
    return 0;
}

static int check(const bench_set *set) {
    int ok = 1;
    for (size_t i = 0; i < set->n; i++)
        ok &= agrees(&set->item[i]);
    return ok;
}

static int measure(const bench_set *set, const char *path) {
    json_t *machine = bench_machine(), *cases = json_array();
    bench_print_head(machine);
    for (size_t i = 0; i < set->n; i++) {
        const bench_case *c = &set->item[i];
        if (!agrees(c)) return 0;
        bench_outcome o = bench_measure(c);
        bench_print_case(c, &o);
        json_array_append_new(cases, bench_case_json(c, &o));
    }
    json_t *all = json_pack("{s:o, s:o}", "machine", machine, "cases", cases);
    int written = all && json_dump_file(all, path, JSON_INDENT(2) | JSON_REAL_PRECISION(4)) == 0;
    json_decref(all);
    return written;
}

int main(int argc, char **argv) {
    static sweep_catalogs catalogs;
    static bench_set set;
    diags faults = {.n = 0};
    arena mem;
    if (argc != 4) {
        fprintf(stderr, "usage: %s PROGRAM FOLDER JSON|--check\n", argv[0]);
        return 2;
    }
    arena_init(&mem, NULL, NULL);
    setenv("VRAMSWEEP_CATALOGS", "configs/catalogs", 1);
    if (sweep_catalogs_load(&catalogs, &mem, "configs/catalogs", NULL, 0, &faults) != ERR_OK) {
        diags_print(stderr, &faults);
        return 1;
    }
    set = (bench_set){.catalogs = &catalogs, .program = argv[1], .scratch = argv[2]};
    for (size_t i = 0; i < sizeof add / sizeof *add; i++) {
        if (add[i](&set)) continue;
        fprintf(stderr, "%s: the cases cannot be set up\n", argv[0]);
        return 1;
    }
    int ok = strcmp(argv[3], "--check") == 0 ? check(&set) : measure(&set, argv[3]);
    arena_fini(&mem);
    return !ok;
}
