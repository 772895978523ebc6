/*
 * bench_layouts.c - the search for layouts of a large training run with one thread, against a plain loop over all
 * numbers that stores every layout and sorts them. What cannot fit is passed over by the search, as the program does.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kernels/reduce/layouts.h"

enum { GPUS = 1024, NODE = 8, KEPT = 10, STORED_MAX = 1 << 15, EXPERTS = 256 };

static kern_layout_question question;
static kern_layout_choice best[KEPT], stored[STORED_MAX];
static size_t n_best, n_stored;
static uint64_t looked;

static void search(void) {
    kern_layout_counts counts = {0, 0, 0, 0};
    char why[DIAG_TEXT];
    n_best = kern_layouts_best(&question, GPUS, best, KEPT, &counts, why);
    looked = counts.looked;
    bench_keep(best[0].charge);
}

static void store(kern_layout l) {
    static kern_record r;
    char why[DIAG_TEXT];
    for (int c = KERN_CKPT_NONE; c <= KERN_CKPT_FULL; c++) {
        kern_scenario sc = question.sc;
        kern_mode mode = *sc.mode;
        kern_layout_choice choice = {.layout = l, .checkpointing = (uint8_t)c};
        mode.checkpointing = (uint8_t)c;
        sc.mode = &mode;
        sc.layout = l;
        if (kern_lower(&sc, &(kern_bounds){question.context, question.batch}, &r, why, NULL, NULL) != ERR_OK) continue;
        kern_eval_cell(&r, question.batch, question.context, NULL, &choice.charge);
        choice.capacity = kern_capacity(&sc, question.gpu, GPUS, KERN_USE_FIT);
        if (n_stored < STORED_MAX) stored[n_stored++] = choice;
    }
}

static int by_headroom(const void *x, const void *y) {
    const kern_layout_choice *a = x, *b = y;
    const int p[] = {a->layout.pp, a->layout.tp, a->layout.cp, a->layout.ep, a->layout.zero, a->checkpointing};
    const int q[] = {b->layout.pp, b->layout.tp, b->layout.cp, b->layout.ep, b->layout.zero, b->checkpointing};
    if (a->charge < b->charge || a->charge > b->charge) return a->charge < b->charge ? -1 : 1;
    for (size_t i = 0; i < sizeof p / sizeof *p; i++) {
        if (p[i] != q[i]) return p[i] < q[i] ? -1 : 1;
    }
    return 0;
}

/** Every number in turn; the engine takes all layouts. */
static void search_plainly(void) {
    kern_layout l = question.sc.layout;
    n_stored = 0;
    for (l.tp = 1; l.tp <= NODE; l.tp++) {
        l.sequence_parallel = l.tp > 1;
        for (l.pp = 1; l.pp <= GPUS && NODE % l.tp == 0; l.pp++) {
            for (l.cp = 1; l.cp <= GPUS / l.tp / l.pp; l.cp++) {
                if (GPUS % (l.tp * l.pp * l.cp) || (l.cp > 1 && fmod(question.context, 2 * l.cp) != 0)) continue;
                l.dp = GPUS / (l.tp * l.pp * l.cp);
                for (l.ep = 1; l.ep <= EXPERTS; l.ep++) {
                    for (l.zero = 0; l.zero <= 3 && EXPERTS % l.ep == 0 && l.dp * l.tp % l.ep == 0; l.zero++) {
                        if (!l.zero || l.dp * l.cp > 1) store(l);
                    }
                }
            }
        }
    }
    qsort(stored, n_stored, sizeof *stored, by_headroom);
    bench_keep(stored[0].charge);
}

static int agree(void) {
    search();
    search_plainly();
    for (size_t i = 0; i < n_best; i++) {
        if (by_headroom(&best[i], &stored[i]) != 0 || best[i].charge != stored[i].charge) return 0;
    }
    return n_best == KEPT && n_stored > KEPT;
}

int bench_add_layouts(bench_set *set) {
    const sweep_catalogs *c = set->catalogs;
    int older;
    question = (kern_layout_question){.sc = {.model = sweep_find_model(c, "deepseek-v3"),
                                             .weights = sweep_find_weights(c, "bf16"),
                                             .k = sweep_find_kv(c, "bf16"),
                                             .v = sweep_find_kv(c, "bf16"),
                                             .mode = sweep_find_mode(c, "full-adamw-mixed"),
                                             .engine = sweep_find_engine(c, "none", &older),
                                             .method = sweep_find_method(c, "exact"),
                                             .layout = {.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1}},
                                      .gpu = sweep_find_gpu(c, "h100-sxm"),
                                      .node = NODE,
                                      .context = 8192,
                                      .batch = 1,
                                      .threads = 1};
    if (!question.sc.model || !question.sc.mode || !question.sc.engine || !question.gpu) return 0;
    question.limit = question.gpu->usable_bytes;
    search();
    set->item[set->n++] = (bench_case){.name = "search the layouts of DeepSeek-V3 on 1,024 GPUs",
                                       .unit = "layout",
                                       .units = (double)looked,
                                       .ours = search,
                                       .plain = search_plainly,
                                       .plain_means = "a loop that stores and sorts",
                                       .agree = agree};
    return 1;
}
