/*
 * import_config.c - a config.json to a row: the architecture is named, its sizes are read, its layers laid out, and the
 * columns go through the same door as a row of models.csv.
 */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "common/text.h"
#include "sweep/import_internal.h"
#include "sweep/json_memory.h"

/** Lower-case letters, digits, dots and dashes of a name; what stands before a slash is left out. */
static void slug(const char *name, char *out, size_t room) {
    size_t n = 0;
    for (; *name && n + 1 < room; name++) {
        int c = tolower((unsigned char)*name);
        int plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
        if (plain)
            out[n++] = (char)c;
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    out[n] = 0;
}

static const char id_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";

/** Name of the model: the folder that a config.json lies in, or the name of the file without its ending. */
static void name_row(import_config *x) {
    char path[IMPORT_TEXT], name[IMPORT_TEXT] = "";
    const char *id = import_word(x, "_name_or_path");
    snprintf(path, sizeof path, "%s", strlen(x->file) < sizeof path ? x->file : "");
    char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
    if (strcmp(last, "config.json") == 0 && slash) {
        *slash = 0;
        slash = strrchr(path, '/');
        last = slash ? slash + 1 : path;
    } else {
        static const char *const endings[] = {"_config.json", ".config.json", ".json", ".gguf", ".safetensors"};
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
            size_t n = strlen(last), m = strlen(endings[i]);
            if (n > m && strcmp(last + n - m, endings[i]) == 0) last[n - m] = 0;
        }
    }
    slug(last, name, sizeof name);
    if (!*name || strcmp(name, "config") == 0) slug(x->arch->name, name, sizeof name);
    import_set(x, "name", "%s", name);
    import_set(x, "display_name", "%s", name);
    int is_id = id && strchr(id, '/') && strchr(id, '/') == strrchr(id, '/') && isalnum((unsigned char)*id) &&
                !id[strspn(id, id_letters)];
    import_set(x, "hf_id", "%.120s", is_id ? id : "");
}

static void set_size(import_config *x, const char *column, int64_t value) {
    if (value) import_set(x, column, "%lld", (long long)value);
}

static int any_layer(const import_config *x, int (*holds)(const import_layer *)) {
    for (int64_t i = 0; i < x->n_layers; i++) {
        if (holds(&x->layer[i])) return 1;
    }
    return 0;
}

static int is_recurrent(const import_layer *l) {
    return (l->mixer >= KERN_PART_GDN && l->mixer <= KERN_PART_RWKV7) || l->second == KERN_PART_MAMBA2;
}

static int is_sliding(const import_layer *l) {
    return l->window || l->chunk;
}

static void set_words(import_config *x) {
    const char *nope = import_word(x, "position_embedding_type");
    import_set(x, "family", "%s", x->arch->family);
    import_set(x, "architecture", "%s", x->arch->name);
    import_set(x, "tags", "@%s%s%s%s%s", x->experts ? "moe" : "dense", x->kv_lora ? " @mla" : "",
               any_layer(x, is_recurrent) ? " @hybrid" : "", any_layer(x, is_sliding) ? " @swa" : "",
               x->vision_params ? " @vision" : "");
    import_set(x, "params_total", "1");
    import_set(x, "params_total_exact", "yes");
    import_set(x, "tie_embeddings", "%s", x->tied ? "yes" : "no");
    import_set(x, "gated_mlp", "%s", x->gated ? "yes" : "no");
    import_set(x, "attn_bias", "%s", x->bias);
    import_set(x, "qk_norm", "%s", x->qk_norm);
    import_set(x, "norm", "%s", x->arch->traits & IMPORT_LN ? "ln" : "rms");
    import_set(x, "position", "%s", nope && strcmp(nope, "nope") == 0 ? "none" : x->arch->position);
    import_set(x, "linear_state", "%s", x->state.at);
    import_set(x, "native", "%s", x->native);
    import_set(x, "layer_groups", "%s", x->groups.at);
    import_set(x, "count_flags", "%s", x->flags.at);
    import_set(x, "evidence", "shape=read;total=computed");
    import_set(x, "source", "%s", x->from->name);
    import_set(x, "notes", "%s%s", *x->assumed ? "assumed: " : "", x->assumed);
}

void import_columns(import_config *x) {
    for (size_t i = 0; sweep_model_column(i) && i < SWEEP_IMPORT_COLUMNS_MAX; i++)
        x->value[i] = "";
    name_row(x);
    set_size(x, "hidden_size", x->hidden);
    set_size(x, "num_layers", x->n_decoder ? x->n_decoder : x->n_layers);
    import_set(x, "num_q_heads", "%lld", (long long)x->q_heads);
    import_set(x, "num_kv_heads", "%lld", (long long)x->kv_heads);
    import_set(x, "head_dim", "%lld", (long long)x->head_dim);
    import_set(x, "v_head_dim", "%lld", (long long)x->v_head_dim);
    import_set(x, "intermediate_size", "%lld", (long long)x->inner);
    set_size(x, "vocab_size", x->vocab);
    set_size(x, "max_position", x->context);
    set_size(x, "q_lora_rank", x->q_lora);
    set_size(x, "kv_lora_rank", x->kv_lora);
    set_size(x, "qk_rope_head_dim", x->rope_dim);
    set_size(x, "qk_nope_head_dim", x->nope_dim);
    set_size(x, "num_experts", x->experts);
    set_size(x, "experts_per_token", x->top_k);
    set_size(x, "moe_intermediate_size", x->moe_inner);
    set_size(x, "shared_intermediate_size", x->experts ? x->shared_inner : 0);
    set_size(x, "sliding_window", x->window);
    set_size(x, "vision_params", x->vision_params);
    set_size(x, "extra_params", x->extra_params);
    set_words(x);
}

/** `architectures` of the config, or of its language model when that one is known and the whole is not. */
static void find_architecture(import_config *x) {
    char near[DIAG_TEXT / 2];
    const json_t *list = json_object_get(x->root, "architectures");
    const char *name = json_string_value(json_array_get(list, 0));
    if (!name) {
        import_fault(x, ERR_MISSING, NULL, "'architectures' must name the architecture");
        return;
    }
    x->arch = import_arch_find(name);
    if (x->arch) return;
    text_suggest(name, import_arch_next, NULL, 2, near, sizeof near);
    import_fault(x, ERR_NAME, "architectures", "the architecture '%.60s' is not known%s%s", name, *near ? "; " : "",
                 near);
}

static void find_model(import_config *x) {
    const json_t *text = json_object_get(x->root, "text_config");
    if (!json_is_object(text)) text = json_object_get(x->root, "language_config");
    x->model = json_is_object(text) ? text : x->root;
}

/** All steps; each does nothing of harm after a fault, so the first one ends the row. */
static void build(import_config *x) {
    static void (*const steps[])(import_config *) = {import_shape, import_layers, import_feed_forward};
    static void (*const rest[])(import_config *) = {import_mixers, import_mtp,     import_native, import_tower,
                                                    import_groups, import_columns, import_unknown};
    find_model(x);
    find_architecture(x);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && x->first == ERR_OK; i++)
        steps[i](x);
    if (x->first == ERR_OK && x->arch->rule) x->arch->rule(x);
    for (size_t i = 0; i < sizeof rest / sizeof *rest && x->first == ERR_OK; i++)
        rest[i](x);
}

/** The finished model's parameters are its total: nothing else is known about it. */
static err finish(import_config *x, sweep_import_row *out) {
    const kern_model *m;
    import_set(x, "notes", "%s%s", *x->assumed ? "assumed: " : "", x->assumed);
    TRY(x->first);
    TRY(sweep_model_from_columns(x->c, x->keep, x->file, x->value, &m, x->faults));
    int64_t total = m->params_main + m->params_mtp + m->params_vision;
    if ((double)total >= 0x1p53) import_fault(x, ERR_RANGE, NULL, "%.3g parameters are beyond 2^53", (double)total);
    import_set(x, "params_total", "%lld", (long long)total);
    ((kern_model *)m)->params_total = total;
    for (size_t i = 0; sweep_model_column(i) && x->first == ERR_OK; i++) {
        out->value[i] = arena_text(x->keep, x->value[i], strlen(x->value[i]));
        if (!out->value[i]) import_fault(x, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
    }
    out->model = m;
    return x->first;
}

err import_build(const sweep_catalogs *c, arena *keep, const import_source *from, json_t *root, sweep_import_row *out,
                 diags *faults) {
    arena scratch;
    arena_init(&scratch, keep->hook, keep->ctx);
    import_config *x = arena_alloc(&scratch, 1, sizeof *x);
    err e = ERR_MEMORY;
    if (x) {
        *x = (import_config){.c = c,
                             .keep = keep,
                             .mem = &scratch,
                             .faults = faults,
                             .from = from,
                             .file = from->file,
                             .text = from->text,
                             .root = root,
                             .assume = from->assume,
                             .assumed = out->assumed};
        *x->assumed = 0;
        build(x);
        e = x->first == ERR_OK ? finish(x, out) : x->first;
    } else {
        diag_add(faults, e, from->file, 0, 0, NULL, "%s", err_text(e));
    }
    arena_fini(&scratch);
    return e;
}

/** ModelOpt keeps the scheme in a file of its own: hf_quant_config.json, whose `quantization` is put into the config.
 */
static err add_scheme(arena *scratch, const char *path, json_t *root, diags *faults) {
    const char *slash = strrchr(path, '/'), *text;
    json_t *beside, *scheme;
    if (json_object_get(root, "quantization_config")) return ERR_OK;
    const char *file = arena_printf(scratch, "%.*shf_quant_config.json", slash ? (int)(slash - path) + 1 : 0, path);
    if (!file || access(file, R_OK) != 0) return ERR_OK;
    TRY(import_json_load(file, scratch, &text, &beside, faults));
    scheme = json_object_get(beside, "quantization");
    if (json_is_object(scheme)) json_object_set(root, "quantization_config", scheme);
    json_decref(beside);
    return ERR_OK;
}

err sweep_import_config(const sweep_catalogs *c, arena *mem, const char *path, int assume, sweep_import_row *out,
                        diags *faults) {
    import_source from = {.file = arena_text(mem, path, strlen(path)), .name = "config.json", .assume = assume};
    arena scratch;
    json_t *root;
    if (!from.file) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    arena_init(&scratch, mem->hook, mem->ctx);
    sweep_json_lost(); /* by others */
    err e = import_json_load(from.file, &scratch, &from.text, &root, faults);
    if (e == ERR_OK) {
        e = add_scheme(&scratch, from.file, root, faults);
        if (e == ERR_OK) e = import_build(c, mem, &from, root, out, faults);
        json_decref(root);
    }
    arena_fini(&scratch);
    return sweep_json_lost() ? diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY)) : e;
}
