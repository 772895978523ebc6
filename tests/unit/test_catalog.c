/*
 * test_catalog.c - the shipped catalogs: how many rows, every name found, parameter counts recomputed from the tensors;
 * finders; overlays; every allocation failed once. Faults: test_catalog_faults.c.
 */
#include "tests/unit/catalog_fixture.h"
#include "tests/unit/tt.h"

/* What is shipped. A new row changes its number here on purpose. */
enum { MODELS = 330, GPUS = 140, PRICES = 384, EXACT_TOTALS = 296, SAME_TO_THE_DIGIT = 288 };

static void counts(void) {
    const sweep_catalogs *c = fixture_catalogs();
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(c->models.n, MODELS);
    CU_ASSERT_EQUAL(c->gpus.n, GPUS);
    CU_ASSERT_EQUAL(c->n_prices, PRICES);
}

/** tests/data/catalogs/formats.txt: axis and name of every format that must be known. */
static void all_formats(void) {
    static const char *const naive[] = {"fp8", "fp4", "int8", "int4", "int3", "int2"};
    const sweep_catalogs *c = fixture_catalogs();
    FILE *in = fopen(DATA "formats.txt", "r");
    char axis[16], name[64];
    int n = 0;
    CU_ASSERT_FATAL(in && c);
    for (; fscanf(in, "%15s %63s", axis, name) == 2; n++) {
        int kv = strcmp(axis, "kv") == 0;
        const kern_format *f = kv ? sweep_find_kv(c, name) : sweep_find_weights(c, name);
        TT_TEXT(f ? f->name : NULL, name);
    }
    fclose(in);
    CU_ASSERT_EQUAL(n, 109);
    for (size_t i = 0; i < sizeof naive / sizeof *naive; i++) {
        const kern_format *f = sweep_find_weights(c, naive[i]);
        CU_ASSERT(f && f->kind == KERN_FORMAT_NAIVE &&
                  f->bits == strtod(naive[i] + strcspn(naive[i], "0123456789"), NULL));
    }
}

/** Every row has a source, a file and a line, and is found under its own name. */
static void rows_are_whole(void) {
    const sweep_catalogs *c = fixture_catalogs();
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    for (size_t i = 0; i < c->models.n; i++) {
        const kern_model *m = c->models.rows[i];
        CU_ASSERT(m == sweep_find_model(c, m->name));
        CU_ASSERT(*m->source && m->line > 1 && strstr(m->file, "models.csv"));
        CU_ASSERT(sweep_native_format(c, m) && sweep_native_format(c, m)->for_weights);
        CU_ASSERT(!*m->hf_id || sweep_find_model(c, m->hf_id));
    }
    for (size_t i = 0; i < c->formats.n; i++) {
        const kern_format *f = c->formats.rows[i];
        CU_ASSERT(*f->source && (!f->for_weights || sweep_find_weights(c, f->name) == f));
        CU_ASSERT(!f->for_kv || sweep_find_kv(c, f->name) == f);
        CU_ASSERT(f->kind != KERN_FORMAT_MIX || f->n_rules > 0);
    }
    for (size_t i = 0; i < c->gpus.n; i++) {
        const kern_gpu *g = c->gpus.rows[i];
        CU_ASSERT(*g->source && g == sweep_find_gpu(c, g->name) && g->max_per_node >= 1);
        CU_ASSERT(g->usable_bytes <= 1.1 * 0x1p30 * g->marketed_gb);
        CU_ASSERT(g->reported_bytes <= 0 || g->usable_bytes <= g->reported_bytes);
    }
    for (size_t i = 0; i < c->n_prices; i++)
        CU_ASSERT(*c->prices[i].source && *c->prices[i].date && c->prices[i].gpu && c->prices[i].gpus >= 1);
}

/** The total of a row is the sum over its tensors: main layers and globals, MTP layers, vision tower. */
static void parameter_counts(void) {
    const sweep_catalogs *c = fixture_catalogs();
    int exact = 0, same = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    for (size_t i = 0; i < c->models.n; i++) {
        const kern_model *m = c->models.rows[i];
        int64_t sum = m->params_main + m->params_mtp + m->params_vision;
        exact += m->params_exact;
        same += m->params_exact && sum == m->params_total;
        if (!tt_near((double)sum, (double)m->params_total, m->params_exact ? 0.001 : 0.02, m->file, m->line))
            CU_FAIL("parameters recomputed from the row");
        CU_ASSERT(m->params_active > 0 && m->params_active <= m->params_main);
    }
    CU_ASSERT_EQUAL(exact, EXACT_TOTALS);
    CU_ASSERT_EQUAL(same, SAME_TO_THE_DIGIT);
}

static void model_names(void) {
    static const struct {
        const char *asked, *found;
    } cases[] = {
        {"llama-3.1-8b", "llama-3.1-8b"},
        {"LLaMA-3.1-8B", "llama-3.1-8b"},
        {"llama3.1-8b", "llama-3.1-8b"},
        {"meta-llama/Llama-3.1-8B", "llama-3.1-8b"},
        {"META-LLAMA/LLAMA-3.1-8B", "llama-3.1-8b"},
        {"meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"},
        {"unsloth/Meta-Llama-3.1-8B", "llama-3.1-8b"},
        {"someone/Llama-3.1-8B-Instruct", "llama-3.1-8b"},
        {"meta-llama/Llama-2-7b-chat-hf", "llama-2-7b"},
        {"google/gemma-3-27b-it", "gemma-3-27b"},
        {"gemma-3-27b-it", "gemma-3-27b"},
        {"Qwen/Qwen1.5-7B-Chat", "qwen1.5-7b"},
        {"deepseek-ai/DeepSeek-V3-0324", "deepseek-v3"},
        {"deepseek-ai/DeepSeek-V3-Base", "deepseek-v3"},
        {"llama-9b", NULL},
        {"", NULL},
        {"-it", NULL},
    };
    const sweep_catalogs *c = fixture_catalogs();
    char text[4096];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const kern_model *m = sweep_find_model(c, cases[i].asked);
        if (cases[i].found) {
            TT_TEXT(m ? m->name : NULL, cases[i].found);
        } else {
            CU_ASSERT_PTR_NULL(m);
        }
    }
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    CU_ASSERT_PTR_NULL(sweep_find_model(c, text));
    CU_ASSERT_PTR_NULL(sweep_find_weights(c, text));
    CU_ASSERT_PTR_NULL(sweep_find_gpu(c, text));
}

static void format_names(void) {
    static const struct {
        const char *asked, *weights, *kv;
    } cases[] = {
        {"q4_k_m", "gguf-q4_k_m", NULL},
        {"Q4_K_M", "gguf-q4_k_m", NULL},
        {"gguf-q4_k_m", "gguf-q4_k_m", NULL},
        {"q8_0", "gguf-q8_0", "kv-q8_0"},
        {"fp8", "fp8", "kv-fp8"},
        {"int4-g128", "int4-g128-awq", NULL},
        {"bf16", "bf16", "kv-bf16"},
        {"fp32", "fp32", "fp32"},
        {"kv-fp8", NULL, "kv-fp8"},
        {"fp9", NULL, NULL},
    };
    const sweep_catalogs *c = fixture_catalogs();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const kern_format *w = sweep_find_weights(c, cases[i].asked), *k = sweep_find_kv(c, cases[i].asked);
        CU_ASSERT((w == NULL) == (cases[i].weights == NULL) && (k == NULL) == (cases[i].kv == NULL));
        CU_ASSERT(!w || !cases[i].weights || tt_same_text(w->name, cases[i].weights, "weights", 0));
        CU_ASSERT(!k || !cases[i].kv || tt_same_text(k->name, cases[i].kv, "kv", 0));
    }
}

static const char HEADER_ENGINES[] = "name,version,rules,memory_utilization,page_tokens,source\n";

/** Plain is the newest by number (0.10 after 0.9), an unknown version the nearest older one, none older is nothing. */
static void engine_versions(void) {
    static const struct {
        const char *asked, *version;
        int older;
    } cases[] = {
        {"toy", "0.10.1", 0},     {"TOY", "0.10.1", 0},        {"toy@0.9.0", "0.9.0", 0},
        {"toy@0.10", "0.9.0", 1}, {"toy@0.10.1", "0.10.1", 0}, {"toy@9", "0.10.1", 1},
        {"toy@0.1", NULL, 0},     {"toys", NULL, 0},           {"toy@", NULL, 0},
    };
    catalog_fixture f;
    char text[512];
    catalog_init(&f);
    int n = snprintf(text, sizeof text, "%stoy,0.9.0,bare,1,1,s\ntoy,0.10.1,bare,1,1,s\ntoy,0.2.0,bare,1,1,s\n",
                     HEADER_ENGINES);
    const char *path = catalog_write(&f, "engines.csv", text, (size_t)n);
    TT_ERR(ERR_OK, catalog_load(&f, &path, 1));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int older = 7;
        const kern_engine *e = sweep_find_engine(&f.c, cases[i].asked, &older);
        CU_ASSERT((e == NULL) == (cases[i].version == NULL));
        CU_ASSERT(!e || !cases[i].version || tt_same_text(e->version, cases[i].version, cases[i].asked, 0));
        CU_ASSERT_EQUAL(older, cases[i].older);
    }
    int older;
    const kern_engine *newest = sweep_find_engine(&f.c, "vllm", &older);
    for (size_t i = 0; i < f.c.engines.n; i++) {
        const kern_engine *e = f.c.engines.rows[i];
        char name[64];
        if (strcmp(e->name, "vllm") != 0) continue;
        snprintf(name, sizeof name, "vllm@%s", e->version);
        CU_ASSERT(sweep_find_engine(&f.c, name, &older) == e && older == 0);
    }
    CU_ASSERT(newest && *newest->version);
    catalog_fini(&f);
}

/** Folder, then file: rows of the same name are replaced whole, others added, the later one wins. */
static void overlays(void) {
    static const char *const both[] = {DATA "good", DATA "good-later-gpus.csv"};
    catalog_fixture f;
    const kern_gpu *g;
    catalog_init(&f);
    TT_ERR(ERR_OK, catalog_load(&f, both, 1));
    CU_ASSERT_EQUAL(f.faults.n, 0);
    CU_ASSERT_EQUAL(f.c.gpus.n, GPUS + 1);
    CU_ASSERT_EQUAL(f.c.models.n, MODELS + 1);
    CU_ASSERT_EQUAL(f.c.n_prices, PRICES + 1);
    g = sweep_find_gpu(&f.c, "h100-sxm");
    CU_ASSERT(g && g->marketed_gb == 81 && g->bandwidth_gbps == 0 && strstr(g->file, "good/gpus.csv"));
    g = sweep_find_gpu(&f.c, "toy-gpu");
    CU_ASSERT(g && g->marketed_gb == 10 && g->usable_bytes == 9000 * 0x1p20 && g == sweep_find_gpu(&f.c, "toy"));
    const kern_model *m = sweep_find_model(&f.c, "acme/Toy-1-Instruct");
    CU_ASSERT(m && strcmp(m->name, "toy-1") == 0 && m->params_main == m->params_total);
    CU_ASSERT(strstr(m->tags, " @dense ") && strstr(m->tags, " @toys "));
    catalog_fini(&f);
    catalog_init(&f);
    TT_ERR(ERR_OK, catalog_load(&f, both, 2));
    g = sweep_find_gpu(&f.c, "h100-sxm");
    CU_ASSERT(g && g->marketed_gb == 82 && strstr(g->file, "good-later-gpus.csv"));
    CU_ASSERT_EQUAL(f.c.gpus.n, GPUS + 1);
    catalog_fini(&f);
}

/** An overlay may give a row of its own to what was an alias of a shipped row. */
static void overlay_takes_an_alias(void) {
    catalog_fixture f;
    char *text = NULL;
    size_t n = 0;
    catalog_init(&f);
    FILE *to = open_memstream(&text, &n);
    fprintf(to, "name,display_name,family,params_total,params_total_exact,hidden_size,num_layers,vocab_size,"
                "tie_embeddings,gated_mlp,attn_bias,qk_norm,norm,max_position,native,layer_groups,source\n"
                "llama3.1-8b,Mine,mine,1,no,8,1,8,yes,yes,none,none,rms,64,bf16,1*mlp(i=8),s\n");
    fclose(to);
    const char *path = catalog_write(&f, "my-models.csv", text, n);
    TT_ERR(ERR_OK, catalog_load(&f, &path, 1));
    const kern_model *m = sweep_find_model(&f.c, "llama3.1-8b");
    TT_TEXT(m ? m->display : NULL, "Mine");
    m = sweep_find_model(&f.c, "meta-llama/Llama-3.1-8B");
    TT_TEXT(m ? m->name : NULL, "llama-3.1-8b");
    free(text);
    catalog_fini(&f);
}

/** The place of the shipped catalogs can be named by the environment. */
static void home(void) {
    arena mem;
    diags faults = {.n = 0};
    const char *found = NULL, *before = getenv("VRAMSWEEP_CATALOGS");
    char *kept = before ? strdup(before) : NULL;
    arena_init(&mem, NULL, NULL);
    setenv("VRAMSWEEP_CATALOGS", "/somewhere/else", 1);
    CU_ASSERT(sweep_catalogs_home(&found, &mem, &faults) == ERR_OK);
    TT_TEXT(found, "/somewhere/else");
    unsetenv("VRAMSWEEP_CATALOGS");
    if (kept) setenv("VRAMSWEEP_CATALOGS", kept, 1);
    free(kept);
    arena_fini(&mem);
}

/** Allocator that fails from call number *ctx on. */
static void *failing(void *ctx, void *ptr, size_t bytes) {
    long *left = ctx;
    if (bytes == 0) {
        free(ptr);
        return NULL;
    }
    return (*left)-- > 0 ? realloc(ptr, bytes) : NULL;
}

/** Loads with `left` allocations: no fault without a code, no code without a fault, and then only one. */
static err load_with(const char *dir, const char *const *overlay, size_t n, long left) {
    catalog_fixture f;
    catalog_init(&f);
    arena_init(&f.mem, failing, &left);
    err code = sweep_catalogs_load(&f.c, &f.mem, dir, overlay, n, &f.faults);
    CU_ASSERT((code == ERR_OK) == (f.faults.n == 0));
    if (code != ERR_OK && code != ERR_MEMORY) diags_print(stdout, &f.faults);
    CU_ASSERT(code != ERR_OK || left >= 0); /* nothing was left out */
    catalog_fini(&f);
    return code;
}

/** A small catalog and an overlay: every allocation fails once. The shipped ones: some of their many. */
static void allocations(void) {
    static const char *const overlay[] = {DATA "good-later-gpus.csv"};
    err code = ERR_MEMORY;
    long n = 0;
    for (; code == ERR_MEMORY && n < 5000; n++)
        code = load_with(DATA "tiny", overlay, 1, n);
    TT_ERR(ERR_OK, code);
    CU_ASSERT(n > 100);
    for (n = 0, code = ERR_MEMORY; code == ERR_MEMORY && n < 1000000; n += 397)
        code = load_with(SHIPPED, NULL, 0, n);
    TT_ERR(ERR_OK, code);
}

/** No memory is not the same as no such folder. */
static void home_without_memory(void) {
    diags faults = {.n = 0};
    const char *found = NULL;
    arena mem;
    long left = 0;
    arena_init(&mem, failing, &left);
    TT_ERR(ERR_MEMORY, sweep_catalogs_home(&found, &mem, &faults));
    CU_ASSERT(faults.n == 1 && faults.item[0].code == ERR_MEMORY);
    arena_fini(&mem);
}

CU_TestInfo catalog_tests[] = {
    {"rows shipped", counts},
    {"every format is known", all_formats},
    {"rows are whole", rows_are_whole},
    {"parameter counts", parameter_counts},
    {"names of models", model_names},
    {"names of formats", format_names},
    {"versions of engines", engine_versions},
    {"overlays", overlays},
    {"an overlay takes an alias", overlay_takes_an_alias},
    {"home", home},
    {"home without memory", home_without_memory},
    {"allocations", allocations},
    CU_TEST_INFO_NULL,
};
