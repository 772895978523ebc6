/*
 * test_import_tensors.c - headers of safetensors and GGUF files, made here byte by byte: exact bytes by class and type,
 * and every length, count and place that a stranger could have got wrong or made up.
 */
#include "sweep/import_tensors.h"
#include "tests/unit/catalog_fixture.h"
#include "tests/unit/tt.h"

/** Bytes of a file in the making. */
typedef struct bytes {
    char at[8192];
    size_t n;
} bytes;

static void put(bytes *b, const void *from, size_t n) {
    if (b->n + n > sizeof b->at) return;
    memcpy(b->at + b->n, from, n);
    b->n += n;
}

static void put_number(bytes *b, uint64_t value, int n) {
    for (int i = 0; i < n; i++)
        put(b, &(char){(char)(value >> 8 * i)}, 1);
}

/** A safetensors file: length, header, `data` zero bytes. */
static const char *safetensors(catalog_fixture *f, const char *name, uint64_t length, const char *header, size_t data) {
    static bytes b;
    b = (bytes){.n = 0};
    put_number(&b, length ? length : strlen(header), 8);
    put(&b, header, strlen(header));
    for (size_t i = 0; i < data; i++)
        put(&b, "", 1);
    return catalog_write(f, name, b.at, b.n);
}

#define T(name, dtype, shape, from, to)                                                                                \
    "\"" name "\": {\"dtype\": \"" dtype "\", \"shape\": " shape ", \"data_offsets\": [" #from ", " #to "]}"

static void safetensors_sums(void) {
    catalog_fixture f;
    static import_tensors t;
    memset(&t, 0, sizeof t);
    catalog_init(&f);
    const char *path = safetensors(&f, "model.safetensors", 0,
                                   "{\"__metadata__\": {\"format\": \"pt\"}, " T(
                                       "model.layers.0.self_attn.q_proj.weight", "BF16", "[4, 8]", 40,
                                       104) ", " T("model.embed_tokens.weight", "F32", "[10]", 0, 40) "}",
                                   104);
    TT_ERR(ERR_OK, import_safetensors_read(path, &t, &f.faults));
    CU_ASSERT_EQUAL(t.all.tensors, 2);
    CU_ASSERT_EQUAL(t.all.elements, 42);
    CU_ASSERT_EQUAL(t.all.bytes, 104);
    report_csv_text text = {0};
    import_tensors_put(&t, path, &text);
    report_csv_raw(&text, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text.text);
    CU_ASSERT_EQUAL(strncmp(text.text,
                            "model.safetensors,embed,F32,1,10,40\nmodel.safetensors,attn,BF16,1,32,64\n"
                            "model.safetensors,total,,2,42,104\n",
                            text.n),
                    0);
    report_csv_text_free(&text);
    catalog_fini(&f);
}

static void safetensors_faults(void) {
    static const struct {
        const char *header, *says;
        uint64_t length;
        size_t data;
    } cases[] = {
        {"{}", "expected at most what the file", 1u << 30, 0},
        {"{}", "expected at most what the file", UINT64_MAX, 0},
        {"{", "expected", 0, 0},
        {"{" T("a", "BF16", "[4]", 0, 6) "}", "expected 8 bytes", 0, 6},
        {"{" T("a", "BF16", "[4]", 8, 0) "}", "expected 8 bytes", 0, 8},
        {"{" T("a", "Q7", "[4]", 0, 8) "}", "no type known", 0, 8},
        {"{" T("a", "BF16", "[-4]", 0, 8) "}", "no usable shape", 0, 8},
        {"{" T("a", "BF16", "[4294967296, 4294967296]", 0, 8) "}", "no usable shape", 0, 8},
        {"{" T("a", "BF16", "[4]", 0, 8) ", " T("b", "BF16", "[4]", 4, 12) "}", "overlap", 0, 12},
        {"{" T("a", "BF16", "[4]", 0, 8) ", " T("b", "BF16", "[4]", 10, 18) "}", "leave a hole", 0, 18},
        {"{" T("a", "BF16", "[4]", 0, 8) "}", "4 bytes of data, the header says 8", 0, 4},
        {"{\"a\": 7}", "no type known", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        catalog_fixture f;
        static import_tensors t;
        memset(&t, 0, sizeof t);
        catalog_init(&f);
        const char *path = safetensors(&f, "a.safetensors", cases[i].length, cases[i].header, cases[i].data);
        CU_ASSERT(import_safetensors_read(path, &t, &f.faults) != ERR_OK);
        CU_ASSERT_EQUAL(f.faults.n, 1);
        if (!strstr(f.faults.item[0].text, cases[i].says))
            printf("\n%s says %s\n", cases[i].header, f.faults.item[0].text);
        CU_ASSERT_PTR_NOT_NULL(strstr(f.faults.item[0].text, cases[i].says));
        catalog_fini(&f);
    }
}

/** Shards beside the index, without them, and one of two. */
static void index_files(void) {
    catalog_fixture f;
    static import_tensors t;
    int64_t total = 0;
    const char *map = "{\"metadata\": {\"total_size\": 16}, \"weight_map\": {\"a\": \"1.safetensors\", \"b\": "
                      "\"2.safetensors\"}}",
               *outside = "{\"weight_map\": {\"a\": \"../1.safetensors\"}}";
    catalog_init(&f);
    const char *path = catalog_write(&f, "m.safetensors.index.json", map, strlen(map));
    memset(&t, 0, sizeof t);
    TT_ERR(ERR_OK, import_safetensors_index_read(path, &t, &total, &f.faults));
    CU_ASSERT_EQUAL(total, 16);
    CU_ASSERT_EQUAL(t.all.tensors, 0);
    safetensors(&f, "1.safetensors", 0, "{" T("a", "BF16", "[4]", 0, 8) "}", 8);
    TT_ERR(ERR_OPEN, import_safetensors_index_read(path, &t, &total, &f.faults));
    safetensors(&f, "2.safetensors", 0, "{" T("b", "F32", "[2]", 0, 8) "}", 8);
    memset(&t, 0, sizeof t);
    TT_ERR(ERR_OK, import_safetensors_index_read(path, &t, &total, &f.faults));
    CU_ASSERT_EQUAL(t.all.bytes, 16);
    path = catalog_write(&f, "o.safetensors.index.json", outside, strlen(outside));
    TT_ERR(ERR_TYPE, import_safetensors_index_read(path, &t, &total, &f.faults));
    catalog_fini(&f);
}

static void put_string(bytes *b, const char *text) {
    put_number(b, strlen(text), 8);
    put(b, text, strlen(text));
}

static void put_u32(bytes *b, const char *key, uint32_t value) {
    put_string(b, key);
    put_number(b, 4, 4);
    put_number(b, value, 4);
}

static void put_tensor(bytes *b, const char *name, uint64_t cols, uint64_t rows, uint32_t type, uint64_t offset) {
    put_string(b, name);
    put_number(b, 2, 4);
    put_number(b, cols, 8);
    put_number(b, rows, 8);
    put_number(b, type, 4);
    put_number(b, offset, 8);
}

/** A llama of one layer: 7 keys, 2 tensors. */
static void make_gguf(bytes *b, uint32_t version) {
    *b = (bytes){.n = 0};
    put(b, "GGUF", 4);
    put_number(b, version, 4);
    put_number(b, 2, 8);
    put_number(b, 7, 8);
    put_string(b, "general.architecture");
    put_number(b, 8, 4);
    put_string(b, "llama");
    put_u32(b, "llama.block_count", 1);
    put_u32(b, "llama.embedding_length", 256);
    put_u32(b, "llama.feed_forward_length", 512);
    put_u32(b, "llama.attention.head_count", 4);
    put_u32(b, "general.file_type", 15);
    put_string(b, "tokenizer.ggml.tokens");
    put_number(b, 9, 4);
    put_number(b, 8, 4);
    put_number(b, 3, 8);
    put_string(b, "a");
    put_string(b, "a longer one");
    put_string(b, "");
    put_tensor(b, "token_embd.weight", 256, 3, 12, 0);
    put_tensor(b, "blk.0.attn_q.weight", 256, 256, 14, 448);
}

static void gguf_header(void) {
    for (uint32_t version = 2; version <= 3; version++) {
        static bytes b;
        static import_tensors t;
        json_t *config = NULL;
        catalog_fixture f;
        catalog_init(&f);
        memset(&t, 0, sizeof t);
        make_gguf(&b, version);
        const char *path = catalog_write(&f, "m.gguf", b.at, b.n);
        TT_ERR(ERR_OK, import_gguf_read(fixture_catalogs(), path, &t, &config, &f.faults));
        CU_ASSERT_EQUAL(t.all.elements, 256 * 3 + 256 * 256);
        CU_ASSERT_EQUAL(t.all.bytes, 3 * 144 + 256 * 210);
        CU_ASSERT_PTR_NOT_NULL_FATAL(config);
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(config, "vocab_size")), 3);
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(config, "hidden_size")), 256);
        CU_ASSERT(json_is_true(json_object_get(config, "tie_word_embeddings")));
        TT_TEXT(json_string_value(json_object_get(config, "gguf_file_type")), "gguf-q4_k_m");
        json_decref(config);
        catalog_fini(&f);
    }
}

/** Every shorter file is refused or holds a header and no data; nothing is read beyond its end. */
static void gguf_lengths(void) {
    static bytes b;
    make_gguf(&b, 3);
    for (size_t n = 0; n < b.n; n++) {
        static import_tensors t;
        json_t *config = NULL;
        catalog_fixture f;
        catalog_init(&f);
        memset(&t, 0, sizeof t);
        const char *path = catalog_write(&f, "m.gguf", b.at, n);
        CU_ASSERT(import_gguf_read(fixture_catalogs(), path, &t, &config, &f.faults) != ERR_OK);
        CU_ASSERT_EQUAL(f.faults.n, 1);
        catalog_fini(&f);
    }
}

/** A field of the header overwritten: counts, kinds, lengths. */
static void gguf_faults(void) {
    static const struct {
        size_t at;
        uint64_t value;
        int n;
        const char *says;
    } cases[] = {
        {0, 0x46474748, 4, "not a GGUF file"},   {4, 1, 4, "expected 2 or 3"},
        {4, 3u << 24, 4, "expected 2 or 3"},     {8, UINT64_MAX, 8, "expected at most"},
        {16, UINT64_MAX, 8, "expected at most"}, {24, UINT64_MAX, 8, "a metadata key"},
        {24 + 8 + 20, 77, 4, "kind 77"},         {24 + 8 + 20 + 4, UINT64_MAX / 2, 8, "the file ends within it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static bytes b;
        static import_tensors t;
        json_t *config = NULL;
        catalog_fixture f;
        catalog_init(&f);
        memset(&t, 0, sizeof t);
        make_gguf(&b, 3);
        size_t n = b.n;
        b.n = cases[i].at;
        put_number(&b, cases[i].value, cases[i].n);
        const char *path = catalog_write(&f, "m.gguf", b.at, n);
        CU_ASSERT(import_gguf_read(fixture_catalogs(), path, &t, &config, &f.faults) != ERR_OK);
        if (f.faults.n != 1 || !strstr(f.faults.item[0].text, cases[i].says)) diags_print(stdout, &f.faults);
        CU_ASSERT_PTR_NOT_NULL(strstr(f.faults.item[0].text, cases[i].says));
        catalog_fini(&f);
    }
}

static void classes(void) {
    static const struct {
        const char *name;
        import_class cls;
    } cases[] = {
        {"model.embed_tokens.weight", IMPORT_EMBED},
        {"lm_head.weight", IMPORT_HEAD},
        {"output.weight", IMPORT_HEAD},
        {"model.layers.3.self_attn.k_proj.weight", IMPORT_ATTN},
        {"model.layers.3.self_attn.q_proj.bias", IMPORT_NORM},
        {"model.layers.3.self_attn.kv_a_proj_with_mqa.weight", IMPORT_LOWRANK},
        {"model.layers.3.self_attn.kv_a_layernorm.weight", IMPORT_NORM},
        {"model.layers.3.mlp.experts.17.down_proj.weight", IMPORT_EXPERT},
        {"model.layers.3.mlp.experts.17.down_proj.weight_scale_inv", IMPORT_SCALES},
        {"model.layers.3.mlp.shared_experts.up_proj.weight", IMPORT_SHARED},
        {"model.layers.3.mlp.gate.weight", IMPORT_ROUTER},
        {"model.layers.3.mlp.gate_proj.weight", IMPORT_MLP},
        {"model.visual.blocks.0.attn.qkv.weight", IMPORT_VISION},
        {"blk.0.ffn_down_exps.weight", IMPORT_EXPERT},
        {"blk.0.ffn_gate_inp.weight", IMPORT_ROUTER},
        {"blk.0.ffn_up.weight", IMPORT_MLP},
        {"backbone.layers.0.mixer.in_proj.weight", IMPORT_RECURRENT},
        {"backbone.layers.0.mixer.conv1d.weight", IMPORT_STATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (import_class_of(cases[i].name) != cases[i].cls)
            printf("\n%s: %d\n", cases[i].name, (int)import_class_of(cases[i].name));
        CU_ASSERT_EQUAL(import_class_of(cases[i].name), cases[i].cls);
    }
}

CU_TestInfo import_tensors_tests[] = {
    {"safetensors_sums", safetensors_sums},
    {"safetensors_faults", safetensors_faults},
    {"index_files", index_files},
    {"gguf_header", gguf_header},
    {"gguf_lengths", gguf_lengths},
    {"gguf_faults", gguf_faults},
    {"classes", classes},
    CU_TEST_INFO_NULL,
};
