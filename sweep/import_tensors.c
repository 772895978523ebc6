/*
 * import_tensors.c - tensors of a checkpoint summed up by class and type.
 */
#include <string.h>

#include "common/text.h"
#include "sweep/import_tensors.h"

static const char *const class_names[IMPORT_CLASSES] = {
    [IMPORT_EMBED] = "embed",         [IMPORT_HEAD] = "head",     [IMPORT_ATTN] = "attn",
    [IMPORT_LOWRANK] = "lowrank",     [IMPORT_MLP] = "mlp",       [IMPORT_EXPERT] = "expert",
    [IMPORT_SHARED] = "shared",       [IMPORT_ROUTER] = "router", [IMPORT_NORM] = "norm",
    [IMPORT_RECURRENT] = "recurrent", [IMPORT_STATE] = "state",   [IMPORT_VISION] = "vision",
    [IMPORT_SCALES] = "scales",       [IMPORT_OTHER] = "other",
};

/** Pieces of names, the first that is found decides. */
static const struct name_piece {
    const char *piece;
    import_class cls;
} pieces[] = {
    {"visual.", IMPORT_VISION},
    {"vision", IMPORT_VISION},
    {"audio_tower", IMPORT_VISION},
    {"mm_projector", IMPORT_VISION},
    {"multi_modal_projector", IMPORT_VISION},
    {"_scale", IMPORT_SCALES},
    {"scales", IMPORT_SCALES},
    {"qzeros", IMPORT_SCALES},
    {"g_idx", IMPORT_SCALES},
    {"absmax", IMPORT_SCALES},
    {"quant_state", IMPORT_SCALES},
    {"embed_tokens", IMPORT_EMBED},
    {"token_embd", IMPORT_EMBED},
    {"word_embeddings", IMPORT_EMBED},
    {"wte.", IMPORT_EMBED},
    {"wpe.", IMPORT_EMBED},
    {"embed_positions", IMPORT_EMBED},
    {"embed_in", IMPORT_EMBED},
    {"tok_embeddings", IMPORT_EMBED},
    {"position_embd", IMPORT_EMBED},
    {"backbone.embeddings", IMPORT_EMBED},
    {"lm_head", IMPORT_HEAD},
    {"embed_out", IMPORT_HEAD},
    {"norm", IMPORT_NORM},
    {"ln_", IMPORT_NORM},
    {".bias", IMPORT_NORM},
    {"sinks", IMPORT_NORM},
    {"gate_inp_shexp", IMPORT_ROUTER},
    {"shared_expert_gate", IMPORT_ROUTER},
    {"shared_expert", IMPORT_SHARED},
    {"shared_mlp", IMPORT_SHARED},
    {"_shexp", IMPORT_SHARED},
    {"share_expert", IMPORT_SHARED},
    {"experts", IMPORT_EXPERT},
    {"_exps", IMPORT_EXPERT},
    {"router", IMPORT_ROUTER},
    {"gate_inp", IMPORT_ROUTER},
    {"mlp.gate.", IMPORT_ROUTER},
    {"block_sparse_moe.gate.", IMPORT_ROUTER},
    {"e_score_correction", IMPORT_ROUTER},
    {"exp_probs", IMPORT_ROUTER},
    {"q_a_proj", IMPORT_LOWRANK},
    {"q_b_proj", IMPORT_LOWRANK},
    {"kv_a_proj", IMPORT_LOWRANK},
    {"kv_b_proj", IMPORT_LOWRANK},
    {"attn_q_a", IMPORT_LOWRANK},
    {"attn_q_b", IMPORT_LOWRANK},
    {"attn_kv_a", IMPORT_LOWRANK},
    {"attn_kv_b", IMPORT_LOWRANK},
    {"attn_k_b", IMPORT_LOWRANK},
    {"attn_v_b", IMPORT_LOWRANK},
    {"indexer", IMPORT_LOWRANK},
    {"conv1d", IMPORT_STATE},
    {"A_log", IMPORT_STATE},
    {"dt_bias", IMPORT_STATE},
    {".D", IMPORT_STATE},
    {"ssm_a", IMPORT_STATE},
    {"ssm_d", IMPORT_STATE},
    {"ssm_conv", IMPORT_STATE},
    {"linear_attn", IMPORT_RECURRENT},
    {"mixer.", IMPORT_RECURRENT},
    {"mamba", IMPORT_RECURRENT},
    {"ssm_", IMPORT_RECURRENT},
    {"shortconv", IMPORT_RECURRENT},
    {"conv.", IMPORT_RECURRENT},
    {"self_attn", IMPORT_ATTN},
    {"attn", IMPORT_ATTN},
    {"attention", IMPORT_ATTN},
    {"mlp", IMPORT_MLP},
    {"feed_forward", IMPORT_MLP},
    {"ffn_", IMPORT_MLP},
    {"fc1", IMPORT_MLP},
    {"fc2", IMPORT_MLP},
    {"dense_", IMPORT_MLP},
};

import_class import_class_of(const char *name) {
    if (strcmp(name, "output.weight") == 0) return IMPORT_HEAD;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (strstr(name, pieces[i].piece)) return pieces[i].cls;
    }
    return IMPORT_OTHER;
}

static int add(import_sum *s, int64_t elements, int64_t bytes) {
    s->tensors++;
    return !__builtin_add_overflow(s->elements, elements, &s->elements) &&
           !__builtin_add_overflow(s->bytes, bytes, &s->bytes) && s->bytes < INT64_C(1) << 60 &&
           s->elements < INT64_C(1) << 60;
}

err import_tensors_add(import_tensors *t, const char *name, const char *type, int is_float, int64_t elements,
                       int64_t bytes) {
    unsigned k = 0;
    while (k < t->n_types && strcmp(t->type[k], type) != 0)
        k++;
    if (k == IMPORT_TYPES_MAX || t->all.tensors >= IMPORT_TENSORS_MAX) return ERR_LIMIT;
    if (k == t->n_types) {
        snprintf(t->type[k], sizeof t->type[k], "%s", type);
        text_make_printable(t->type[k]);
        t->is_float[k] = is_float != 0;
        t->n_types++;
    }
    import_class c = import_class_of(name);
    if (c == IMPORT_HEAD) t->tied = 0;
    return add(&t->sum[c][k], elements, bytes) && add(&t->all, elements, bytes) ? ERR_OK : ERR_LIMIT;
}

/** A file's name without its folders: no paths of this machine in results. */
static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void put_sum(const char *file, const char *cls, const char *type, const import_sum *s, report_csv_text *to) {
    char name[512];
    snprintf(name, sizeof name, "%s", file);
    text_make_printable(name);
    report_csv_field(to, name);
    report_csv_raw(to, ",");
    report_csv_raw(to, cls);
    report_csv_raw(to, ",");
    report_csv_field(to, type);
    const int64_t numbers[] = {s->tensors, s->elements, s->bytes};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[32];
        snprintf(text, sizeof text, ",%lld", (long long)numbers[i]);
        report_csv_raw(to, text);
    }
    report_csv_raw(to, "\n");
}

void import_tensors_put(const import_tensors *t, const char *path, report_csv_text *to) {
    const char *file = base_name(path);
    for (unsigned c = 0; c < IMPORT_CLASSES; c++) {
        for (unsigned k = 0; k < t->n_types; k++) {
            if (t->sum[c][k].tensors) put_sum(file, class_names[c], t->type[k], &t->sum[c][k], to);
        }
    }
    put_sum(file, "total", "", &t->all, to);
}

void import_tensors_note(const import_tensors *t, char *out, size_t room) {
    int n = snprintf(out, room, "checkpoint: %lld bytes in %lld tensors", (long long)t->all.bytes,
                     (long long)t->all.tensors);
    for (unsigned c = 0; c < IMPORT_CLASSES; c++) {
        for (unsigned k = 0; k < t->n_types; k++) {
            const import_sum *s = &t->sum[c][k];
            if (!s->tensors || n < 0 || (size_t)n >= room) continue;
            n += snprintf(out + n, room - (size_t)n, "; %s %s %lld", class_names[c], t->type[k], (long long)s->bytes);
        }
    }
}
