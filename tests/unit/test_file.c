/*
 * test_file.c - files appear whole or not at all: contents, compression, devices, full disk, refusal, nothing left
 * behind.
 */
#include "report/file.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/tt.h"

#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

enum { BIG = 3 << 20 };

static char folder[SCRATCH_PATH], path[2 * SCRATCH_PATH];

static const char *in_folder(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/** The i-th byte of a text that compresses, but not to nothing. */
static char byte_at(size_t i) {
    return (char)('a' + (i * i / 7 + i / 1000) % 26);
}

/** Writes BIG bytes in pieces of a size, by turns with another. */
static err write_mixed(const char *name, size_t piece, size_t other) {
    report_file *f;
    char *text = malloc(BIG);
    for (size_t i = 0; i < BIG; i++)
        text[i] = byte_at(i);
    err e = report_file_open(&f, in_folder(name), NULL);
    for (size_t at = 0, n = piece; e == ERR_OK && at < BIG; at += n, n = n == piece ? other : piece)
        report_file_write(f, text + at, BIG - at < n ? BIG - at : n);
    free(text);
    return e == ERR_OK ? report_file_commit(f, NULL) : e;
}

static err write_big(const char *name, size_t piece) {
    return write_mixed(name, piece, piece);
}

static int is_big(const char *text, size_t n) {
    size_t i = 0;
    while (i < n && i < BIG && text[i] == byte_at(i))
        i++;
    return n == BIG && i == BIG;
}

static void plain_contents(void) {
    size_t n;
    scratch_make(folder);
    /* Below, at and above the blocks that go out by themselves. */
    static const size_t piece[][2] = {{4097, 4097},   {131072, 131072},  {131073, 1},
                                      {262143, 4095}, {131071, 1048576}, {1500000, 77}};
    for (size_t i = 0; i < sizeof piece / sizeof piece[0]; i++) {
        TT_ERR(ERR_OK, write_mixed("plain.csv", piece[i][0], piece[i][1]));
        char *text = read_all(in_folder("plain.csv"), &n);
        CU_ASSERT(text && is_big(text, n));
        free(text);
    }
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 1);
    scratch_drop(folder);
}

/** A file long enough to have blocks asked for ahead keeps those that it fills. */
static void long_contents(void) {
    enum { PIECE = 1000003, PIECES = 80 };
    report_file *f;
    struct stat is;
    size_t n, wrong = 0;
    char *piece = malloc(PIECE);
    for (size_t i = 0; i < PIECE; i++)
        piece[i] = byte_at(i);
    scratch_make(folder);
    TT_ERR(ERR_OK, report_file_open(&f, in_folder("long.csv"), NULL));
    for (size_t i = 0; i < PIECES; i++)
        report_file_write(f, piece, PIECE);
    TT_ERR(ERR_OK, report_file_commit(f, NULL));
    CU_ASSERT(stat(in_folder("long.csv"), &is) == 0 && is.st_blocks * 512 < is.st_size + PIECE);
    char *text = read_all(in_folder("long.csv"), &n);
    CU_ASSERT_FATAL(text && n == (size_t)PIECES * PIECE);
    for (size_t i = 0; i < PIECES; i++)
        wrong += memcmp(text + i * PIECE, piece, PIECE) != 0;
    CU_ASSERT_EQUAL(wrong, 0);
    free(text);
    free(piece);
    scratch_drop(folder);
}

/** Packed bytes depend on the content, not on the pieces it was written in; both unpack to it. */
static void packed_contents(void) {
    size_t n, m;
    char *plain = malloc(BIG + 1);
    scratch_make(folder);
    for (int zstd = 0; zstd < 2; zstd++) {
        TT_ERR(ERR_OK, write_big(zstd ? "a.zst" : "a.gz", 1000));
        TT_ERR(ERR_OK, write_big(zstd ? "b.zst" : "b.gz", 1234567));
        char *a = read_all(in_folder(zstd ? "a.zst" : "a.gz"), &n),
             *b = read_all(in_folder(zstd ? "b.zst" : "b.gz"), &m);
        CU_ASSERT(a && b && n == m && memcmp(a, b, n) == 0 && n < BIG / 2);
        if (zstd) {
            CU_ASSERT(is_big(plain, ZSTD_decompress(plain, BIG + 1, a, n)));
        } else {
            gzFile gz = gzopen(in_folder("a.gz"), "rb");
            CU_ASSERT(is_big(plain, (size_t)gzread(gz, plain, BIG + 1)));
            gzclose(gz);
            CU_ASSERT(memcmp(a + 4, "\0\0\0\0", 4) == 0); /* no time */
        }
        free(a);
        free(b);
    }
    free(plain);
    scratch_drop(folder);
}

/** Pieces packed on their own, with text written between them, are one text. */
static void pieces(void) {
    static const char *const names[] = {"a.csv", "a.csv.gz", "a.csv.zst"};
    char *bytes = malloc(BIG), *plain = malloc(BIG + 1);
    scratch_make(folder);
    for (size_t i = 0; i < BIG; i++)
        bytes[i] = byte_at(i);
    for (int k = 0; k < 3; k++) {
        report_file *f;
        report_piece piece = {0};
        TT_ERR(ERR_OK, report_file_open(&f, in_folder(names[k]), NULL));
        for (size_t at = 0, n = 1; at < BIG; at += n, n = 7 * n % 300007) {
            if (n > BIG - at) n = BIG - at;
            if (n % 3) TT_ERR(ERR_OK, report_file_pack(f, bytes + at, n, &piece));
            TT_ERR(ERR_OK, n % 3 ? report_file_put(f, &piece) : report_file_write(f, bytes + at, n));
        }
        report_piece_free(&piece);
        TT_ERR(ERR_OK, report_file_commit(f, NULL));
        size_t n = 0;
        char *packed = read_all(in_folder(names[k]), &n);
        gzFile gz = gzopen(in_folder(names[k]), "rb"); /* reads plain files too */
        n = k < 2 ? (size_t)gzread(gz, plain, BIG + 1) : ZSTD_decompress(plain, BIG + 1, packed, n);
        CU_ASSERT(is_big(plain, n));
        gzclose(gz);
        free(packed);
    }
    free(bytes);
    free(plain);
    scratch_drop(folder);
}

/** A packed file that nothing was written to is still one. */
static void nothing_packed(void) {
    char byte;
    size_t n = 0;
    report_file *f;
    scratch_make(folder);
    TT_ERR(ERR_OK, report_file_open(&f, in_folder("x.gz"), NULL));
    TT_ERR(ERR_OK, report_file_commit(f, NULL));
    TT_ERR(ERR_OK, report_file_open(&f, in_folder("x.zst"), NULL));
    TT_ERR(ERR_OK, report_file_commit(f, NULL));
    gzFile gz = gzopen(in_folder("x.gz"), "rb");
    CU_ASSERT(gzread(gz, &byte, 1) == 0 && !gzdirect(gz));
    gzclose(gz);
    char *packed = read_all(in_folder("x.zst"), &n);
    CU_ASSERT(n > 0 && ZSTD_decompress(&byte, 1, packed, n) == 0);
    free(packed);
    scratch_drop(folder);
}

static void text_and_format(void) {
    report_file *f;
    scratch_make(folder);
    TT_ERR(ERR_OK, report_file_open(&f, in_folder("deep/er/file.txt"), NULL));
    report_file_text(f, "one ");
    report_file_printf(f, "%d %s", 2, "three");
    TT_ERR(ERR_OK, report_file_commit(f, NULL));
    char *text = read_all(in_folder("deep/er/file.txt"), NULL);
    TT_TEXT(text, "one 2 three");
    free(text);
    unlink(in_folder("deep/er/file.txt"));
    rmdir(in_folder("deep/er"));
    scratch_drop(folder);
}

/** Aborting, or never committing, leaves the old file and no temporary one. */
static void abort_keeps_old(void) {
    report_file *f;
    scratch_make(folder);
    TT_ERR(ERR_OK, report_file_open(&f, in_folder("x"), NULL));
    report_file_text(f, "old");
    TT_ERR(ERR_OK, report_file_commit(f, NULL));
    TT_ERR(ERR_OK, report_file_open(&f, in_folder("x"), NULL));
    report_file_text(f, "new");
    report_file_abort(f);
    report_file_abort(NULL);
    char *text = read_all(in_folder("x"), NULL);
    TT_TEXT(text, "old");
    free(text);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 1);
    scratch_drop(folder);
}

/** A file keeps its permissions, a symbolic link stays one. */
static void replaces_in_place(void) {
    report_file *f;
    struct stat st;
    char link_path[2 * SCRATCH_PATH];
    scratch_make(folder);
    TT_ERR(ERR_OK, write_big("real", BIG));
    CU_ASSERT_EQUAL(chmod(in_folder("real"), 0640), 0);
    strcpy(link_path, in_folder("link"));
    CU_ASSERT_EQUAL(symlink("real", link_path), 0);
    TT_ERR(ERR_OK, report_file_open(&f, link_path, NULL));
    report_file_text(f, "through the link");
    TT_ERR(ERR_OK, report_file_commit(f, NULL));
    CU_ASSERT(lstat(link_path, &st) == 0 && S_ISLNK(st.st_mode));
    CU_ASSERT(stat(in_folder("real"), &st) == 0 && (st.st_mode & 0777) == 0640 && st.st_size == 16);
    scratch_drop(folder);
}

/** The first error stays and is told at the end, with the path and the system's words. */
static void full_disk(void) {
    diags faults = {0};
    report_file *f;
    char block[1 << 16] = "";
    err e = ERR_OK;
    TT_ERR(ERR_OK, report_file_open(&f, "/dev/full", &faults));
    for (int i = 0; i < 64; i++)
        e = report_file_write(f, block, sizeof block);
    TT_ERR(ERR_WRITE, e);
    TT_ERR(ERR_WRITE, report_file_text(f, "more"));
    CU_ASSERT_EQUAL(faults.n, 0);
    TT_ERR(ERR_WRITE, report_file_commit(f, &faults));
    CU_ASSERT_EQUAL(faults.n, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(faults.item[0].text, "/dev/full"));
    CU_ASSERT_PTR_NOT_NULL(strstr(faults.item[0].text, "No space left"));
}

static void full_disk_at_commit(void) {
    diags faults = {0};
    report_file *f;
    TT_ERR(ERR_OK, report_file_open(&f, "/dev/full", &faults));
    TT_ERR(ERR_OK, report_file_text(f, "few"));
    TT_ERR(ERR_WRITE, report_file_commit(f, &faults));
    CU_ASSERT_EQUAL(faults.n, 1);
}

static void devices(void) {
    report_file *f;
    struct stat st;
    TT_ERR(ERR_OK, report_file_open(&f, "/dev/null", NULL));
    TT_ERR(ERR_OK, report_file_text(f, "gone"));
    TT_ERR(ERR_OK, report_file_commit(f, NULL));
    CU_ASSERT(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
}

static void refused(void) {
    report_file *f = NULL;
    const char *temporary;
    scratch_make(folder);
    TT_ERR(ERR_OK, write_big("file", BIG));
    static const struct {
        const char *name, *words;
    } cases[] = {{"file/below", "Not a directory"},
                 {"file/below/deeper", "Not a directory"},
                 {"", "directory"},
                 {".", "directory"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diags faults = {0};
        TT_ERR(ERR_WRITE, report_file_open(&f, in_folder(cases[i].name), &faults));
        CU_ASSERT(faults.n == 1 && strstr(faults.item[0].text, cases[i].words));
        CU_ASSERT(faults.n == 1 && strstr(faults.item[0].text, folder));
    }
    TT_ERR(ERR_WRITE, report_file_open(&f, "", NULL));
    TT_ERR(ERR_WRITE, report_file_reserve(&f, "/dev/null", &temporary, NULL));
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 1);
    scratch_drop(folder);
}

static void reserve(void) {
    report_file *f;
    const char *temporary;
    scratch_make(folder);
    TT_ERR(ERR_OK, report_file_reserve(&f, in_folder("book"), &temporary, NULL));
    FILE *other = fopen(temporary, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(other);
    fputs("by another hand", other);
    fclose(other);
    TT_ERR(ERR_OK, report_file_commit(f, NULL));
    char *text = read_all(in_folder("book"), NULL);
    TT_TEXT(text, "by another hand");
    free(text);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 1);
    scratch_drop(folder);
}

CU_TestInfo file_tests[] = {{"pieces", pieces},
                            {"nothing_packed", nothing_packed},
                            {"plain_contents", plain_contents},
                            {"long_contents", long_contents},
                            {"packed_contents", packed_contents},
                            {"text_and_format", text_and_format},
                            {"abort_keeps_old", abort_keeps_old},
                            {"replaces_in_place", replaces_in_place},
                            {"full_disk", full_disk},
                            {"full_disk_at_commit", full_disk_at_commit},
                            {"devices", devices},
                            {"refused", refused},
                            {"reserve", reserve},
                            CU_TEST_INFO_NULL};
