/*
 * test_edges.c - numbers at the edges, on random models up to what the catalog takes: weights and cache equal a count
 * in 128-bit whole numbers, or the lowering is refused because that count passes 2^53; whatever is lowered (every
 * engine, mode and method) equals the integer oracle at the far corner; inverse answers hold in whole numbers.
 */
#include "kernels/lower/internal.h"
#include "kernels/reduce/capacity.h"
#include "sweep/limits.h"
#include "tests/unit/scenario_fixture.h"

enum { MODELS = 400, CELLS = 6, COLUMNS_MAX = 64 };

#define LIMIT ((__int128)1 << 53)

static uint64_t state;

static uint64_t random_below(uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
}

/** 1..2^most, every order of magnitude as likely; now and then exactly the end. */
static int64_t random_size(unsigned most) {
    int64_t top = INT64_C(1) << random_below(most + 1);
    return random_below(8) ? 1 + (int64_t)random_below((uint64_t)top) : top;
}

typedef struct edges {
    arena mem;
    const kern_model *m;
} edges;

static void set(const char **value, const char *column, const char *text) {
    for (size_t i = 0; sweep_model_column(i); i++) {
        if (strcmp(sweep_model_column(i), column) == 0) value[i] = text;
    }
}

static void set_number(edges *e, const char **value, const char *column, int64_t n) {
    set(value, column, arena_printf(&e->mem, "%lld", (long long)n));
}

/** What layers may be made of; those without attention have no cache, or a state instead of one. */
static const char *const parts[] = {"attn+mlp", "mlp",          "attn",     "attn(kv=1)+mlp", "mamba2",
                                    "conv+mlp", "attn+moe",     "moe",      "lightning+mlp",  "attn(w=4096)+mlp",
                                    "none",     "attn(c=8192)", "cache+mlp"};

/** A model with every size at random; 0 when the catalog refuses it. */
static int random_model(edges *e, int64_t layers, unsigned most, diags *faults) {
    const char *value[COLUMNS_MAX];
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        value[i] = "";
    static const char *const words[][2] = {
        {"name", "edge"},          {"display_name", "Edge"}, {"family", "edge"},   {"params_total", "1"},
        {"attn_bias", "none"},     {"qk_norm", "none"},      {"norm", "rms"},      {"params_total_exact", "no"},
        {"max_position", "1024"},  {"native", "bf16"},       {"source", "random"}, {"linear_state", ""},
        {"tie_embeddings", "yes"}, {"gated_mlp", "yes"},     {"position", "rope"}, {"count_flags", ""},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        set(value, words[i][0], words[i][1]);
    int64_t heads = random_size(most < 12 ? most : 12), experts = random_size(most < 10 ? most : 10);
    set(value, "tie_embeddings", random_below(2) ? "yes" : "no");
    set_number(e, value, "hidden_size", random_size(most));
    set_number(e, value, "num_layers", layers);
    set_number(e, value, "num_q_heads", heads);
    set_number(e, value, "num_kv_heads", random_below(2) ? heads : 1);
    set_number(e, value, "head_dim", random_size(most < 12 ? most : 12));
    set_number(e, value, "intermediate_size", random_size(most));
    set_number(e, value, "vocab_size", random_size(most));
    set_number(e, value, "num_experts", experts);
    set_number(e, value, "experts_per_token", 1 + (int64_t)random_below((uint64_t)experts));
    set_number(e, value, "moe_intermediate_size", random_size(most));
    set(value, "linear_state",
        arena_printf(&e->mem,
                     "mamba2:heads=%lld;hd=%lld;state=%lld;groups=1;conv=4|lightning:heads=%lld;hd=%lld|conv:L=3",
                     (long long)random_size(12), (long long)random_size(12), (long long)random_size(12),
                     (long long)random_size(10), (long long)random_size(10)));
    const char *part = parts[random_below(sizeof parts / sizeof *parts)];
    set(value, "layer_groups", arena_printf(&e->mem, "%lld*%s", (long long)layers, part));
    return sweep_model_from_columns(fixture_catalogs(), &e->mem, "edge", value, &e->m, faults) == ERR_OK;
}

static __int128 ceil_div(__int128 x, __int128 y) {
    return (x + y - 1) / y;
}

/** Weights of `bits` per element, each tensor rounded up to bytes. */
static __int128 count_weights(const kern_model *m, int bits) {
    __int128 sum = 0;
    for (uint32_t k = 0; k < m->n_globals; k++)
        sum += m->globals[k].count * ceil_div((__int128)m->globals[k].rows * m->globals[k].cols * bits, 8);
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t k = 0; k < m->groups[g].n_tensors; k++) {
            const kern_tensor *t = &m->groups[g].tensors[k];
            sum += m->groups[g].layers * t->count * ceil_div((__int128)t->rows * t->cols * bits, 8);
        }
    }
    return sum;
}

/** Cache in 16 bits and states of b sequences of s tokens. */
static __int128 count_cache(const kern_model *m, int64_t b, int64_t s) {
    __int128 sum = 0;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t i = 0; i < m->groups[g].n_parts; i++) {
            const kern_part *p = &m->groups[g].parts[i];
            int64_t cap = p->window ? p->window : p->chunk, tokens = cap && cap < s ? cap : s;
            __int128 each = 4 * (__int128)p->state_elems + 2 * (__int128)p->conv_elems;
            if (p->owns_cache) each += (__int128)2 * p->kv_heads * (p->k_dim + p->v_dim) * tokens;
            sum += each * b * m->groups[g].layers;
        }
    }
    return sum;
}

static kern_scenario scenario_of(const edges *e, const char *weights) {
    const sweep_catalogs *c = fixture_catalogs();
    return (kern_scenario){.model = e->m,
                           .weights = sweep_find_weights(c, weights),
                           .k = sweep_find_kv(c, "bf16"),
                           .v = sweep_find_kv(c, "bf16"),
                           .mode = sweep_find_mode(c, "inference"),
                           .engine = sweep_find_engine(c, "none", &(int){0}),
                           .method = sweep_find_method(c, "exact"),
                           .layout = {.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1}};
}

/** Lowered exactly when the count stays below 2^53, and then equal to it. Returns whether it was lowered. */
static int check_counts(const edges *e, const char *weights, int bits, double b, double s) {
    static kern_record r;
    char why[DIAG_TEXT] = "";
    double component[KERN_COMPONENTS];
    kern_scenario sc = scenario_of(e, weights);
    __int128 w = count_weights(e->m, bits), kv = count_cache(e->m, (int64_t)b, (int64_t)s);
    err code = kern_lower(&sc, &(kern_bounds){s, b}, &r, why, NULL, NULL);
    int lowered = w + kv < LIMIT && b * s <= 0x1p40;
    CU_ASSERT_EQUAL(code, lowered ? ERR_OK : ERR_RANGE);
    if (code != ERR_OK) {
        CU_ASSERT(strstr(why, "2^53") || strstr(why, "2^40"));
        return 0;
    }
    kern_eval_cell(&r, b, s, component, NULL);
    int same = (__int128)component[KERN_WEIGHTS] == w && (__int128)component[KERN_KV_CACHE] == kv;
    CU_ASSERT(same);
    if (!same)
        printf("\n%s in %s, %.0f x %.0f: %.17g %.17g\n", e->m->groups_text, weights, b, s, component[0], component[1]);
    return 1;
}

static void counts_equal_whole_numbers(void) {
    static const struct {
        const char *name;
        int bits;
    } formats[] = {{"fp32", 32}, {"bf16", 16}, {"int8", 8}, {"int4", 4}, {"int3", 3}};
    int lowered = 0, refused = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture_catalogs());
    state = 53;
    for (int i = 0; i < MODELS; i++) {
        edges e = {.m = NULL};
        diags faults = {.n = 0};
        arena_init(&e.mem, NULL, NULL);
        if (random_model(&e, random_below(4) ? random_size(16) : 1, 24, &faults)) {
            for (int k = 0; k < CELLS; k++) {
                size_t f = random_below(sizeof formats / sizeof *formats);
                if (!sweep_find_weights(fixture_catalogs(), formats[f].name)) continue;
                double s = (double)random_size(30), b = (double)random_size(24);
                int ok = check_counts(&e, formats[f].name, formats[f].bits, b, s);
                lowered += ok;
                refused += !ok;
            }
        } else {
            CU_ASSERT(faults.n > 0 && strstr(faults.item[0].text, "2^53"));
        }
        arena_fini(&e.mem);
    }
    CU_ASSERT(lowered > MODELS / 4);
    CU_ASSERT(refused > MODELS / 4);
}

/** Whatever is lowered is whole, below 2^53 and equal to the oracle, cell and row, on every instruction set. */
static void check_corner(const kern_record *r, double b, double s) {
    double component[KERN_COMPONENTS];
    __int128 exact[KERN_COMPONENTS];
    double total = kern_eval_cell(r, b, s, component, NULL);
    CU_ASSERT(total < 0x1p53);
    CU_ASSERT(kern_eval_oracle(r, (int64_t)b, (int64_t)s, exact) == (__int128)total);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        CU_ASSERT((__int128)component[c] == exact[c]);
}

/** The answer holds and its successor does not, in whole numbers. */
static void check_inverse(const kern_record *r, double b, double s, double capacity) {
    if (r->charged) return;
    double limit = sweep_batch_limit(s), n = kern_max_batch(r, s, capacity, limit);
    CU_ASSERT(n <= limit);
    if (n > 0) CU_ASSERT(kern_eval_oracle(r, (int64_t)n, (int64_t)s, NULL) <= (__int128)capacity);
    if (n < limit) CU_ASSERT(kern_eval_oracle(r, (int64_t)n + 1, (int64_t)s, NULL) > (__int128)capacity);
    limit = sweep_context_limit(b);
    n = kern_max_context(r, b, capacity, limit);
    if (n > 0) CU_ASSERT(kern_eval_oracle(r, (int64_t)b, (int64_t)n, NULL) <= (__int128)capacity);
    if (n < limit) CU_ASSERT(kern_eval_oracle(r, (int64_t)b, (int64_t)n + 1, NULL) > (__int128)capacity);
}

/** Everything else at random: format, mode, engine, method, layout. */
static void randomise(kern_scenario *sc) {
    const sweep_catalogs *c = fixture_catalogs();
    const kern_format *f = c->formats.rows[random_below(c->formats.n)];
    if (f->for_weights && f->kind != KERN_FORMAT_NATIVE) sc->weights = f;
    sc->mode = c->modes.rows[random_below(2) ? 0 : random_below(c->modes.n)];
    sc->engine = c->engines.rows[random_below(c->engines.n)];
    if (random_below(4) == 0) sc->method = c->methods.rows[random_below(c->methods.n)];
    if (!sc->method->exact) sc->engine = sweep_find_engine(c, "none", &(int){0});
    if (random_below(3) == 0) sc->layout.pp = 1 + (int)random_below(8);
    if (random_below(3) == 0) sc->layout.tp = 1 << random_below(10);
    if (random_below(3) == 0) sc->layout.cp = 1 << random_below(17);
    if (random_below(4) == 0) sc->layout.ep = 1 << random_below(10);
    if (sc->mode->train != KERN_INFERENCE) sc->layout.dp = 1 << random_below(17);
    if (sc->mode->train != KERN_INFERENCE) sc->layout.zero = (int)random_below(4);
}

static void records_equal_oracle(void) {
    static kern_record r;
    char why[DIAG_TEXT];
    int lowered = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture_catalogs());
    state = 1;
    for (int i = 0; i < 4 * MODELS; i++) {
        edges e = {.m = NULL};
        diags faults = {.n = 0};
        arena_init(&e.mem, NULL, NULL);
        if (random_model(&e, 1 + (int64_t)random_below(128), 20, &faults)) {
            kern_scenario sc = scenario_of(&e, "bf16");
            double s = (double)random_size(30), b = (double)random_size(10);
            randomise(&sc);
            if (kern_lower(&sc, &(kern_bounds){s, b}, &r, why, NULL, NULL) == ERR_OK) {
                lowered++;
                check_corner(&r, b, s);
                check_corner(&r, 1, 1);
                check_inverse(&r, b, s, (double)random_size(46));
            }
        }
        arena_fini(&e.mem);
    }
    CU_ASSERT(lowered > MODELS / 4);
}

/** The share of a pipeline's stage where the product passes 2^53; tokens of a cache. */
static void shares_are_exact(void) {
    state = 7;
    for (int i = 0; i < 2000; i++) {
        int64_t all = random_size(16), part = 1 + (int64_t)random_below((uint64_t)all),
                whole = random_size(31) * random_size(21);
        __int128 share = ceil_div((__int128)whole * part, all);
        CU_ASSERT((__int128)kern_share_up((double)whole, part, all) == share);
    }
    const kern_format *int3 = sweep_find_weights(fixture_catalogs(), "int3");
    for (int i = 0; i < 2000 && int3; i++) {
        int64_t rows = i ? random_size(24) : (1 << 24) - 5, cols = i ? random_size(28) : (1 << 28) + 1;
        __int128 bytes = ceil_div((__int128)rows * cols * 3, 8);
        CU_ASSERT((__int128)kern_tensor_bytes(int3, (double)rows, (double)cols) == bytes);
    }
    static const struct {
        const char *words;
        double tokens;
    } caches[] = {{"model=llama-3.1-8b gpu=h100-sxm context=8k", 0}, {"model=mamba2-2.7b gpu=h100-sxm context=1", 0}};
    for (size_t i = 0; i < sizeof caches / sizeof *caches; i++) {
        sweep_answer a;
        CU_ASSERT(scenario_answer(caches[i].words, &a));
        double s = i ? 1 : 8192, cache = a.component[KERN_KV_CACHE];
        __int128 room = (__int128)(a.usable - (a.total - cache));
        CU_ASSERT_EQUAL((__int128)a.kv_capacity, room * (__int128)s / (__int128)cache);
    }
}

/** What is refused, and how; what is the last that is taken. */
static void ends_of_the_axes(void) {
    static const struct {
        const char *words, *why; /* NULL: answered */
    } cases[] = {
        {"model=llama-3.1-8b context=1 batch=1", NULL},
        {"model=llama-3.1-8b context=0", "context: 0, expected 1..1073741824"},
        {"model=llama-3.1-8b batch=0", "batch: 0, expected 1..16777216"},
        {"model=llama-3.1-8b context=1073741824", NULL},
        {"model=llama-3.1-8b context=1073741825", "1073741825"},
        {"model=llama-3.1-8b context=1 batch=16777216", NULL},
        {"model=llama-3.1-8b batch=16777217", "16777217"},
        {"model=llama-3.1-8b batch=2147483648", "2147483648"},
        {"model=llama-3.1-8b context=1099511627776", "1099511627776"},
        {"model=llama-3.1-8b context=18446744073709551616", "expected a whole number"},
        {"model=llama-3.1-8b context=1g", "expected a whole number"},
        {"model=mamba2-2.7b context=1073741824 batch=1024", NULL},
        {"model=mamba2-2.7b context=1073741824 batch=1025", "more than 2^40 tokens"},
        {"model=llama-3.1-8b context=1073741824 batch=1024", "beyond 2^53"},
        {"model=llama-3.1-8b gpu=b200 gpus=65536", NULL},
        {"model=llama-3.1-8b gpu=b200 gpus=65537", "expected 1 to 65536"},
        {"model=llama-3.1-8b gpu=b200 gpus=0", "expected 1 to 65536"},
        {"model=llama-3.1-8b gpu=b200 gpus=65536 method=appendix-b", "2^53 bytes or more together"},
        {"model=llama-3.1-8b layout=tp65536", "does not divide"},
        {"model=llama-3.1-8b layout=cp65536", NULL},
        {"model=llama-3.1-8b layout=cp65537", "out of range"},
        {"model=llama-3.1-8b layout=tp256-cp512", "more than 65536 GPUs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static sweep_scenario sc;
        sweep_answer a;
        diags faults = {.n = 0};
        char why[DIAG_TEXT] = "", said[2 * DIAG_TEXT];
        err e = scenario_build(cases[i].words, &sc, &faults);
        if (e == ERR_OK) e = sweep_scenario_answer(&sc, &a, why);
        const diag *d = &faults.item[0];
        snprintf(said, sizeof said, "%s: %s", faults.n && d->field ? d->field : "", faults.n ? d->text : why);
        CU_ASSERT_EQUAL(e == ERR_OK, cases[i].why == NULL);
        if (cases[i].why && !strstr(said, cases[i].why)) {
            printf("\n%s: '%s'\n", cases[i].words, said);
            CU_ASSERT(0);
        }
    }
}

CU_TestInfo edges_tests[] = {{"counts_equal_whole_numbers", counts_equal_whole_numbers},
                             {"records_equal_oracle", records_equal_oracle},
                             {"shares_are_exact", shares_are_exact},
                             {"ends_of_the_axes", ends_of_the_axes},
                             CU_TEST_INFO_NULL};
