/*
 * err.c - texts of the codes, and the list of faults. Everything is made safe to print, names of files and keys too:
 * control characters and bytes that are no UTF-8 become '?', because messages repeat what strangers wrote.
 */
#include <stdarg.h>
#include <string.h>

#include "common/err.h"
#include "common/text.h"

static const struct {
    const char *text;
    int status;
} codes[ERR_COUNT] = {
#define ERR(code, status, sentence) [code] = {sentence, status},
#include "common/err.def"
#undef ERR
};

const char *err_text(err code) {
    return code < ERR_COUNT ? codes[code].text : "unknown error";
}

int err_exit_status(err code) {
    return code < ERR_COUNT ? codes[code].status : 1;
}

/** Terminals obey the controls U+0080..U+009F (UTF-8: C2 80..9F) as well as those of ASCII. */
static int is_control(const unsigned char *p) {
    return p[0] < ' ' || p[0] == 127 || (p[0] == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F);
}

static void make_printable(char *text) {
    size_t n = strlen(text), at = 0, bad;
    while (!text_utf8(text + at, n - at, &bad))
        text[at += bad] = '?';
    for (unsigned char *p = (unsigned char *)text; *p; p++) {
        if (!is_control(p)) continue;
        if (*p == 0xC2) p[1] = '?';
        *p = '?';
    }
}

err diag_add(diags *list, err code, const char *file, int line, int column, const char *field, const char *fmt, ...) {
    if (!list) return code;
    if (list->n == DIAG_MAX) {
        list->dropped++;
        return code;
    }
    diag *d = &list->item[list->n++];
    *d = (diag){.code = code, .file = file, .line = line, .column = column, .field = field};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(d->text, sizeof d->text, fmt, ap);
    va_end(ap);
    make_printable(d->text);
    return code;
}

int diags_full(const diags *list) {
    return list->n == DIAG_MAX;
}

/** File and field are borrowed as a stranger wrote them: a printable copy, cut where it is longer than any path. */
static void print_name(FILE *to, const char *name) {
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", name);
    make_printable(copy);
    fprintf(to, "%s:", copy);
}

static void print_one(FILE *to, const diag *d) {
    print_name(to, d->file ? d->file : "vramsweep");
    if (d->line > 0) fprintf(to, "%d:", d->line);
    if (d->line > 0 && d->column > 0) fprintf(to, "%d:", d->column);
    if (d->field) {
        fputc(' ', to);
        print_name(to, d->field);
    }
    fprintf(to, " %s\n", d->text);
}

void diags_print(FILE *to, const diags *list) {
    for (int i = 0; i < list->n; i++)
        print_one(to, &list->item[i]);
    if (list->dropped) fprintf(to, "vramsweep: %d more faults are not shown\n", list->dropped);
}
