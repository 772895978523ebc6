/*
 * test_schema.c - columns by table: every kind of cell, bounds, headers that do not match.
 */
#include "sweep/schema.h"
#include "tests/unit/tt.h"

typedef struct row {
    const char *name;
    int64_t whole;
    int num;
    double real;
    uint8_t flag, word;
} row;

static const char *const words[] = {"red", "green", NULL};

static const sweep_field fields[] = {
    {"name", SWEEP_FIELD_TEXT, offsetof(row, name), 0, 0, NULL, 1},
    {"whole", SWEEP_FIELD_INT, offsetof(row, whole), -5, 0x1p50, NULL, 0},
    {"num", SWEEP_FIELD_NUM, offsetof(row, num), 1, 100, NULL, 0},
    {"real", SWEEP_FIELD_REAL, offsetof(row, real), 0, 1, NULL, 0},
    {"flag", SWEEP_FIELD_FLAG, offsetof(row, flag), 0, 0, NULL, 0},
    {"word", SWEEP_FIELD_WORD, offsetof(row, word), 0, 0, words, 1},
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

/** Matches the header in order and parses one row. */
static err parse(const char *const cell[FIELDS], row *out, arena *mem, diags *faults) {
    const char *names[FIELDS];
    sweep_header h;
    for (int i = 0; i < FIELDS; i++)
        names[i] = fields[i].name;
    memset(out, 0, sizeof *out);
    TRY(sweep_header_match(fields, FIELDS, "f.csv", names, FIELDS, &h, faults));
    return sweep_row_parse(&h, "f.csv", 7, cell, mem, out, faults);
}

static void good_cells(void) {
    static const char *const first[FIELDS] = {"a", "-5", "100", "0.5", "YES", "Green"};
    static const char *const empty[FIELDS] = {"b", "", "", "", "", "red"};
    arena mem;
    diags faults = {.n = 0};
    row r;
    arena_init(&mem, NULL, NULL);
    TT_ERR(ERR_OK, parse(first, &r, &mem, &faults));
    TT_TEXT(r.name, "a");
    CU_ASSERT(r.whole == -5 && r.num == 100 && r.flag == 1 && r.word == 1);
    TT_BITS(r.real, 0.5);
    TT_ERR(ERR_OK, parse(empty, &r, &mem, &faults));
    CU_ASSERT(r.whole == 0 && r.num == 0 && r.flag == 0 && r.word == 0);
    arena_fini(&mem);
}

static void bad_cells(void) {
    static const struct {
        int at;
        const char *text;
        err code;
        const char *says;
    } cases[] = {
        {0, "", ERR_MISSING, "the cell is empty"},
        {1, "-6", ERR_RANGE, "found '-6', expected a whole number from -5 to"},
        {1, "1.5", ERR_RANGE, "found '1.5'"},
        {1, "1125899906842625", ERR_RANGE, "from -5 to 1.12589990684262e+15"},
        {1, " 1", ERR_RANGE, "found ' 1'"},
        {1, "8k", ERR_RANGE, "found '8k'"},
        {2, "0", ERR_RANGE, "from 1 to 100"},
        {2, "4294967297", ERR_RANGE, "from 1 to 100"},
        {3, "1.0001", ERR_RANGE, "expected a number from 0 to 1"},
        {3, "nan", ERR_RANGE, "found 'nan'"},
        {3, "1e999", ERR_RANGE, "found '1e999'"},
        {3, "0,5", ERR_RANGE, "found '0,5'"},
        {4, "true", ERR_TYPE, "expected one of no, yes"},
        {5, "blue", ERR_TYPE, "expected one of red, green"},
        {5, "", ERR_MISSING, "the cell is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *cell[FIELDS] = {"a", "1", "1", "1", "no", "red"};
        arena mem;
        diags faults = {.n = 0};
        row r;
        arena_init(&mem, NULL, NULL);
        cell[cases[i].at] = cases[i].text;
        TT_ERR(cases[i].code, parse(cell, &r, &mem, &faults));
        CU_ASSERT(faults.n == 1 && faults.item[0].line == 7 && faults.item[0].field == fields[cases[i].at].name);
        if (!strstr(faults.item[0].text, cases[i].says)) printf("\n%s\n", faults.item[0].text);
        CU_ASSERT_PTR_NOT_NULL(strstr(faults.item[0].text, cases[i].says));
        arena_fini(&mem);
    }
}

/** All faults of a row are told, not the first alone. */
static void several_faults(void) {
    static const char *const cell[FIELDS] = {"", "x", "0", "2", "maybe", "blue"};
    arena mem;
    diags faults = {.n = 0};
    row r;
    arena_init(&mem, NULL, NULL);
    TT_ERR(ERR_MISSING, parse(cell, &r, &mem, &faults));
    CU_ASSERT_EQUAL(faults.n, FIELDS);
    arena_fini(&mem);
}

static void headers(void) {
    static const char *const names[] = {"name", "flga", "name", "real"};
    diags faults = {.n = 0};
    sweep_header h;
    TT_ERR(ERR_KEY, sweep_header_match(fields, FIELDS, "f.csv", names, 4, &h, &faults));
    CU_ASSERT_EQUAL_FATAL(faults.n, 3);
    CU_ASSERT(faults.item[0].line == 1 && faults.item[0].column == 2);
    TT_TEXT(faults.item[0].text, "no such column 'flga'; did you mean 'flag'?");
    CU_ASSERT_EQUAL(faults.item[1].code, ERR_DUPLICATE);
    CU_ASSERT(faults.item[2].code == ERR_MISSING && strcmp(faults.item[2].field, "word") == 0);
}

/** Columns may stand in any order, optional ones may be left out. */
static void any_order(void) {
    static const char *const names[] = {"word", "name"}, *const cell[] = {"green", "n"};
    arena mem;
    diags faults = {.n = 0};
    sweep_header h;
    row r = {.whole = 3};
    arena_init(&mem, NULL, NULL);
    TT_ERR(ERR_OK, sweep_header_match(fields, FIELDS, "f.csv", names, 2, &h, &faults));
    TT_ERR(ERR_OK, sweep_row_parse(&h, "f.csv", 2, cell, &mem, &r, &faults));
    CU_ASSERT(r.word == 1 && r.whole == 3 && strcmp(r.name, "n") == 0);
    arena_fini(&mem);
}

CU_TestInfo schema_tests[] = {{"good cells", good_cells}, {"bad cells", bad_cells}, {"several faults", several_faults},
                              {"headers", headers},       {"any order", any_order}, CU_TEST_INFO_NULL};
