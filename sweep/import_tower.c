/*
 * import_tower.c - parameters of vision and audio towers with their projectors. Plain towers are counted from
 * vision_config; those of one released size are a fixed number plus their projection to the language model. A tower
 * that is neither is refused.
 */
#include <string.h>

#include "sweep/import_internal.h"

#define MOST SWEEP_SIZE_MAX
#define V    "vision_config."

/** Sizes of a tower; `out` the width of the language model. */
typedef struct tower {
    int64_t h, inner, depth, patch, channels, out, merge, frames;
} tower;

static tower read_tower(import_config *x) {
    return (tower){
        .h = import_int(x, V "hidden_size", -1, MOST),
        .inner = import_int(x, V "intermediate_size", 0, MOST),
        .depth = import_int(x, V "depth|" V "num_hidden_layers", -1, 1024),
        .patch = import_int(x, V "patch_size|" V "spatial_patch_size", 14, 1024),
        .channels = import_int(x, V "in_channels|" V "in_chans|" V "num_channels", 3, 64),
        .out = x->hidden,
        .merge = import_int(x, V "spatial_merge_size|spatial_merge_size", 2, 64),
        .frames = import_int(x, V "temporal_patch_size", 2, 64),
    };
}

/** Qwen3-VL: blocks with biases, a merger, and one more merger for each layer whose features are added deeper. */
static int64_t qwen3(import_config *x) {
    tower t = read_tower(x);
    int64_t pos = import_int(x, V "num_position_embeddings", 0, MOST), wide = t.merge * t.merge * t.h;
    int64_t out = import_int(x, V "out_hidden_size", t.out, MOST);
    int64_t deep = (int64_t)json_array_size(import_find(x, V "deepstack_visual_indexes"));
    int64_t block = 4 * t.h * t.h + 4 * t.h + 2 * t.h * t.inner + t.inner + t.h + 4 * t.h;
    int64_t project = wide * wide + wide + wide * out + out;
    return t.channels * t.frames * t.patch * t.patch * t.h + t.h + pos * t.h + t.depth * block + 2 * t.h + project +
           deep * (2 * wide + project);
}

/** Qwen2.5-VL: gated blocks, RMS norms. */
static int64_t qwen25(import_config *x) {
    tower t = read_tower(x);
    int64_t wide = t.merge * t.merge * t.h, out = import_int(x, V "out_hidden_size", t.out, MOST);
    int64_t block = 4 * t.h * t.h + 4 * t.h + 3 * t.h * t.inner + 2 * t.inner + t.h + 2 * t.h;
    return t.channels * t.frames * t.patch * t.patch * t.h + t.depth * block + t.h + wide * wide + wide + wide * out +
           out;
}

/** SigLIP with Gemma 3's projector. */
static int64_t siglip(import_config *x) {
    tower t = read_tower(x);
    int64_t side = t.patch ? import_int(x, V "image_size", 896, 65536) / t.patch : 0;
    int64_t block = 4 * (t.h * t.h + t.h) + 2 * t.h * t.inner + t.inner + t.h + 4 * t.h;
    return t.channels * t.patch * t.patch * t.h + t.h + side * side * t.h + t.depth * block + 2 * t.h + t.h +
           t.h * t.out;
}

/** Pixtral with Mistral 3's patch merger and projector. */
static int64_t pixtral(import_config *x) {
    tower t = read_tower(x);
    int64_t block = 4 * t.h * t.h + 3 * t.h * t.inner + 2 * t.h;
    return t.channels * t.patch * t.patch * t.h + t.h + t.depth * block + t.h + t.merge * t.merge * t.h * t.h +
           t.h * t.out + t.out * t.out;
}

/** Llama 4: class token, norms before and after, a two-step adapter. */
static int64_t llama4(import_config *x) {
    tower t = read_tower(x);
    int64_t side = t.patch ? import_int(x, V "image_size", 336, 65536) / t.patch : 0;
    int64_t in = import_int(x, V "projector_input_dim", 4096, MOST),
            out = import_int(x, V "vision_output_dim", 4096, MOST);
    int64_t block = 4 * (t.h * t.h + t.h) + 2 * t.h * t.inner + t.inner + t.h + 4 * t.h;
    return t.channels * t.patch * t.patch * t.h + t.h + (side * side + 1) * t.h + 4 * t.h + t.depth * block +
           t.inner * in + in * out + out * t.out;
}

/** Towers released in one size: parameters without the projection, and those per unit of the language model's width. */
static const struct fixed {
    const char *arch, *key;
    int64_t value; /* of the key, by which the size is known */
    int64_t base, per_hidden;
} fixed[] = {
    {"MllamaForConditionalGeneration", V "hidden_size", 1280, 863567379, 7681},
    {"Gemma3nForConditionalGeneration", V "hidden_size", 2048, 983281504, 0},
    {"Gemma4ForConditionalGeneration", V "hidden_size", 1152, 569548080, 1152},
    {"Gemma4ForConditionalGeneration", V "hidden_size", 768, 472189216, 2304},
    {"KimiK25ForConditionalGeneration", V "vt_hidden_size|" V "hidden_size", 1152, 471136112, 0},
    {"Step3VLForConditionalGeneration", V "hidden_size|" V "width", 1792, 4675374592, 0},
};

static int64_t known_size(import_config *x) {
    int64_t value = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (strcmp(fixed[i].arch, x->arch->name) != 0) continue;
        value = import_int(x, fixed[i].key, 0, MOST);
        if (value == fixed[i].value) return fixed[i].base + fixed[i].per_hidden * x->hidden;
    }
    return import_fault(x, ERR_RANGE, "vision_config", "a tower of width %lld is not known for %s", (long long)value,
                        x->arch->name);
}

/** The catalog's row leaves it out, too: no figure is published. */
static int64_t uncounted(import_config *x) {
    import_assume(x, "the vision tower is not counted");
    return 0;
}

static const struct counted {
    const char *arch;
    int64_t (*params)(import_config *x);
} counted[] = {
    {"Qwen3VLForConditionalGeneration", qwen3},      {"Qwen3VLMoeForConditionalGeneration", qwen3},
    {"Qwen3_5ForConditionalGeneration", qwen3},      {"Qwen3_5MoeForConditionalGeneration", qwen3},
    {"Qwen2_5_VLForConditionalGeneration", qwen25},  {"Gemma3ForConditionalGeneration", siglip},
    {"Mistral3ForConditionalGeneration", pixtral},   {"Llama4ForConditionalGeneration", llama4},
    {"MllamaForConditionalGeneration", known_size},  {"Gemma3nForConditionalGeneration", known_size},
    {"Gemma4ForConditionalGeneration", known_size},  {"KimiK25ForConditionalGeneration", known_size},
    {"Step3VLForConditionalGeneration", known_size}, {"KimiK3ForConditionalGeneration", uncounted},
};

void import_tower(import_config *x) {
    const json_t *vision = import_find(x, "vision_config");
    import_find(x, "audio_config");
    if (!vision) return;
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        if (strcmp(counted[i].arch, x->arch->name) != 0) continue;
        x->vision_params = counted[i].params(x);
        return;
    }
    if (x->assume) {
        import_assume(x, "the vision tower is left out");
        return;
    }
    import_fault(x, ERR_KEY, "vision_config", "a vision tower is not known for %s; --assume leaves it out",
                 x->arch->name);
}
