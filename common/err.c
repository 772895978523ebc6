/*
 * err.c - texts of the codes, and the list of faults. Formatted text is made safe to print: control characters and
 * bytes that are no UTF-8 become '?', because messages repeat what strangers wrote.
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

static void make_printable(char *text) {
    size_t n = strlen(text), bad;
    for (char *p = text; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 127) *p = '?';
    }
    while (!text_utf8(text, n, &bad))
        text[bad] = '?';
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

static void print_one(FILE *to, const diag *d) {
    if (d->file) fprintf(to, "%s:", d->file);
    if (d->line > 0) fprintf(to, "%d:", d->line);
    if (d->line > 0 && d->column > 0) fprintf(to, "%d:", d->column);
    if (!d->file) fprintf(to, "vramsweep:");
    if (d->field) fprintf(to, " %s:", d->field);
    fprintf(to, " %s\n", d->text);
}

void diags_print(FILE *to, const diags *list) {
    for (int i = 0; i < list->n; i++)
        print_one(to, &list->item[i]);
    if (list->dropped) fprintf(to, "vramsweep: %d more faults are not shown\n", list->dropped);
}
