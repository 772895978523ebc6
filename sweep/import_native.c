/*
 * import_native.c - the format of the released weights: dtype, or what quantization_config says, as a row of
 * formats.csv. A scheme that has no row is refused.
 */
#include <string.h>

#include "sweep/import_internal.h"

/** A scheme and the row it is; bits and group 0: any. `experts`: attention is left out. */
static const struct scheme {
    const char *method, *kind;
    int64_t bits, group;
    int experts; /* -1: does not matter */
    const char *format;
} schemes[] = {
    {"fp8", "block", 8, 128, -1, "fp8-block128"},
    {"fp8", "tensor", 8, 0, -1, "fp8-tensor"},
    {"fbgemm_fp8", "", 0, 0, -1, "fp8-channel"},
    {"mxfp4", "", 0, 0, -1, "mxfp4-experts"},
    {"gptq", "", 4, 128, -1, "int4-g128-gptq"},
    {"gptq", "", 4, 64, -1, "int4-g64-gptq"},
    {"gptq", "", 4, 32, -1, "int4-g32-gptq"},
    {"gptq", "", 3, 128, -1, "int3-g128-gptq"},
    {"gptq", "", 8, 128, -1, "int8-g128-gptq"},
    {"awq", "", 4, 128, -1, "int4-g128-awq"},
    {"hqq", "", 4, 64, -1, "hqq-4bit-g64"},
    {"mlx", "", 2, 64, -1, "mlx-2bit-g64"},
    {"mlx", "", 3, 64, -1, "mlx-3bit-g64"},
    {"mlx", "", 4, 64, -1, "mlx-4bit-g64"},
    {"mlx", "", 5, 64, -1, "mlx-5bit-g64"},
    {"mlx", "", 6, 64, -1, "mlx-6bit-g64"},
    {"mlx", "", 8, 64, -1, "mlx-8bit-g64"},
    {"bitsandbytes", "int8", 0, 0, -1, "bnb-int8"},
    {"bitsandbytes", "nf4", 0, 0, -1, "nf4"},
    {"bitsandbytes", "nf4-dq", 0, 0, -1, "nf4-dq"},
    {"bitsandbytes", "fp4", 0, 0, -1, "fp4-bnb"},
    {"modelopt", "NVFP4", 0, 0, -1, "nvfp4"},
    {"modelopt", "FP8", 0, 0, -1, "fp8-tensor"},
    {"compressed-tensors", "int-group", 4, 32, 1, "int4-g32-experts"},
    {"compressed-tensors", "int-group", 4, 32, 0, "int4-g32-sym-ct"},
    {"compressed-tensors", "int-group", 4, 128, 0, "int4-g128-sym-ct"},
    {"compressed-tensors", "int-channel", 8, 0, 0, "int8-channel"},
    {"compressed-tensors", "float-channel", 8, 0, 0, "fp8-channel"},
    {"compressed-tensors", "float-tensor", 8, 0, 0, "fp8-tensor"},
    {"compressed-tensors", "float-block", 8, 0, 0, "fp8-block128"},
    {"compressed-tensors", "float-tensor_group", 4, 16, 0, "nvfp4"},
    {"compressed-tensors", "float-group", 4, 32, 1, "mxfp4-experts"},
    {"compressed-tensors", "float-group", 4, 32, 0, "mxfp4"},
};

/** The scheme of a config as the table has it. */
typedef struct found {
    const char *method;
    char kind[IMPORT_TEXT];
    int64_t bits, group;
    int experts;
} found;

#define Q "quantization_config."
#define G "quantization_config.config_groups.group_0.weights."

static int names_attention(import_config *x, const char *list) {
    const json_t *names = import_find(x, list);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (name && strstr(name, "self_attn") && !strstr(name, "self_attn.")) return 1;
        if (name && strstr(name, "self_attn.*")) return 1;
    }
    return 0;
}

static void read_compressed(import_config *x, found *f) {
    const char *type = import_word(x, G "type"), *strategy = import_word(x, G "strategy");
    const json_t *groups = import_find(x, Q "config_groups");
    f->bits = import_int(x, G "num_bits", 0, 64);
    f->group = import_int(x, G "group_size", 0, 1 << 20);
    f->experts = names_attention(x, Q "ignore");
    snprintf(f->kind, sizeof f->kind, "%s-%s", type ? type : "", strategy ? strategy : "");
    if (json_object_size(groups) > 1)
        import_fault(x, ERR_RANGE, "config_groups", "several groups of formats are not known here");
}

static void read_bitsandbytes(import_config *x, found *f) {
    const char *type = import_word(x, Q "bnb_4bit_quant_type");
    int twice = import_flag(x, Q "bnb_4bit_use_double_quant", 0);
    if (import_flag(x, Q "load_in_8bit|" Q "_load_in_8bit", 0)) type = "int8";
    snprintf(f->kind, sizeof f->kind, "%s%s", type ? type : "fp4",
             type && twice && strcmp(type, "nf4") == 0 ? "-dq" : "");
}

static void read_scheme(import_config *x, found *f) {
    f->method = import_word(x, Q "quant_method");
    if (!f->method && import_find(x, "quantization")) { /* mlx-lm */
        f->method = "mlx";
        f->bits = import_int(x, "quantization.bits|" Q "bits", 0, 64);
        f->group = import_int(x, "quantization.group_size|" Q "group_size", 64, 1 << 20);
        return;
    }
    if (!f->method) f->method = import_find(x, Q "quant_algo") ? "modelopt" : "";
    if (strcmp(f->method, "fp8") == 0) {
        const json_t *block = import_list(x, Q "weight_block_size", 2);
        snprintf(f->kind, sizeof f->kind, "%s", block ? "block" : "tensor");
        f->bits = 8;
        f->group = block ? import_item(x, block, 0, "weight_block_size") : 0;
    } else if (strcmp(f->method, "compressed-tensors") == 0) {
        read_compressed(x, f);
    } else if (strcmp(f->method, "bitsandbytes") == 0) {
        read_bitsandbytes(x, f);
    } else if (strcmp(f->method, "modelopt") == 0) {
        const char *algo = import_word(x, Q "quant_algo");
        snprintf(f->kind, sizeof f->kind, "%s", algo ? algo : "");
    } else {
        f->bits = import_int(x, Q "bits|" Q "nbits|" Q "weight_config.bits", 0, 64);
        f->group = import_int(x, Q "group_size", 0, 1 << 20);
    }
}

static const char *scheme_format(const found *f) {
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const struct scheme *s = &schemes[i];
        if (strcmp(s->method, f->method) != 0 || (*s->kind && strcmp(s->kind, f->kind) != 0)) continue;
        if ((s->bits && s->bits != f->bits) || (s->group && s->group != f->group)) continue;
        if (s->experts < 0 || s->experts == f->experts) return s->format;
    }
    return NULL;
}

static const char *dtype_format(import_config *x) {
    static const struct {
        const char *word, *format;
    } types[] = {{"bfloat16", "bf16"},       {"float16", "fp16"},       {"float32", "fp32"},
                 {"torch.bfloat16", "bf16"}, {"torch.float16", "fp16"}, {"torch.float32", "fp32"},
                 {"half", "fp16"},           {"float", "fp32"},         {"bf16", "bf16"}};
    const char *word = import_word(x, "torch_dtype|dtype");
    if (word && strcmp(word, "auto") == 0) word = NULL;
    for (size_t i = 0; word && i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].word, word) == 0) return types[i].format;
    }
    if (word) import_fault(x, ERR_NAME, "torch_dtype", "'%.40s' is no type known here", word);
    const char *format = x->arch->traits & IMPORT_FP32 ? "fp32" : "bf16";
    import_assume(x, "torch_dtype=%s", format);
    return format;
}

void import_native(import_config *x) {
    found f = {.method = ""};
    const char *file_type = import_word(x, "gguf_file_type");
    if (file_type && *file_type) {
        x->native = file_type;
        return;
    }
    if (!import_find(x, "quantization_config|quantization|compression_config")) {
        x->native = dtype_format(x);
        return;
    }
    import_word(x, "torch_dtype|dtype");
    const char *experts = import_word(x, "expert_dtype");
    read_scheme(x, &f);
    x->native = scheme_format(&f);
    if (x->native && experts && strcmp(experts, "fp4") == 0 && strcmp(x->native, "fp8-block128") == 0)
        x->native = "mxfp4-experts-fp8";
    if (!x->native)
        import_fault(x, ERR_RANGE, "quantization_config",
                     "'%.40s' %.60s with %lld bits and groups of %lld is no format known here", f.method, f.kind,
                     (long long)f.bits, (long long)f.group);
}
