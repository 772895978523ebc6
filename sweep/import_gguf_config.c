/*
 * import_gguf_config.c - metadata of a GGUF file to the keys of a config.json, for architectures whose metadata say all
 * that a config does. The row then comes from the same rules as a config's.
 */
#include <string.h>

#include "sweep/import_tensors.h"

/** general.architecture and the architecture it is; `moe`: with experts. */
static const struct gguf_arch {
    const char *name, *arch, *moe;
} archs[] = {
    {"llama", "LlamaForCausalLM", "MixtralForCausalLM"},
    {"qwen2", "Qwen2ForCausalLM", NULL},
    {"qwen2moe", "Qwen2MoeForCausalLM", "Qwen2MoeForCausalLM"},
    {"qwen3", "Qwen3ForCausalLM", NULL},
    {"qwen3moe", "Qwen3MoeForCausalLM", "Qwen3MoeForCausalLM"},
    {"gemma", "GemmaForCausalLM", NULL},
    {"gemma2", "Gemma2ForCausalLM", NULL},
    {"gemma3", "Gemma3ForCausalLM", NULL},
    {"phi2", "PhiForCausalLM", NULL},
    {"phi3", "Phi3ForCausalLM", NULL},
    {"gpt2", "GPT2LMHeadModel", NULL},
    {"gptneox", "GPTNeoXForCausalLM", NULL},
    {"bloom", "BloomForCausalLM", NULL},
    {"starcoder2", "Starcoder2ForCausalLM", NULL},
    {"stablelm", "StableLmForCausalLM", NULL},
    {"command-r", "CohereForCausalLM", NULL},
    {"cohere2", "Cohere2ForCausalLM", NULL},
    {"olmo2", "Olmo2ForCausalLM", NULL},
    {"olmoe", "OlmoeForCausalLM", "OlmoeForCausalLM"},
    {"glm4", "Glm4ForCausalLM", NULL},
    {"granite", "GraniteForCausalLM", NULL},
    {"internlm2", "InternLM2ForCausalLM", NULL},
    {"baichuan", "BaichuanForCausalLM", NULL},
    {"minicpm", "MiniCPMForCausalLM", NULL},
    {"exaone", "ExaoneForCausalLM", NULL},
    {"smollm3", "SmolLM3ForCausalLM", NULL},
    {"seed_oss", "SeedOssForCausalLM", NULL},
    {"ernie4_5", "Ernie4_5ForCausalLM", NULL},
    {"hunyuan-dense", "HunYuanDenseV1ForCausalLM", NULL},
    {"nemotron", "NemotronForCausalLM", NULL},
    {"apertus", "ApertusForCausalLM", NULL},
    {"gpt-oss", "GptOssForCausalLM", "GptOssForCausalLM"},
    {"mamba", "MambaForCausalLM", NULL},
};

/** A key below the architecture's name and the key of a config. */
static const struct gguf_key {
    const char *from, *to;
} keys[] = {
    {"block_count", "num_hidden_layers"},
    {"embedding_length", "hidden_size"},
    {"feed_forward_length", "intermediate_size"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.key_length", "head_dim"},
    {"context_length", "max_position_embeddings"},
    {"attention.sliding_window", "sliding_window"},
    {"expert_count", "num_experts"},
    {"expert_used_count", "num_experts_per_tok"},
    {"expert_feed_forward_length", "moe_intermediate_size"},
    {"expert_shared_feed_forward_length", "shared_expert_intermediate_size"},
    {"ssm.conv_kernel", "conv_kernel"},
    {"ssm.state_size", "state_size"},
    {"ssm.time_step_rank", "time_step_rank"},
    {"use_parallel_residual", "use_parallel_residual"},
};

/** general.file_type to the row of formats.csv that it is; NULL: none. */
static const char *const file_types[] = {
    "fp32",        "gguf-f16",    "gguf-q4_0",    "gguf-q4_1",      NULL,          NULL,           NULL,
    "gguf-q8_0",   "gguf-q5_0",   "gguf-q5_1",    "gguf-q2_k",      "gguf-q3_k_s", "gguf-q3_k_m",  "gguf-q3_k_l",
    "gguf-q4_k_s", "gguf-q4_k_m", "gguf-q5_k_s",  "gguf-q5_k_m",    "gguf-q6_k",   "gguf-iq2_xxs", "gguf-iq2_xs",
    "gguf-q2_k_s", "gguf-iq3_xs", "gguf-iq3_xxs", "gguf-iq1_s",     "gguf-iq4_nl", "gguf-iq3_s",   "gguf-iq3_m",
    "gguf-iq2_s",  "gguf-iq2_m",  "gguf-iq4_xs",  "gguf-iq1_m",     "gguf-bf16",   NULL,           NULL,
    NULL,          "gguf-tq1_0",  "gguf-tq2_0",   "gguf-mxfp4-moe",
};

static const struct gguf_arch *find_arch(const char *name) {
    for (size_t i = 0; name && i < sizeof archs / sizeof *archs; i++) {
        if (strcmp(archs[i].name, name) == 0) return &archs[i];
    }
    return NULL;
}

static const json_t *value_of(const json_t *metadata, const char *arch, const char *key) {
    char name[128];
    snprintf(name, sizeof name, "%.60s.%.60s", arch, key);
    return json_object_get(metadata, name);
}

json_t *import_gguf_config(const json_t *metadata, int64_t vocab, int tied) {
    const struct gguf_arch *a = find_arch(json_string_value(json_object_get(metadata, "general.architecture")));
    if (!a) return NULL;
    int moe = a->moe && json_integer_value(value_of(metadata, a->name, "expert_count")) > 1;
    json_t *config = json_object(), *names = json_array();
    json_array_append_new(names, json_string(moe ? a->moe : a->arch));
    json_object_set_new(config, "architectures", names);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *v = value_of(metadata, a->name, keys[i].from);
        if (v) json_object_set(config, keys[i].to, (json_t *)v);
    }
    if (!vocab) vocab = json_integer_value(value_of(metadata, a->name, "vocab_size"));
    if (!vocab) vocab = json_integer_value(json_object_get(metadata, "tokenizer.ggml.tokens"));
    json_object_set_new(config, "vocab_size", json_integer(vocab));
    json_object_set_new(config, "tie_word_embeddings", json_boolean(tied));
    const json_t *type = json_object_get(metadata, "general.file_type");
    size_t t = type ? (size_t)json_integer_value(type) : SIZE_MAX;
    const char *format = t < sizeof file_types / sizeof *file_types ? file_types[t] : NULL;
    json_object_set_new(config, "gguf_file_type", json_string(format ? format : ""));
    return config;
}
