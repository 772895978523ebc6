/*
 * test_lower_random.c - properties that hold for every scenario, on random ones over the whole catalog (a fixed
 * sequence): sums, order, equality with the integer oracle, inverse answers equal to a scan.
 */
#include "kernels/eval/term.h"
#include "kernels/reduce/reduce.h"
#include "sweep/layer_groups.h"
#include "tests/unit/scenario_fixture.h"

enum { SCENARIOS = 3000, SCAN = 400 };

static uint64_t state;

static uint64_t random_below(uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
}

/** Largest context and batch of the tests together: 2^20 x 2^10. */
static const kern_bounds bounds = {0x1p20, 0x1p10};

static double random_context(void) {
    return (double)(1 + random_below(UINT64_C(1) << (1 + random_below(20))));
}
static double random_batch(void) {
    return (double)(1 + random_below(UINT64_C(1) << (1 + random_below(10))));
}

/** A weight or KV format that has a size. */
static const kern_format *random_format(int kv) {
    const sweep_catalogs *c = fixture_catalogs();
    for (;;) {
        const kern_format *f = c->formats.rows[random_below(c->formats.n)];
        if (f->kind == KERN_FORMAT_SCHEME || f->kind == KERN_FORMAT_NATIVE) continue;
        if (kv ? f->for_kv : f->for_weights) return f;
    }
}

/** Everything at random; many layouts are refused by the model. */
static kern_scenario random_scenario(void) {
    const sweep_catalogs *c = fixture_catalogs();
    const kern_model *m = c->models.rows[random_below(c->models.n)];
    kern_scenario sc = {.model = m,
                        .weights = random_below(2) ? random_format(0) : sweep_native_format(c, m),
                        .k = random_format(1),
                        .mode = c->modes.rows[random_below(2) ? 0 : random_below(c->modes.n)],
                        .engine = c->engines.rows[random_below(2) ? 0 : random_below(c->engines.n)],
                        .method = sweep_find_method(c, "exact")};
    sc.v = random_below(4) ? sc.k : random_format(1);
    sc.layout = (kern_layout){.tp = 1 << random_below(4), .pp = 1 + (int)random_below(3), .dp = 1, .ep = 1, .cp = 1};
    if (random_below(3) == 0) sc.layout.ep = 1 << random_below(4);
    if (random_below(4) == 0) sc.layout.cp = 2;
    if (sc.mode->train != KERN_INFERENCE) {
        sc.layout.dp = 1 << random_below(4);
        sc.layout.zero = (int)random_below(4);
    }
    return sc;
}

/** Runs `holds` on scenarios that can be lowered; says which one fails. */
static void for_random(int (*holds)(const kern_scenario *sc, const kern_record *r), int n, int least) {
    static kern_record r;
    char why[DIAG_TEXT];
    int done = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture_catalogs());
    state = 20;
    for (int i = 0; i < n; i++) {
        kern_scenario sc = random_scenario();
        uint64_t kept = state;
        if (kern_lower(&sc, &bounds, &r, why, NULL, NULL) == ERR_OK) {
            int ok = holds(&sc, &r);
            CU_ASSERT(ok);
            if (!ok)
                printf("\n%s weights %s kv %s:%s mode %s engine %s tp%d pp%d dp%d ep%d cp%d zero%d\n", sc.model->name,
                       sc.weights->name, sc.k->name, sc.v->name, sc.mode->name, sc.engine->name, sc.layout.tp,
                       sc.layout.pp, sc.layout.dp, sc.layout.ep, sc.layout.cp, sc.layout.zero);
            done++;
        }
        state = kept + (uint64_t)i; /* the next scenario is the same whatever the property drew */
    }
    CU_ASSERT(done >= least);
}

/** The total is the sum of the components, none negative, all whole; scalar, kernel and oracle agree. */
static int sums_agree(const kern_scenario *sc, const kern_record *r) {
    double b = random_batch(), s = random_context(), component[KERN_COMPONENTS], charge, sum = 0;
    __int128 exact[KERN_COMPONENTS];
    double total = kern_eval_cell(r, b, s, component, &charge);
    (void)sc;
    if (kern_eval_oracle(r, (int64_t)b, (int64_t)s, exact) != (__int128)total) return 0;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
        if (component[c] < 0 || component[c] != floor(component[c])) return 0;
        if ((__int128)component[c] != exact[c]) return 0;
        sum += component[c];
    }
    return sum == total && charge == total && total > 0;
}

static void sums(void) {
    for_random(sums_agree, SCENARIOS, SCENARIOS / 4);
}

/** Published methods: the total is the sum of the components too, and the charge that of the document's amounts. */
static int published_sums_agree(const kern_scenario *sc, const kern_record *exact) {
    const sweep_catalogs *c = fixture_catalogs();
    static kern_record r;
    kern_scenario next = *sc;
    char why[DIAG_TEXT];
    double component[KERN_COMPONENTS], charge, sum = 0, charged = 0;
    (void)exact;
    next.method = c->methods.rows[random_below(c->methods.n)];
    if (kern_lower(&next, &bounds, &r, why, NULL, NULL) != ERR_OK) return 1;
    double total = kern_eval_cell(&r, random_batch(), random_context(), component, &charge);
    for (unsigned i = 0; i < KERN_COMPONENTS; i++) {
        sum += component[i];
        charged += r.charged ? component[i] * r.charge[i] : component[i];
    }
    return sum == total && fabs(charged - charge) <= 1e-9 * charge;
}

static void published_sums(void) {
    for_random(published_sums_agree, SCENARIOS, SCENARIOS / 4);
}

static double total_at(const kern_record *r, double b, double s) {
    return kern_eval_cell(r, b, s, NULL, NULL);
}

/** What a half of the record puts into each phase. */
static int half_at(const kern_scenario *sc, kern_half half, double b, double s, double phase[KERN_PHASES_MAX]) {
    static kern_record r;
    char why[DIAG_TEXT];
    if (kern_lower_half(sc, &bounds, half, &r, why) != ERR_OK) return 0;
    for (unsigned i = 0; i < r.n_terms; i++)
        phase[r.term[i].phase] += kern_term_batch(&r.term[i], kern_term_context(&r.term[i], s), b, s);
    return 1;
}

/**
 * The halves add up to the record. The one of the weights is the same constant for every other K/V format and mode that
 * uses the format in the same way; the rest is the same for every weight format, and for every K/V format where the
 * mode keeps no cache.
 */
static int halves_add_up(const kern_scenario *sc, const kern_record *r) {
    const sweep_catalogs *c = fixture_catalogs();
    double b = random_batch(), s = random_context(), want[KERN_PHASES_MAX] = {0}, got[KERN_PHASES_MAX] = {0};
    kern_scenario mode = *sc, format = *sc;
    mode.k = mode.v = random_format(1);
    do {
        mode.mode = c->modes.rows[random_below(c->modes.n)];
    } while (kern_mode_weights(mode.mode) != kern_mode_weights(sc->mode));
    format.weights = random_format(0);
    if (kern_mode_weights(sc->mode) != KERN_WEIGHTS_RUN) format.k = format.v = random_format(1);
    for (unsigned i = 0; i < r->n_terms; i++)
        want[r->term[i].phase] += kern_term_batch(&r->term[i], kern_term_context(&r->term[i], s), b, s);
    if (!half_at(&mode, KERN_HALF_WEIGHTS, 1, 1, got) || !half_at(&format, KERN_HALF_REST, b, s, got)) return 0;
    return memcmp(want, got, sizeof want) == 0;
}

/** Two halves are charged as the record that they are halves of. */
static int halves_charge(const kern_scenario *sc, const kern_record *r) {
    static kern_record weights, rest;
    char why[DIAG_TEXT];
    if (kern_lower_half(sc, &bounds, KERN_HALF_WEIGHTS, &weights, why) != ERR_OK) return 0;
    if (kern_lower_half(sc, &bounds, KERN_HALF_REST, &rest, why) != ERR_OK) return 0;
    double b = random_batch(), s = random_context();
    return weights.n_phases == rest.n_phases && kern_eval_halves(&weights, &rest, b, s) == kern_eval_charge(r, b, s);
}

static void halves(void) {
    for_random(halves_add_up, SCENARIOS, SCENARIOS / 4);
    for_random(halves_charge, SCENARIOS, SCENARIOS / 4);
}

/** More context or batch never costs less. */
static int never_falls(const kern_scenario *sc, const kern_record *r) {
    (void)sc;
    for (int i = 0; i < 8; i++) {
        double b = random_batch(), s = random_context(), more = random_context();
        double at = total_at(r, b, s);
        if (total_at(r, b, fmin(s + more, bounds.s_max)) < at && s + more <= bounds.s_max) return 0;
        if (total_at(r, b, s + 1) < at || total_at(r, b + 1, s) < at || total_at(r, 2 * b, s) < at) return 0;
    }
    return 1;
}

static void order(void) {
    for_random(never_falls, SCENARIOS, SCENARIOS / 4);
}

/**
 * One layer more of any kind never costs less. Not so, and for a reason: vLLM pads all kinds of layers to whole groups,
 * and one more of the rarest kind can need fewer; rules of GGUF mixes hold for one number of layers only; with several
 * kinds of layers a pipeline is cut elsewhere, and the largest stage may lose a layer that is larger than the new one.
 */
static int layers_never_save(const kern_scenario *sc, const kern_record *r) {
    static kern_record deeper;
    static kern_group groups[SWEEP_GROUPS_MAX];
    kern_scenario next = *sc;
    kern_model model = *sc->model;
    char why[DIAG_TEXT];
    if (sc->layout.pp > 1 && sc->model->n_groups > 1) return 1;
    if (sc->engine->rules == KERN_RULES_VLLM || sc->weights->kind == KERN_FORMAT_MIX) return 1;
    memcpy(groups, model.groups, model.n_groups * sizeof *groups);
    uint32_t g = (uint32_t)random_below(model.n_groups);
    groups[g].layers++;
    model.layers += groups[g].kind == KERN_GROUP_MAIN;
    model.groups = groups;
    next.model = &model;
    if (kern_lower(&next, &bounds, &deeper, why, NULL, NULL) != ERR_OK) return 1;
    for (int i = 0; i < 4; i++) {
        double b = random_batch(), s = random_context();
        if (total_at(&deeper, b, s) < total_at(r, b, s)) return 0;
    }
    return 1;
}

static void layers(void) {
    for_random(layers_never_save, SCENARIOS, SCENARIOS / 4);
}

/**
 * Twice the tensor parallelism never needs more per GPU, but for what engines.csv says that communication and graphs
 * take from two ranks on.
 */
static int tp_never_costs(const kern_scenario *sc, const kern_record *r) {
    static kern_record wider;
    kern_scenario next = *sc;
    char why[DIAG_TEXT];
    next.layout.tp *= 2;
    if (kern_lower(&next, &bounds, &wider, why, NULL, NULL) != ERR_OK) return 1;
    double buffers = sc->layout.tp == 1 ? sc->engine->tp_bytes + sc->engine->graph_tp_bytes : 0;
    for (int i = 0; i < 4; i++) {
        double b = random_batch(), s = random_context();
        if (total_at(&wider, b, s) > total_at(r, b, s) + buffers) return 0;
    }
    return 1;
}

static void tensor_parallelism(void) {
    for_random(tp_never_costs, SCENARIOS, SCENARIOS / 4);
}

/** Largest batch and longest context by scanning every value. */
static int inverse_is_a_scan(const kern_scenario *sc, const kern_record *r) {
    double s = random_context(), b = random_batch(), charge;
    double capacity = total_at(r, 1 + (double)random_below(SCAN), s), batch = 0, context = 0;
    (void)sc;
    for (double n = 1; n <= SCAN; n++) {
        kern_eval_cell(r, n, s, NULL, &charge);
        if (charge <= capacity) batch = n;
    }
    if (kern_max_batch(r, s, capacity, SCAN) != batch) return 0;
    capacity = total_at(r, b, 1 + (double)random_below(SCAN));
    for (double n = 1; n <= SCAN; n++) {
        kern_eval_cell(r, b, n, NULL, &charge);
        if (charge <= capacity) context = n;
    }
    return kern_max_context(r, b, capacity, SCAN) == context && kern_max_context(r, b, 0, SCAN) == 0;
}

static void inverse(void) {
    for_random(inverse_is_a_scan, SCENARIOS / 10, SCENARIOS / 40);
}

/** The kernels give the same bits as one cell at a time. */
static int kernels_agree(const kern_scenario *sc, const kern_record *r) {
    static _Alignas(64) double memory[10][16], batch[16];
    kern_row row = {.total = memory[6], .charge = memory[7], .scratch = {memory[8], memory[9]}};
    double s = random_context();
    (void)sc;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        row.component[c] = memory[c];
    for (int i = 0; i < 16; i++)
        batch[i] = random_batch();
    kern_ops_get()->eval_row(r, s, batch, 11, &row);
    for (int i = 0; i < 11; i++) {
        double component[KERN_COMPONENTS];
        if (kern_eval_cell(r, batch[i], s, component, NULL) != row.total[i]) return 0;
        for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
            if (component[c] != row.component[c][i]) return 0;
        }
    }
    return 1;
}

static void kernels(void) {
    for_random(kernels_agree, SCENARIOS, SCENARIOS / 4);
}

/** Every model of the catalog in every format with one GPU: lowered, or refused with a reason. */
static void whole_catalog(void) {
    const sweep_catalogs *c = fixture_catalogs();
    static kern_record r;
    size_t refused = 0, n = 0;
    for (size_t i = 0; i < c->models.n; i++) {
        for (size_t k = 0; k < c->formats.n; k++) {
            char why[DIAG_TEXT] = "";
            const kern_format *f = c->formats.rows[k];
            if (!f->for_weights || f->kind == KERN_FORMAT_NATIVE) continue;
            kern_scenario sc = {.model = c->models.rows[i],
                                .weights = f,
                                .k = sweep_find_kv(c, "bf16"),
                                .mode = c->modes.rows[0],
                                .method = sweep_find_method(c, "exact"),
                                .layout = {.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1}};
            int older;
            sc.v = sc.k;
            sc.engine = sweep_find_engine(c, "none", &older);
            n++;
            if (kern_lower(&sc, &(kern_bounds){0x1p17, 0x1p8}, &r, why, NULL, NULL) == ERR_OK) continue;
            refused++;
            CU_ASSERT(*why && f->kind == KERN_FORMAT_SCHEME);
            if (f->kind != KERN_FORMAT_SCHEME) printf("\n%s in %s: %s\n", sc.model->name, f->name, why);
        }
    }
    CU_ASSERT(n > 20000 && refused == c->models.n);
}

CU_TestInfo lower_random_tests[] = {
    {"sums", sums},
    {"halves", halves},
    {"published sums", published_sums},
    {"order", order},
    {"layers", layers},
    {"tensor parallelism", tensor_parallelism},
    {"inverse answers", inverse},
    {"kernels", kernels},
    {"whole catalog", whole_catalog},
    CU_TEST_INFO_NULL,
};
