/*
 * test_catalog_faults.c - what a wrong catalog is answered with: every file of tests/data/catalogs/bad/ laid over the
 * shipped catalogs gives the faults of the .expected file beside it. Files that text cannot hold are made here.
 */
#include <dirent.h>

#include "tests/unit/catalog_fixture.h"
#include "tests/unit/tt.h"

/** A whole file as text; NULL when it cannot be read. free() it. */
static char *read_text(const char *path) {
    FILE *in = fopen(path, "rb");
    if (!in) return NULL;
    char *text = calloc(1, 1 << 16);
    size_t n = text ? fread(text, 1, (1 << 16) - 1, in) : 0;
    fclose(in);
    if (text) text[n] = 0;
    return text;
}

/** Loads one overlay and compares code, faults and their text. */
static void check_overlay(const char *path, const char *want) {
    catalog_fixture f;
    catalog_init(&f);
    err code = catalog_load(&f, &path, 1);
    char *found = fixture_text(&f.faults);
    CU_ASSERT_EQUAL(err_exit_status(code), f.faults.n ? err_exit_status(f.faults.item[0].code) : 0);
    CU_ASSERT(code != ERR_OK);
    if (!tt_same_text(found, want ? want : "", path, 0)) {
        CU_FAIL("faults of a bad catalog");
        if (getenv("SHOW")) printf("%s", found);
    }
    free(found);
    catalog_fini(&f);
}

static void bad_files(void) {
    DIR *d = opendir(DATA "bad");
    int n = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[512], expected[512];
        char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".csv") != 0) continue;
        snprintf(path, sizeof path, DATA "bad/%s", e->d_name);
        snprintf(expected, sizeof expected, DATA "bad/%.*s.expected", (int)(dot - e->d_name), e->d_name);
        char *want = read_text(expected);
        check_overlay(path, want);
        free(want);
        n++;
    }
    closedir(d);
    CU_ASSERT(n >= 25);
}

/** Loads bytes as an overlay called gpus.csv: the code, and a word of the first fault. */
static void check_bytes(const char *name, const char *bytes, size_t n, err code, int line, const char *word) {
    catalog_fixture f;
    catalog_init(&f);
    const char *path = catalog_write(&f, name, bytes, n);
    CU_ASSERT_PTR_NOT_NULL_FATAL(path);
    TT_ERR(code, catalog_load(&f, &path, 1));
    CU_ASSERT(f.faults.n > 0 && f.faults.item[0].line == line);
    if (!strstr(f.faults.item[0].text, word)) {
        printf("\n'%s' does not say '%s'\n", f.faults.item[0].text, word);
        CU_FAIL("text of the fault");
    }
    catalog_fini(&f);
}

/** A field of 70 KiB, 300 columns, a file that is all quotes, one line without an end. */
static void large_files(void) {
    size_t n = 70 << 10;
    char *bytes = malloc(n + 8);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    memcpy(bytes, "name\n", 5);
    memset(bytes + 5, 'x', n);
    check_bytes("gpus.csv", bytes, n, ERR_MISSING, 1, "column is missing");
    memset(bytes, 'x', n);
    check_bytes("gpus.csv", bytes, n, ERR_LIMIT, 1, "more than 64 KiB");
    memset(bytes, ',', 300);
    check_bytes("gpus.csv", bytes, 300, ERR_LIMIT, 1, "more than 256 columns");
    memset(bytes, '"', 301);
    check_bytes("gpus.csv", bytes, 301, ERR_SYNTAX, 1, "quote");
    free(bytes);
}

/** Cut anywhere, a catalog loads or is refused with a place, and never breaks the loader. */
static void truncated(void) {
    char *whole = read_text(DATA "good/models.csv");
    CU_ASSERT_PTR_NOT_NULL_FATAL(whole);
    size_t n = strlen(whole);
    for (size_t cut = 0; cut < n - 1; cut += cut < 20 ? 1 : 17) {
        catalog_fixture f;
        catalog_init(&f);
        const char *path = catalog_write(&f, "models.csv", whole, cut);
        err code = catalog_load(&f, &path, 1);
        CU_ASSERT((code == ERR_OK) == (f.faults.n == 0));
        for (int i = 0; i < f.faults.n; i++)
            CU_ASSERT(strstr(f.faults.item[i].file, "models.csv") && f.faults.item[i].line > 0);
        catalog_fini(&f);
    }
    free(whole);
}

/** Paths: wrong name, nothing there, a folder without catalogs, a file in place of the shipped folder. */
static void paths(void) {
    static const struct {
        const char *path;
        err code;
        const char *word;
    } cases[] = {
        {DATA "formats.txt", ERR_NAME, "a catalog file is called formats.csv"},
        {DATA "no-such-gpus.csv", ERR_OPEN, "No such file"},
        {"tests/unit", ERR_MISSING, "the folder holds none of formats.csv"},
        {DATA "good/gpus.csv/gpus.csv", ERR_OPEN, "Not a directory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        catalog_fixture f;
        catalog_init(&f);
        TT_ERR(cases[i].code, catalog_load(&f, &cases[i].path, 1));
        CU_ASSERT(f.faults.n == 1 && strstr(f.faults.item[0].text, cases[i].word));
        TT_TEXT(f.faults.item[0].file, cases[i].path);
        catalog_fini(&f);
    }
}

/** A file that can be opened but not read: our own memory from address 0 on. */
static void unreadable(void) {
    catalog_fixture f;
    char dir[128];
    catalog_init(&f);
    CU_ASSERT_PTR_NOT_NULL_FATAL(catalog_write(&f, "other.txt", "", 0));
    snprintf(dir, sizeof dir, "%s/gpus.csv", f.dir);
    CU_ASSERT_EQUAL(symlink("/proc/self/mem", dir), 0);
    const char *path = dir;
    err code = catalog_load(&f, &path, 1);
    CU_ASSERT(code == ERR_READ || code == ERR_OPEN);
    CU_ASSERT(f.faults.n == 1);
    unlink(dir);
    catalog_fini(&f);
}

/** The shipped folder itself may be missing. */
static void no_shipped_folder(void) {
    catalog_fixture f;
    catalog_init(&f);
    TT_ERR(ERR_MISSING, sweep_catalogs_load(&f.c, &f.mem, "/nowhere", NULL, 0, &f.faults));
    catalog_fini(&f);
}

CU_TestInfo catalog_faults_tests[] = {
    {"bad files", bad_files}, {"large files", large_files}, {"truncated files", truncated},
    {"paths", paths},         {"unreadable", unreadable},   {"no shipped folder", no_shipped_folder},
    CU_TEST_INFO_NULL,
};
