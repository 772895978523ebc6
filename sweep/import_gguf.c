/*
 * import_gguf.c - header of a GGUF file, versions 2 and 3, little-endian: metadata, then name, shape, type and place of
 * each tensor. Every length is held against what is left of the file before it is believed; values of metadata that no
 * model needs are skipped. Widths of types are rows of formats.csv (ggml-q4_k, ...).
 */
#include <stdlib.h>
#include <string.h>

#include "sweep/import_internal.h"
#include "sweep/import_tensors.h"

enum {
    HEADER_MAX = 1 << 26,
    KEY_MAX = 512,
    NAME_MAX_BYTES = 4096,
    WORD_MAX = 4096,
    ITEMS_KEPT = 4096,
    METADATA_MAX = 65536,
    DIMS_MAX = 4
};

/** Kinds of metadata values, numbered by the format. */
typedef enum gguf_kind {
    GGUF_U8,
    GGUF_I8,
    GGUF_U16,
    GGUF_I16,
    GGUF_U32,
    GGUF_I32,
    GGUF_F32,
    GGUF_BOOL,
    GGUF_STRING,
    GGUF_ARRAY,
    GGUF_U64,
    GGUF_I64,
    GGUF_F64,
    GGUF_KINDS
} gguf_kind;

static const uint8_t kind_bytes[GGUF_KINDS] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

/** Row of formats.csv of each tensor type, numbered by the format; NULL: none. */
static const char *const type_formats[] = {
    "fp32",       "fp16",       "ggml-q4_0",    "ggml-q4_1",   NULL,           NULL,         "ggml-q5_0",
    "ggml-q5_1",  "ggml-q8_0",  "ggml-q8_1",    "ggml-q2_k",   "ggml-q3_k",    "ggml-q4_k",  "ggml-q5_k",
    "ggml-q6_k",  "ggml-q8_k",  "ggml-iq2_xxs", "ggml-iq2_xs", "ggml-iq3_xxs", "ggml-iq1_s", "ggml-iq4_nl",
    "ggml-iq3_s", "ggml-iq2_s", "ggml-iq4_xs",  NULL,          NULL,           NULL,         NULL,
    NULL,         "ggml-iq1_m", "bf16",         NULL,          NULL,           NULL,         "ggml-tq1_0",
    "ggml-tq2_0", NULL,         NULL,           NULL,          "ggml-mxfp4",
};

typedef struct reader {
    FILE *in;
    const char *path;
    int64_t at, left; /* [bytes] */
    diags *faults;
} reader;

static err cut_off(reader *r, const char *what) {
    return diag_add(r->faults, ERR_SYNTAX, r->path, 0, 0, NULL, "%s at byte %lld: the file ends within it", what,
                    (long long)r->at);
}

/** Bytes of a header that is read, whatever a large file could hold. */
static err too_long(reader *r) {
    return diag_add(r->faults, ERR_LIMIT, r->path, 0, 0, NULL, "a header of more than %d MiB", HEADER_MAX >> 20);
}

static err take(reader *r, void *to, int64_t n, const char *what) {
    if (r->at > HEADER_MAX - n) return too_long(r);
    if (n > r->left || fread(to, 1, (size_t)n, r->in) != (size_t)n) return cut_off(r, what);
    r->at += n;
    r->left -= n;
    return ERR_OK;
}

static err skip(reader *r, uint64_t n, const char *what) {
    if (n <= (uint64_t)r->left && n > (uint64_t)(HEADER_MAX - r->at)) return too_long(r);
    if (n > (uint64_t)r->left || fseeko(r->in, (off_t)n, SEEK_CUR) != 0) return cut_off(r, what);
    r->at += (int64_t)n;
    r->left -= (int64_t)n;
    return ERR_OK;
}

static err take_number(reader *r, int bytes, uint64_t *out, const char *what) {
    unsigned char raw[8];
    *out = 0;
    TRY(take(r, raw, bytes, what));
    for (int i = bytes - 1; i >= 0; i--)
        *out = *out << 8 | raw[i];
    return ERR_OK;
}

/** Text of at most `room - 1` bytes; a longer one is a fault when `whole`, else skipped and left empty. */
static err take_text(reader *r, char *to, size_t room, int whole, const char *what) {
    uint64_t n;
    *to = 0;
    TRY(take_number(r, 8, &n, what));
    if (n >= room && whole)
        return diag_add(r->faults, ERR_LIMIT, r->path, 0, 0, NULL,
                        "%s of %llu bytes at byte %lld, expected fewer than %zu", what, (unsigned long long)n,
                        (long long)r->at, room);
    if (n >= room) return skip(r, n, what);
    TRY(take(r, to, (int64_t)n, what));
    to[n] = 0;
    return ERR_OK;
}

static json_t *number_value(gguf_kind kind, uint64_t raw) {
    float f;
    double d;
    uint32_t low = (uint32_t)raw;
    memcpy(&f, &low, sizeof f);
    memcpy(&d, &raw, sizeof d);
    switch (kind) {
    case GGUF_F32:
        return json_real(f);
    case GGUF_F64:
        return json_real(d);
    case GGUF_BOOL:
        return json_boolean(raw != 0);
    case GGUF_I8:
        return json_integer((int8_t)raw);
    case GGUF_I16:
        return json_integer((int16_t)raw);
    case GGUF_I32:
        return json_integer((int32_t)raw);
    default:
        return json_integer((json_int_t)raw);
    }
}

static err bad_kind(reader *r, uint64_t kind) {
    return diag_add(r->faults, ERR_TYPE, r->path, 0, 0, NULL,
                    "a metadata value of kind %llu at byte %lld, expected 0 to 12", (unsigned long long)kind,
                    (long long)r->at);
}

/** An array: numbers are kept when they are few, of texts only how many there are. */
static err take_array(reader *r, json_t **out) {
    uint64_t kind, n, raw;
    TRY(take_number(r, 4, &kind, "an array"));
    TRY(take_number(r, 8, &n, "an array"));
    if (kind >= GGUF_KINDS || kind == GGUF_ARRAY) return bad_kind(r, kind);
    unsigned least = kind == GGUF_STRING ? 8 : kind_bytes[kind];
    if (n > (uint64_t)r->left / least) return cut_off(r, "an array");
    if (kind == GGUF_STRING) {
        *out = json_integer((json_int_t)n);
        for (uint64_t i = 0; i < n; i++) {
            char word[1];
            TRY(take_text(r, word, sizeof word, 0, "an array's text"));
        }
        return ERR_OK;
    }
    if (n > ITEMS_KEPT) return skip(r, n * least, "an array");
    *out = json_array();
    for (uint64_t i = 0; i < n; i++) {
        TRY(take_number(r, (int)least, &raw, "an array"));
        json_array_append_new(*out, number_value((gguf_kind)kind, raw));
    }
    return ERR_OK;
}

static err take_value(reader *r, json_t **out) {
    uint64_t kind, raw;
    char word[WORD_MAX];
    TRY(take_number(r, 4, &kind, "a metadata value"));
    if (kind >= GGUF_KINDS) return bad_kind(r, kind);
    if (kind == GGUF_ARRAY) return take_array(r, out);
    if (kind == GGUF_STRING) {
        TRY(take_text(r, word, sizeof word, 0, "a metadata text"));
        *out = json_string(word); /* NULL when it is no UTF-8: left out */
        return ERR_OK;
    }
    TRY(take_number(r, kind_bytes[kind], &raw, "a metadata value"));
    *out = number_value((gguf_kind)kind, raw);
    return ERR_OK;
}

static err take_metadata(reader *r, uint64_t n, json_t *metadata) {
    for (uint64_t i = 0; i < n; i++) {
        char key[KEY_MAX];
        json_t *value = NULL;
        TRY(take_text(r, key, sizeof key, 1, "a metadata key"));
        err e = take_value(r, &value);
        if (e == ERR_OK && json_object_get(metadata, key))
            e = diag_add(r->faults, ERR_DUPLICATE, r->path, 0, 0, NULL, "the metadata key '%.80s' stands twice", key);
        if (value) json_object_set_new(metadata, key, value);
        TRY(e);
    }
    return ERR_OK;
}

/** What tensors say beside their bytes. */
typedef struct facts {
    int64_t vocab, data_end;
    int head;
} facts;

static err take_type(reader *r, const sweep_catalogs *c, const char *name, const kern_format **out) {
    uint64_t type;
    TRY(take_number(r, 4, &type, "a tensor's type"));
    const char *format = type < sizeof type_formats / sizeof *type_formats ? type_formats[type] : NULL;
    *out = format ? sweep_find_weights(c, format) : NULL;
    if (*out) return ERR_OK;
    return diag_add(r->faults, ERR_NAME, r->path, 0, 0, NULL,
                    "'%.60s' is of type %llu, which formats.csv has no row for", name, (unsigned long long)type);
}

static err take_shape(reader *r, const char *name, int64_t dims[DIMS_MAX], int64_t *elements) {
    uint64_t n, d;
    TRY(take_number(r, 4, &n, "a tensor's shape"));
    if (n > DIMS_MAX)
        return diag_add(r->faults, ERR_RANGE, r->path, 0, 0, NULL, "'%.60s' has %llu dimensions, expected at most %d",
                        name, (unsigned long long)n, DIMS_MAX);
    *elements = 1;
    for (uint64_t i = 0; i < n; i++) {
        TRY(take_number(r, 8, &d, "a tensor's shape"));
        if (d > INT64_C(1) << 48 || __builtin_mul_overflow(*elements, (int64_t)d, elements) ||
            *elements > INT64_C(1) << 56)
            return diag_add(r->faults, ERR_RANGE, r->path, 0, 0, NULL, "'%.60s' has more than 2^56 elements", name);
        dims[i] = (int64_t)d;
    }
    return ERR_OK;
}

static err take_tensor(reader *r, const sweep_catalogs *c, import_tensors *out, facts *f) {
    char name[NAME_MAX_BYTES];
    int64_t dims[DIMS_MAX] = {1, 1, 1, 1}, elements = 0;
    uint64_t offset;
    const kern_format *type;
    TRY(take_text(r, name, sizeof name, 1, "a tensor's name"));
    TRY(take_shape(r, name, dims, &elements));
    TRY(take_type(r, c, name, &type));
    TRY(take_number(r, 8, &offset, "a tensor's place"));
    if (dims[0] % type->block)
        return diag_add(r->faults, ERR_RANGE, r->path, 0, 0, NULL, "'%.60s' has rows of %lld, %s has blocks of %lld",
                        name, (long long)dims[0], type->name, (long long)type->block);
    int64_t blocks = elements / type->block;
    int64_t bytes = (int64_t)((double)blocks * type->block_bytes);
    if (offset > INT64_C(1) << 60)
        return diag_add(r->faults, ERR_RANGE, r->path, 0, 0, NULL, "'%.60s' lies beyond 2^60", name);
    if ((int64_t)offset + bytes > f->data_end) f->data_end = (int64_t)offset + bytes;
    if (strcmp(name, "output.weight") == 0) f->head = 1;
    if (strcmp(name, "token_embd.weight") == 0) f->vocab = dims[1];
    err e = import_tensors_add(out, name, type->name, type->block == 1, elements, bytes);
    return e == ERR_OK ? e : diag_add(r->faults, e, r->path, 0, 0, NULL, "%s", err_text(e));
}

/** Data begins at the next multiple of general.alignment; it is all there, or none of it. */
static err check_data(reader *r, const json_t *metadata, const facts *f) {
    const json_t *given = json_object_get(metadata, "general.alignment");
    int64_t align = given ? json_integer_value(given) : 32;
    if (align < 1 || align > 1 << 20)
        return diag_add(r->faults, ERR_RANGE, r->path, 0, 0, "general.alignment", "found %lld, expected 1 to 2^20",
                        (long long)align);
    int64_t pad = (align - r->at % align) % align;
    if (r->left <= pad || r->left - pad >= f->data_end) return ERR_OK;
    return diag_add(r->faults, ERR_RANGE, r->path, 0, 0, NULL, "%lld bytes of data, the header says %lld",
                    (long long)(r->left - pad), (long long)f->data_end);
}

static err take_head(reader *r, uint64_t *tensors, uint64_t *metadata) {
    char magic[4];
    uint64_t version;
    TRY(take(r, magic, sizeof magic, "the header"));
    if (memcmp(magic, "GGUF", 4) != 0) return diag_add(r->faults, ERR_SYNTAX, r->path, 0, 0, NULL, "not a GGUF file");
    TRY(take_number(r, 4, &version, "the header"));
    if (version != 2 && version != 3)
        return diag_add(r->faults, ERR_RANGE, r->path, 0, 0, NULL, "GGUF version %llu, expected 2 or 3, little-endian",
                        (unsigned long long)version);
    TRY(take_number(r, 8, tensors, "the header"));
    TRY(take_number(r, 8, metadata, "the header"));
    if (*tensors > IMPORT_TENSORS_MAX || *metadata > METADATA_MAX)
        return diag_add(r->faults, ERR_LIMIT, r->path, 0, 0, NULL,
                        "%llu tensors and %llu metadata keys, expected at most %d and %d", (unsigned long long)*tensors,
                        (unsigned long long)*metadata, IMPORT_TENSORS_MAX, METADATA_MAX);
    return ERR_OK;
}

static err read_all(reader *r, const sweep_catalogs *c, import_tensors *out, json_t *metadata, facts *f) {
    uint64_t tensors = 0, keys = 0;
    TRY(take_head(r, &tensors, &keys));
    TRY(take_metadata(r, keys, metadata));
    for (uint64_t i = 0; i < tensors; i++)
        TRY(take_tensor(r, c, out, f));
    return check_data(r, metadata, f);
}

err import_gguf_read(const sweep_catalogs *c, const char *path, import_tensors *out, json_t **config, diags *faults) {
    facts f = {0};
    reader r = {.path = path, .faults = faults};
    TRY(import_open(path, &r.in, &r.left, faults));
    json_t *metadata = json_object();
    err e = metadata ? read_all(&r, c, out, metadata, &f)
                     : diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    *config = e == ERR_OK ? import_gguf_config(metadata, f.vocab, !f.head) : NULL;
    json_decref(metadata);
    fclose(r.in);
    return e;
}
