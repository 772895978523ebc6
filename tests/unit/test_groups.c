/*
 * test_groups.c - the grammars of layer_groups, count_flags and linear_state, and the tensors they stand for: layers of
 * well-known architectures against sums written out by hand from the released configurations.
 */
#include "sweep/layer_groups.h"
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tt.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void good_groups(void) {
    static const struct {
        const char *text;
        uint32_t groups, parts;
        int64_t layers;
        kern_group_kind kind; /* of the last group */
    } cases[] = {
        {"1*attn", 1, 1, 1, KERN_GROUP_MAIN},
        {"32*attn+mlp", 1, 2, 32, KERN_GROUP_MAIN},
        {"3*mla+mlp(i=18432);58*mla+moe", 2, 4, 61, KERN_GROUP_MAIN},
        {"2*attn;mtp:1*attn+moe+eh+copies(n=2)", 2, 5, 3, KERN_GROUP_MTP},
        {"6*attn;enc:6*attn+mlp", 2, 3, 12, KERN_GROUP_ENCODER},
        {"100000*none", 1, 1, 100000, KERN_GROUP_MAIN},
        {"1*attn(q=1,kv=1,hd=2,vhd=3,h=4,hin=5,w=6,c=7,keqv,nokv=0,shared=1,cross=0,nogate)", 1, 1, 1, KERN_GROUP_MAIN},
        {"1*gdn+mamba1+mamba2+kda+lightning+conv+rwkv7(nov)+dsv4(r=4)", 1, 8, 1, KERN_GROUP_MAIN},
        {"1*cache(kv=2,w=8)+x(p=1099511627776)+n(k=3)", 1, 3, 1, KERN_GROUP_MAIN},
        {"1*moe(e=16777216,k=2,i=3)", 1, 1, 1, KERN_GROUP_MAIN},
    };
    sweep_group_spec spec[SWEEP_GROUPS_MAX];
    char why[DIAG_TEXT];
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t n = sweep_groups_parse(cases[i].text, spec, why), parts = 0;
        int64_t layers = 0;
        CU_ASSERT_EQUAL(n, cases[i].groups);
        for (uint32_t g = 0; g < n; g++) {
            parts += spec[g].n_parts;
            layers += spec[g].layers;
        }
        CU_ASSERT(parts == cases[i].parts && layers == cases[i].layers);
        CU_ASSERT(n > 0 && spec[n - 1].kind == cases[i].kind);
    }
}

/** What is given goes where it belongs, what is not given is -1. */
static void overrides(void) {
    sweep_group_spec spec[SWEEP_GROUPS_MAX];
    char why[DIAG_TEXT];
    CU_ASSERT_EQUAL_FATAL(sweep_groups_parse("1*attn(q=1,hd=0,w=6,keqv)+mlp(i=7)+eh", spec, why), 1);
    const kern_part_spec *p = spec[0].part;
    CU_ASSERT(p[0].kind == KERN_PART_ATTN && p[0].q == 1 && p[0].hd == 0 && p[0].w == 6 && p[0].keqv == 1);
    CU_ASSERT(p[0].kv == -1 && p[0].vhd == -1 && p[0].c == -1 && p[0].nokv == 0 && p[0].shared == 0);
    CU_ASSERT(p[1].kind == KERN_PART_MLP && p[1].i == 7 && p[1].h == -1 && p[1].norms == -1);
    CU_ASSERT(p[2].kind == KERN_PART_OTHER && p[2].mtp_input == 1 && p[2].extra == 0 && p[2].copies == 0);
}

static void bad_groups(void) {
    static const char *const cases[][2] = {
        {"", "empty"},
        {";", "empty"},
        {"1*attn;", "empty"},
        {"attn", "COUNT*PART"},
        {"*attn", "COUNT*PART"},
        {"-1*attn", "COUNT*PART"},
        {"0*attn", "COUNT*PART"},
        {"1.5*attn", "COUNT*PART"},
        {"100001*attn", "COUNT*PART"},
        {"1*", "empty"},
        {"1*attn+", "empty"},
        {"1*attn++mlp", "empty"},
        {"1*Attn", "unknown part"},
        {"1*attn mlp", "unknown part"},
        {"1*attn(", "unbalanced"},
        {"1*attn()", "unbalanced"},
        {"1*attn(w=1", "unbalanced"},
        {"1*attn(w=1))", "whole number"},
        {"1*attn(w=1,)", NULL}, /* a closing comma is let through */
        {"1*attn(,w=1)", "empty"},
        {"1*attn(W=1)", "unknown key"},
        {"1*attn(r=1)", "unknown key"},
        {"1*mlp(w=1)", "unknown key"},
        {"1*eh(n=1)", "unknown key"},
        {"1*attn(w=)", "whole number"},
        {"1*attn(w=-1)", "whole number"},
        {"1*attn(w=16777217)", "too large"},
        {"1*attn(w=99999999999999999999)", "whole number"},
        {"1*attn(nokv=2)", "0 or 1"},
        {"dec:1*attn", "COUNT*PART"},
        {"1*a+a+a", "unknown part"},
        {"1*none+none+none+none+none+none+none+none+none", "more than 8"},
    };
    sweep_group_spec spec[SWEEP_GROUPS_MAX];
    char why[DIAG_TEXT], many[1024] = "";
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t n = sweep_groups_parse(cases[i][0], spec, why);
        CU_ASSERT((n == 0) == (cases[i][1] != NULL));
        if (cases[i][1] && (n || !strstr(why, cases[i][1]))) printf("\n%s: %s\n", cases[i][0], n ? "taken" : why);
        CU_ASSERT(!cases[i][1] || n || strstr(why, cases[i][1]));
    }
    for (int i = 0; i < 65; i++)
        strcat(many, i ? ";1*none" : "1*none");
    CU_ASSERT_EQUAL(sweep_groups_parse(many, spec, why), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "more than 64"));
}

static void flags(void) {
    kern_shape s = {.norm_bias = 1};
    char why[DIAG_TEXT];
    CU_ASSERT(sweep_flags_parse("", &s, why));
    CU_ASSERT(sweep_flags_parse("norms=4;routerbias;gate=head;sinks=swa;nonormbias;idxdim=128;embdim=512;mlpbias=1", &s,
                                why));
    CU_ASSERT(s.norms == 4 && s.router_bias == 1 && s.attn_gate == KERN_GATE_HEAD && s.sinks && s.sinks_sliding_only);
    CU_ASSERT(s.norm_bias == 0 && s.index_dim == 128 && s.embed_dim == 512 && s.mlp_bias == 1 && s.no_head == 0);
    static const char *const bad[] = {"x",         "norms",    ";",       "norms=4;;sinks", "gate=",
                                      "gate=both", "norms=-1", "sinks=2", "norms=16777217", "norms = 4"};
    for (size_t i = 1; i < COUNT(bad); i++) {
        int taken = sweep_flags_parse(bad[i], &s, why);
        if (taken && i > 1) printf("\ntaken: %s\n", bad[i]);
        CU_ASSERT(!taken || i == 1); /* a number without '=' is 1 */
    }
    CU_ASSERT(!sweep_flags_parse(bad[0], &s, why) && strstr(why, "unknown key: 'x'"));
}

static void mixers(void) {
    kern_shape s = {.hidden = 1};
    char why[DIAG_TEXT];
    CU_ASSERT(sweep_mixers_parse("gdn:kh=16;vh=32;kd=128;vd=64;conv=4|conv:L=3", &s, why));
    const kern_mixer *x = &s.mixer[KERN_PART_GDN];
    CU_ASSERT(s.has_mixer[KERN_PART_GDN] && s.has_mixer[KERN_PART_CONV] && !s.has_mixer[KERN_PART_KDA]);
    CU_ASSERT(x->key_heads == 16 && x->heads == 32 && x->key_dim == 128 && x->head_dim == 64 && x->conv == 4);
    CU_ASSERT_EQUAL(s.mixer[KERN_PART_CONV].conv, 3);
    static const char *const bad[] = {
        "gdn", "gdn kh=1",           "GDN:kh=1",  "gdn:xh=1", "gdn:kh=65537",   "gdn:kh=-1",
        "|",   "gdn:kh=1||conv:L=3", "gdn:;kh=1", "attn:q=1", "mamba2:nonorm=2"};
    for (size_t i = 0; i < COUNT(bad); i++)
        CU_ASSERT(!sweep_mixers_parse(bad[i], &s, why) && *why);
}

/** Random bytes of the grammar's own alphabet never break the parsers. */
static void garbage(void) {
    static const char letters[] = "0123456789*+;:,()=|.- atnmlpoegdqkvwhicrx";
    sweep_group_spec spec[SWEEP_GROUPS_MAX];
    kern_shape s = {.hidden = 1};
    char why[DIAG_TEXT], text[600];
    uint64_t state = 1;
    for (int i = 0; i < 5000; i++) {
        size_t n = (size_t)i % (sizeof text - 1);
        for (size_t k = 0; k < n; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            text[k] = letters[(state >> 33) % (sizeof letters - 1)];
        }
        text[n] = 0;
        sweep_groups_parse(text, spec, why);
        sweep_flags_parse(text, &s, why);
        sweep_mixers_parse(text, &s, why);
    }
    CU_PASS("no crash");
}

/** Parameters of one layer of a group. */
static int64_t layer(const char *model, uint32_t group) {
    const kern_model *m = sweep_find_model(fixture_catalogs(), model);
    return m && group < m->n_groups ? kern_tensors_params(m->groups[group].tensors, m->groups[group].n_tensors) : -1;
}

static int64_t globals(const char *model) {
    const kern_model *m = sweep_find_model(fixture_catalogs(), model);
    return m ? kern_tensors_params(m->globals, m->n_globals) : -1;
}

#define L INT64_C(1)

static void dense_layers(void) {
    CU_ASSERT_EQUAL(layer("llama-3.1-8b", 0), 2 * 4096 * 4096 + 2 * 1024 * 4096 + 3 * 14336 * 4096 + 2 * 4096);
    CU_ASSERT_EQUAL(globals("llama-3.1-8b"), 2 * L * 128256 * 4096 + 4096);
    /* query and key norms of one head */
    CU_ASSERT_EQUAL(layer("qwen3-8b", 0), 2 * 4096 * 4096 + 2 * 1024 * 4096 + 3 * 12288 * 4096 + 2 * 128 + 2 * 4096);
    /* four norms, tied embedding; windows change nothing */
    CU_ASSERT_EQUAL(layer("gemma-3-27b", 0),
                    2 * 4096 * 5376 + 2 * 2048 * 5376 + 3 * L * 21504 * 5376 + 2 * 128 + 4 * 5376);
    CU_ASSERT_EQUAL(layer("gemma-3-27b", 0), layer("gemma-3-27b", 1));
}

static void mixture_layers(void) {
    const int64_t attention = 2 * 4096 * 4096 + 2 * 1024 * 4096;
    CU_ASSERT_EQUAL(layer("mixtral-8x7b", 0), attention + 8 * 3 * L * 14336 * 4096 + 8 * 4096 + 2 * 4096);
    /* gpt-oss: biases everywhere, a sink per head, router and expert biases */
    const int64_t qkv = (4096 + 512 + 512) * (2880 + L), o = 2880 * (4096 + L);
    const int64_t experts = 32 * (3 * L * 2880 * 2880 + 2 * 2880 + 2880), router = 32 * (2880 + L);
    CU_ASSERT_EQUAL(layer("gpt-oss-20b", 0), qkv + o + 64 + experts + router + 2 * 2880);
}

static void latent_layers(void) {
    const int64_t h = 7168, q = 1536 * h + 1536 + 128 * 192 * L * 1536, kv = 576 * h + 512 + 2 * 128 * 128 * L * 512;
    const int64_t attention = q + kv + h * 128 * 128, norms = 2 * h;
    CU_ASSERT_EQUAL(attention, 187107328);
    CU_ASSERT_EQUAL(layer("deepseek-v3", 0), attention + 3 * 18432 * h + norms);
    CU_ASSERT_EQUAL(layer("deepseek-v3", 1), attention + 257 * 3 * 2048 * h + 256 * h + 256 + norms);
    /* MTP: copies of embedding and head, the projection of two hidden states, three norms */
    CU_ASSERT_EQUAL(layer("deepseek-v3", 2), layer("deepseek-v3", 1) + 2 * 129280 * h + 2 * h * h + 3 * h);
    /* the indexer of V3.2: queries, keys with a norm and its bias, a weight per head */
    CU_ASSERT_EQUAL(layer("deepseek-v3.2", 0) - layer("deepseek-v3", 0), 64 * 128 * 1536 + 128 * h + 2 * 128 + 64 * h);
}

static void recurrent_layers(void) {
    const int64_t h = 2048, k = 16 * 128, v = 32 * 128;
    const int64_t mix = (2 * k + 2 * v + 2 * 32) * h + (2 * k + v) * 4 + 2 * 32 + 128 + v * h;
    const int64_t moe = 512 * 3 * L * 512 * h + 3 * 512 * h + h + 512 * h;
    CU_ASSERT_EQUAL(layer("qwen3-next-80b-a3b", 0), mix + moe + 2 * h);
    /* gated attention: an output gate as wide as the heads */
    const int64_t attention = 3 * 4096 * h + 2 * 512 * h + 2 * 256;
    CU_ASSERT_EQUAL(layer("qwen3-next-80b-a3b", 1), attention + moe + 2 * h);
    /* mamba 1: in, convolution with bias, x, dt with bias, A and D, out, one norm */
    CU_ASSERT_EQUAL(layer("mamba-2.8b", 0),
                    2 * 5120 * 2560 + 5120 * 5 + 192 * 5120 + 5120 * 161 + 5120 * 17 + 2560 * 5120 + 2560);
}

static void odd_layers(void) {
    const int64_t h = 2048, gemma = 2 * 2048 * h + 2 * 512 * h + 3 * 16384 * h + 2 * 256 + 1327184 + 4 * h;
    for (uint32_t g = 0; g < 4; g++)
        CU_ASSERT_EQUAL(layer("gemma-3n-e4b", g), gemma); /* layers that share a cache keep their matrices */
    /* layers without K and V of their own: no matrices, no key norm */
    CU_ASSERT_EQUAL(layer("hunyuan-large", 0) - layer("hunyuan-large", 1), 2 * 640 * 6400 + 80);
    /* T5: two matrices per feed-forward, the decoder with cross attention and a third norm */
    CU_ASSERT_EQUAL(layer("t5-small", 0), 4 * 512 * 512 + 2 * 2048 * 512 + 2 * 512);
    CU_ASSERT_EQUAL(layer("t5-small", 1), 8 * 512 * 512 + 2 * 2048 * 512 + 3 * 512);
    CU_ASSERT_EQUAL(globals("t5-small"), 32128 * 512 + 2 * 512 + 512);
}

/** What caches are computed from. */
static void resolved_parts(void) {
    const sweep_catalogs *c = fixture_catalogs();
    const kern_part *p = sweep_find_model(c, "deepseek-v3")->groups[0].parts;
    CU_ASSERT(p->kind == KERN_PART_MLA && p->owns_cache && p->kv_lora == 512 && p->rope_dim == 64 && p->kv_heads == 1);
    const kern_model *m = sweep_find_model(c, "gemma-3n-e4b");
    CU_ASSERT(m->groups[1].parts[0].window == 512 && m->groups[1].parts[0].owns_cache);
    CU_ASSERT(m->groups[3].parts[0].window == 512 && !m->groups[3].parts[0].owns_cache);
    m = sweep_find_model(c, "t5-small");
    CU_ASSERT(m->groups[1].parts[1].cross && !m->groups[1].parts[1].owns_cache && m->groups[1].parts[0].owns_cache);
    CU_ASSERT(m->groups[0].kind == KERN_GROUP_ENCODER);
    p = sweep_find_model(c, "qwen3-next-80b-a3b")->groups[0].parts;
    CU_ASSERT(p->state_elems == 32 * 128 * 128 && p->conv_elems == (2 * 16 + 32) * 128 * 3 && p->state_heads == 32);
    CU_ASSERT(!sweep_find_model(c, "hunyuan-large")->groups[1].parts[0].owns_cache);
    CU_ASSERT_EQUAL(sweep_find_model(c, "llama-4-scout")->groups[1].parts[0].chunk, 8192);
}

CU_TestInfo groups_tests[] = {
    {"good groups", good_groups},
    {"overrides", overrides},
    {"bad groups", bad_groups},
    {"flags", flags},
    {"mixers", mixers},
    {"garbage", garbage},
    {"dense layers", dense_layers},
    {"mixture layers", mixture_layers},
    {"latent attention", latent_layers},
    {"recurrent layers", recurrent_layers},
    {"odd layers", odd_layers},
    {"resolved parts", resolved_parts},
    CU_TEST_INFO_NULL,
};
