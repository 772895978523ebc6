/*
 * import_safetensors.c - headers of safetensors files: 8 bytes of length, then JSON with type, shape and place of each
 * tensor. Refused: a header longer than the file or 16 MiB, tensors that overlap, leave holes, or whose bytes are not
 * their shape, and files cut off within their data. A file that ends with its header counts as a header on its own.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep/import_internal.h"
#include "sweep/import_tensors.h"

enum { SHARDS_MAX = 1000, SHARD_NAME = 256 };

/** Types of the format and their width [bits]. */
static const struct type_width {
    const char *name;
    int bits, is_float;
} types[] = {{"BF16", 16, 1},   {"F16", 16, 1},    {"F32", 32, 1}, {"F64", 64, 1},    {"F8_E4M3", 8, 1},
             {"F8_E5M2", 8, 1}, {"F8_E8M0", 8, 0}, {"F4", 4, 1},   {"F6_E2M3", 6, 1}, {"F6_E3M2", 6, 1},
             {"I8", 8, 0},      {"U8", 8, 0},      {"I16", 16, 0}, {"U16", 16, 0},    {"I32", 32, 0},
             {"U32", 32, 0},    {"I64", 64, 0},    {"U64", 64, 0}, {"BOOL", 8, 0}};

/** Where a tensor lies in the data. */
typedef struct span {
    int64_t from, to;
} span;

static int by_start(const void *a, const void *b) {
    const span *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static const struct type_width *find_type(const char *name) {
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, name) == 0) return &types[i];
    }
    return NULL;
}

/** Elements of a shape; -1 when it is none. */
static int64_t shape_elements(const json_t *shape) {
    int64_t n = 1;
    if (!json_is_array(shape) || json_array_size(shape) > 16) return -1;
    for (size_t i = 0; i < json_array_size(shape); i++) {
        const json_t *d = json_array_get(shape, i);
        int64_t x = json_is_integer(d) ? json_integer_value(d) : -1;
        if (x < 0 || __builtin_mul_overflow(n, x, &n) || n > INT64_C(1) << 56) return -1;
    }
    return n;
}

static err take_tensor(const char *path, const char *name, const json_t *v, import_tensors *out, span *at,
                       diags *faults) {
    const struct type_width *type = find_type(json_string_value(json_object_get(v, "dtype")));
    int64_t n = shape_elements(json_object_get(v, "shape"));
    const json_t *place = json_object_get(v, "data_offsets");
    if (!type) return diag_add(faults, ERR_NAME, path, 0, 0, "dtype", "'%.60s' has no type known here", name);
    if (n < 0) return diag_add(faults, ERR_RANGE, path, 0, 0, "shape", "'%.60s' has no usable shape", name);
    if (json_array_size(place) != 2 || !json_is_integer(json_array_get(place, 0)) ||
        !json_is_integer(json_array_get(place, 1)))
        return diag_add(faults, ERR_TYPE, path, 0, 0, "data_offsets", "'%.60s': expected two numbers", name);
    at->from = json_integer_value(json_array_get(place, 0));
    at->to = json_integer_value(json_array_get(place, 1));
    int64_t bytes = (n * type->bits + 7) / 8;
    if (at->from < 0 || at->to < at->from || at->to - at->from != bytes)
        return diag_add(faults, ERR_RANGE, path, 0, 0, "data_offsets", "'%.60s': %lld to %lld, expected %lld bytes",
                        name, (long long)at->from, (long long)at->to, (long long)bytes);
    err e = import_tensors_add(out, name, type->name, type->is_float, n, bytes);
    return e == ERR_OK ? e : diag_add(faults, e, path, 0, 0, NULL, "%s", err_text(e));
}

/** The data must be covered once and wholly. */
static err check_spans(const char *path, span *spans, size_t n, int64_t data_bytes, diags *faults) {
    int64_t end = 0;
    qsort(spans, n, sizeof *spans, by_start);
    for (size_t i = 0; i < n; i++) {
        if (spans[i].from != end)
            return diag_add(faults, ERR_RANGE, path, 0, 0, "data_offsets", "tensors %s at byte %lld",
                            spans[i].from < end ? "overlap" : "leave a hole", (long long)end);
        end = spans[i].to;
    }
    if (data_bytes == 0 || data_bytes == end) return ERR_OK;
    return diag_add(faults, ERR_RANGE, path, 0, 0, NULL, "%lld bytes of data, the header says %lld",
                    (long long)data_bytes, (long long)end);
}

static err take_header(const char *path, json_t *root, int64_t data_bytes, import_tensors *out, diags *faults) {
    const char *name;
    json_t *v;
    size_t n = 0;
    span *spans = calloc(json_object_size(root) + 1, sizeof *spans);
    err e = spans ? ERR_OK : diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    json_object_foreach(root, name, v) {
        if (e != ERR_OK) break;
        if (strcmp(name, "__metadata__") == 0) continue;
        e = take_tensor(path, name, v, out, &spans[n], faults);
        n++;
    }
    if (e == ERR_OK) e = check_spans(path, spans, n, data_bytes, faults);
    free(spans);
    return e;
}

/** Length of the header, checked against the file. */
static err header_length(const char *path, FILE *in, int64_t file_bytes, int64_t *n, diags *faults) {
    unsigned char raw[8];
    uint64_t length = 0;
    if (fread(raw, 1, sizeof raw, in) != sizeof raw)
        return diag_add(faults, ERR_SYNTAX, path, 0, 0, NULL, "shorter than the 8 bytes of a safetensors file");
    for (int i = 7; i >= 0; i--)
        length = length << 8 | raw[i];
    if (length > IMPORT_FILE_MAX || length > (uint64_t)file_bytes - 8)
        return diag_add(faults, ERR_LIMIT, path, 0, 0, NULL,
                        "a header of %llu bytes, expected at most what the file of %lld holds and %d MiB",
                        (unsigned long long)length, (long long)file_bytes, IMPORT_FILE_MAX >> 20);
    *n = (int64_t)length;
    return ERR_OK;
}

static err read_open(const char *path, FILE *in, int64_t file_bytes, import_tensors *out, diags *faults) {
    int64_t n = 0;
    json_t *root = NULL;
    TRY(header_length(path, in, file_bytes, &n, faults));
    char *text = malloc((size_t)n + 1);
    if (!text) return diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    err e = fread(text, 1, (size_t)n, in) == (size_t)n
                ? ERR_OK
                : diag_add(faults, ERR_READ, path, 0, 0, NULL, "%s", err_text(ERR_READ));
    if (e == ERR_OK) e = import_json_parse(path, text, (size_t)n, &root, faults);
    if (e == ERR_OK) {
        e = take_header(path, root, file_bytes - 8 - n, out, faults);
        json_decref(root);
    }
    free(text);
    return e;
}

err import_safetensors_read(const char *path, import_tensors *out, diags *faults) {
    int64_t bytes = 0;
    FILE *in = NULL;
    TRY(import_open(path, &in, &bytes, faults));
    if (!out->all.tensors) out->tied = 1;
    err e = read_open(path, in, bytes, out, faults);
    fclose(in);
    return e;
}

/** Names of the shards, each once. */
static err collect_shards(const char *path, const json_t *map, char (*shard)[SHARD_NAME], size_t *n, diags *faults) {
    const char *name;
    json_t *v;
    *n = 0;
    json_object_foreach((json_t *)map, name, v) {
        const char *file = json_string_value(v);
        if (!file || !*file || strlen(file) >= SHARD_NAME || strchr(file, '/') || *file == '.')
            return diag_add(faults, ERR_TYPE, path, 0, 0, "weight_map",
                            "'%.60s': expected the name of a file beside it", name);
        size_t i = *n;
        while (i > 0 && strcmp(shard[i - 1], file) != 0)
            i--;
        if (i > 0) continue;
        if (*n == SHARDS_MAX)
            return diag_add(faults, ERR_LIMIT, path, 0, 0, "weight_map", "more than %d files", SHARDS_MAX);
        snprintf(shard[(*n)++], SHARD_NAME, "%s", file);
    }
    if (*n) return ERR_OK;
    return diag_add(faults, ERR_MISSING, path, 0, 0, "weight_map", "expected names of tensors and their files");
}

static err read_shards(const char *path, char (*shard)[SHARD_NAME], size_t n, import_tensors *out, arena *mem,
                       diags *faults) {
    const char *slash = strrchr(path, '/');
    size_t missing = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            const char *file = arena_printf(mem, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, shard[i]);
            if (!file) return diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
            if (pass == 0)
                missing += access(file, R_OK) != 0;
            else
                TRY(import_safetensors_read(file, out, faults));
        }
        if (missing == n) return ERR_OK;
        if (missing)
            return diag_add(faults, ERR_OPEN, path, 0, 0, "weight_map", "%zu of its %zu files are not beside it",
                            missing, n);
    }
    return ERR_OK;
}

static err read_index(const char *path, json_t *root, import_tensors *out, int64_t *total, arena *mem, diags *faults) {
    const json_t *size = json_object_get(json_object_get(root, "metadata"), "total_size");
    const json_t *map = json_object_get(root, "weight_map");
    char(*shard)[SHARD_NAME] = arena_alloc(mem, SHARDS_MAX, SHARD_NAME);
    size_t n;
    if (!shard) return diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    if (size && (!json_is_number(size) || !(json_number_value(size) >= 0 && json_number_value(size) < 0x1p60)))
        return diag_add(faults, ERR_RANGE, path, 0, 0, "total_size", "expected bytes from 0 to 2^60");
    *total = (int64_t)json_number_value(size);
    TRY(collect_shards(path, map, shard, &n, faults));
    TRY(read_shards(path, shard, n, out, mem, faults));
    if (out->all.tensors && (size_t)out->all.tensors != json_object_size(map))
        return diag_add(faults, ERR_RANGE, path, 0, 0, "weight_map", "%zu tensors, its files hold %lld",
                        json_object_size(map), (long long)out->all.tensors);
    if (out->all.tensors && size && *total != out->all.bytes)
        diag_add(faults, ERR_OK, path, 0, 0, "total_size", "%lld bytes, the files hold %lld", (long long)*total,
                 (long long)out->all.bytes);
    return ERR_OK;
}

err import_safetensors_index_read(const char *path, import_tensors *out, int64_t *total_bytes, diags *faults) {
    arena mem;
    const char *text;
    json_t *root = NULL;
    arena_init(&mem, NULL, NULL);
    err e = import_json_load(path, &mem, &text, &root, faults);
    if (e == ERR_OK) {
        e = read_index(path, root, out, total_bytes, &mem, faults);
        json_decref(root);
    }
    arena_fini(&mem);
    return e;
}
