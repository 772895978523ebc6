/*
 * test_import.c - configs to models. The identity: a config of tests/data/import/ gives the layers, parts and tensors
 * of the catalog's row that its file is named after. Then keys that are absent, not understood or wrong, and
 * config_json.
 */
#include <dirent.h>

#include "sweep/import_internal.h"
#include "tests/unit/catalog_fixture.h"
#include "tests/unit/scenario_fixture.h"

#define CONFIGS "tests/data/import/"

static const char *column(const sweep_import_row *row, const char *name) {
    for (size_t i = 0; sweep_model_column(i); i++) {
        if (strcmp(sweep_model_column(i), name) == 0) return row->value[i];
    }
    return NULL;
}

/** The same tensors, whatever the padding of the struct holds. */
static int same_tensors(const kern_tensor *a, uint32_t n, const kern_tensor *b, uint32_t m) {
    if (n != m) return 0;
    for (uint32_t i = 0; i < n; i++) {
        if (a[i].cls != b[i].cls || a[i].role != b[i].role || a[i].shard != b[i].shard || a[i].qkv != b[i].qkv ||
            a[i].kv_heads != b[i].kv_heads || a[i].rows != b[i].rows || a[i].cols != b[i].cols ||
            a[i].count != b[i].count)
            return 0;
    }
    return 1;
}

static int same_groups(const kern_model *a, const kern_model *b) {
    if (a->n_groups != b->n_groups) return 0;
    for (uint32_t g = 0; g < a->n_groups; g++) {
        const kern_group *x = &a->groups[g], *y = &b->groups[g];
        if (x->kind != y->kind || x->layers != y->layers || x->n_parts != y->n_parts) return 0;
        for (uint32_t p = 0; p < x->n_parts; p++) {
            if (memcmp(&x->parts[p], &y->parts[p], sizeof x->parts[p]) != 0) return 0;
        }
        if (!same_tensors(x->tensors, x->n_tensors, y->tensors, y->n_tensors)) return 0;
    }
    return same_tensors(a->globals, a->n_globals, b->globals, b->n_globals);
}

/** Rows whose released format is not what the config's dtype says. */
static int other_format(const char *name) {
    return strcmp(name, "grok-1") == 0;
}

static int check_config(const char *name, const char *path, const char **architecture) {
    const kern_model *want = sweep_find_model(fixture_catalogs(), name);
    static sweep_import_row row;
    diags faults = {.n = 0};
    arena mem;
    arena_init(&mem, NULL, NULL);
    err e = sweep_import_config(fixture_catalogs(), &mem, path, 0, &row, &faults);
    int same = e == ERR_OK && want && same_groups(row.model, want) && row.model->tied == want->tied &&
               row.model->hidden == want->hidden && row.model->layers == want->layers &&
               row.model->q_heads == want->q_heads && row.model->vocab == want->vocab &&
               row.model->params_active == want->params_active && row.model->gguf_mtp == want->gguf_mtp &&
               (other_format(name) || strcmp(row.model->native_format, want->native_format) == 0);
    if (!same && e == ERR_OK && want)
        printf("\n%s: %s, %s\n  the catalog has %s, %s\n", name, row.model->groups_text, row.model->native_format,
               want->groups_text, want->native_format);
    if (e != ERR_OK) diags_print(stdout, &faults);
    if (want) *architecture = want->architecture;
    arena_fini(&mem);
    return same;
}

static void catalog_models(void) {
    const char *seen[256];
    size_t n = 0, files = 0;
    DIR *dir = opendir(CONFIGS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[512], name[300];
        const char *end = strstr(entry->d_name, ".json"), *architecture = NULL;
        if (!end || end[5]) continue;
        snprintf(name, sizeof name, "%.*s", (int)(end - entry->d_name), entry->d_name);
        snprintf(path, sizeof path, CONFIGS "%s", entry->d_name);
        CU_ASSERT(check_config(name, path, &architecture));
        size_t i = 0;
        while (i < n && architecture && strcmp(seen[i], architecture) != 0)
            i++;
        if (i == n && architecture && n < 256) seen[n++] = architecture;
        files++;
    }
    closedir(dir);
    CU_ASSERT(files >= 150);
    CU_ASSERT(n >= 110);
}

/** A config from text. */
static err import_text_config(const char *json, int assume, sweep_import_row *out, arena *mem, diags *faults) {
    char text[4096];
    json_t *root = NULL;
    import_source from = {.file = "test.json", .text = text, .name = "config.json", .assume = assume};
    snprintf(text, sizeof text, "%s", json);
    TRY(import_json_parse("test.json", text, strlen(text), &root, faults));
    err e = import_build(fixture_catalogs(), mem, &from, root, out, faults);
    json_decref(root);
    return e;
}

#define LLAMA                                                                                                          \
    "{\"architectures\": [\"LlamaForCausalLM\"],\n\"hidden_size\": 64, \"num_hidden_layers\": 2, "                     \
    "\"num_attention_heads\": 4, \"intermediate_size\": 128, \"vocab_size\": 100"

static const struct wrong {
    const char *json, *says;
    int assumed; /* --assume sets it aside */
} wrongs[] = {
    {"{", "expected"},
    {"[1]", "an object of keys"},
    {"{\"a\": 1, \"a\": 2}", "duplicate"},
    {"{\"architectures\": []}", "must name the architecture"},
    {"{\"architectures\": [\"LlamaForCausalLN\"]}", "did you mean 'LlamaForCausalLM'"},
    {"{\"architectures\": [\"LlamaForCausalLM\"]}", "'hidden_size' must be given for LlamaForCausalLM"},
    {LLAMA ", \"new_expert_dim\": 8}", "new_expert_dim: not understood", 1},
    {LLAMA ", \"num_key_value_heads\": 3}", "expected a divisor of the 4 query heads"},
    {LLAMA ", \"num_key_value_heads\": \"4\"}", "expected a whole number"},
    {LLAMA ", \"num_key_value_heads\": -4}", "found -4, expected 0 to"},
    {LLAMA ", \"num_key_value_heads\": 4.5}", "expected a whole number"},
    {LLAMA ", \"num_key_value_heads\": [4, 2]}", "a list of different numbers"},
    {LLAMA ", \"head_dim\": 99999999}", "found 99999999, expected 0 to"},
    {LLAMA ", \"num_local_experts\": 8}", "'num_experts_per_tok' is not given"},
    {LLAMA ", \"num_local_experts\": 8, \"num_experts_per_tok\": 9}", "expected 1 up to the experts"},
    {LLAMA ", \"layer_types\": [\"full_attention\"]}", "one entry for each of the 2 layers"},
    {LLAMA ", \"layer_types\": [\"full_attention\", \"wave\"]}", "'wave' is no kind of layer"},
    {LLAMA ", \"layer_types\": [\"full_attention\", \"sliding_attention\"]}", "'sliding_window' is not given"},
    {LLAMA ", \"vision_config\": {\"depth\": 2}}", "a vision tower is not known for LlamaForCausalLM", 1},
    {LLAMA ", \"torch_dtype\": \"int3\"}", "'int3' is no type known here"},
    {LLAMA ", \"quantization_config\": {\"quant_method\": \"aqlm\"}}", "no format known here"},
    {LLAMA ", \"quantization_config\": {\"quant_method\": \"gptq\", \"bits\": 5}}", "no format known here"},
    {LLAMA ", \"tie_word_embeddings\": 2}", "found 2, expected 0 to 1"},
};

static void refusals(void) {
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        static sweep_import_row row;
        diags faults = {.n = 0};
        char found[DIAG_TEXT * 2] = "";
        arena mem;
        arena_init(&mem, NULL, NULL);
        CU_ASSERT(import_text_config(wrongs[i].json, 0, &row, &mem, &faults) != ERR_OK);
        CU_ASSERT_EQUAL(faults.n, 1);
        snprintf(found, sizeof found, "%s: %s", faults.item[0].field ? faults.item[0].field : "", faults.item[0].text);
        if (!strstr(found, wrongs[i].says)) printf("\n%s\n  says %s\n", wrongs[i].json, found);
        CU_ASSERT_PTR_NOT_NULL(strstr(found, wrongs[i].says));
        faults.n = 0;
        CU_ASSERT((import_text_config(wrongs[i].json, 1, &row, &mem, &faults) == ERR_OK) == wrongs[i].assumed);
        if (wrongs[i].assumed) CU_ASSERT(*row.assumed != 0);
        arena_fini(&mem);
    }
}

static void places(void) {
    static sweep_import_row row;
    diags faults = {.n = 0};
    arena mem;
    arena_init(&mem, NULL, NULL);
    CU_ASSERT(import_text_config(LLAMA ",\n  \"num_key_value_heads\": 3}", 0, &row, &mem, &faults) == ERR_RANGE);
    CU_ASSERT_EQUAL(faults.item[0].line, 3);
    CU_ASSERT_EQUAL(faults.item[0].column, 3);
    faults.n = 0;
    CU_ASSERT(import_text_config("{\"a\": 1,\n \"b\": }", 0, &row, &mem, &faults) == ERR_SYNTAX);
    CU_ASSERT_EQUAL(faults.item[0].line, 2);
    arena_fini(&mem);
}

/** quantization_config and the row of formats.csv that it is. */
static void formats(void) {
    static const char *const cases[][2] = {
        {"\"quant_method\": \"fp8\", \"weight_block_size\": [128, 128]", "fp8-block128"},
        {"\"quant_method\": \"fp8\"", "fp8-tensor"},
        {"\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 128", "int4-g128-gptq"},
        {"\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 128", "int4-g128-awq"},
        {"\"quant_method\": \"bitsandbytes\", \"load_in_8bit\": true", "bnb-int8"},
        {"\"quant_method\": \"bitsandbytes\", \"load_in_4bit\": true, \"bnb_4bit_quant_type\": \"nf4\", "
         "\"bnb_4bit_use_double_quant\": true",
         "nf4-dq"},
        {"\"quant_method\": \"mxfp4\"", "mxfp4-experts"},
        {"\"quant_method\": \"modelopt\", \"quant_algo\": \"NVFP4\"", "nvfp4"},
        {"\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\": {\"weights\": {\"num_bits\": 8, "
         "\"type\": \"int\", \"strategy\": \"channel\"}}}, \"ignore\": [\"lm_head\"]",
         "int8-channel"},
        {"\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\": {\"weights\": {\"num_bits\": 4, "
         "\"type\": \"int\", \"strategy\": \"group\", \"group_size\": 32}}}, \"ignore\": [\"re:.*self_attn.*\"]",
         "int4-g32-experts"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static sweep_import_row row;
        char json[2048];
        diags faults = {.n = 0};
        arena mem;
        arena_init(&mem, NULL, NULL);
        snprintf(json, sizeof json, LLAMA ", \"quantization_config\": {%s}}", cases[i][0]);
        CU_ASSERT(import_text_config(json, 0, &row, &mem, &faults) == ERR_OK);
        if (faults.n) diags_print(stdout, &faults);
        TT_TEXT(column(&row, "native"), cases[i][1]);
        arena_fini(&mem);
    }
}

/** Python's words in numbers, lists that repeat one number, whole numbers with a point. */
static void spellings(void) {
    static sweep_import_row row;
    diags faults = {.n = 0};
    arena mem;
    arena_init(&mem, NULL, NULL);
    CU_ASSERT(import_text_config(LLAMA ", \"time_step_limit\": [0.0, Infinity, -Infinity, NaN], "
                                       "\"num_key_value_heads\": [2, 2], \"max_position_embeddings\": 512.0}",
                                 0, &row, &mem, &faults) == ERR_OK);
    if (faults.n) diags_print(stdout, &faults);
    TT_TEXT(column(&row, "num_kv_heads"), "2");
    TT_TEXT(column(&row, "max_position"), "512");
    TT_TEXT(column(&row, "layer_groups"), "2*attn+mlp");
    TT_TEXT(column(&row, "name"), "test");
    arena_fini(&mem);
}

/** A model cut short keeps its lists: the first entries count. */
static void cut_short(void) {
    static sweep_import_row row;
    diags faults = {.n = 0};
    arena mem;
    arena_init(&mem, NULL, NULL);
    CU_ASSERT(import_text_config(LLAMA ", \"sliding_window\": 64, \"layer_types\": [\"full_attention\", "
                                       "\"sliding_attention\", \"sliding_attention\"]}",
                                 0, &row, &mem, &faults) == ERR_OK);
    TT_TEXT(column(&row, "layer_groups"), "1*attn+mlp;1*attn(w=64)+mlp");
    CU_ASSERT_PTR_NOT_NULL(strstr(row.assumed, "the first 2 of the 3 entries of layer_types"));
    arena_fini(&mem);
}

/** Too deep, too many values: refused by counting, before a tree is built. */
static void hostile(void) {
    enum { DEEP = 1000, MANY = 9 << 20 };
    char *text = malloc(MANY + 1);
    json_t *root = NULL;
    diags faults = {.n = 0};
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, '[', DEEP);
    CU_ASSERT(import_json_parse("deep", text, DEEP, &root, &faults) == ERR_LIMIT);
    for (size_t i = 0; i < MANY; i++)
        text[i] = ",0"[i & 1];
    CU_ASSERT(import_json_parse("many", text, MANY, &root, &faults) == ERR_LIMIT);
    CU_ASSERT(import_json_parse("cut", "{\"a\\", 4, &root, &faults) == ERR_SYNTAX);
    CU_ASSERT_EQUAL(faults.n, 3);
    free(text);
}

/** config_json stands for the model, also twice, also when it is the catalog's, and says what is wrong with a file. */
static void scenarios(void) {
    static sweep_scenario sc;
    diags faults = {.n = 0};
    double given = scenario_bytes("config_json=" CONFIGS "llama-3.1-8b.json context=32k batch=8", KERN_KV_CACHE);
    TT_BITS(given, scenario_bytes("model=llama-3.1-8b context=32k batch=8", KERN_KV_CACHE));
    TT_BITS(scenario_bytes("model=opt-125m config_json=" CONFIGS "llama-3.1-8b.json", KERN_WEIGHTS),
            scenario_bytes("model=llama-3.1-8b", KERN_WEIGHTS));
    CU_ASSERT(scenario_build("config_json=no/such.json", &sc, &faults) == ERR_OPEN);
    TT_TEXT(faults.item[0].field, "config_json");
    CU_ASSERT_PTR_NOT_NULL(strstr(faults.item[0].text, "no/such.json: "));
    faults.n = 0;
    CU_ASSERT(scenario_build("config_json=configs/quick-reference.yaml", &sc, &faults) == ERR_SYNTAX);
    CU_ASSERT(scenario_build("config_json=configs/quick-reference.yaml", &sc, &faults) == ERR_SYNTAX);
    CU_ASSERT_EQUAL(faults.n, 2);
}

CU_TestInfo import_tests[] = {
    {"catalog_models", catalog_models},
    {"refusals", refusals},
    {"places", places},
    {"formats", formats},
    {"spellings", spellings},
    {"cut_short", cut_short},
    {"hostile", hostile},
    {"scenarios", scenarios},
    CU_TEST_INFO_NULL,
};
