/*
 * err.c - texts of the codes, and the list of faults. Everything is made safe to print, names of files and keys too:
 * what text_unsafe names and bytes that are no UTF-8 become '?', because messages repeat what strangers wrote.
 */
#include <errno.h>
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

err err_input(err code, int why) {
    return why == ENOMEM ? ERR_MEMORY : code;
}

int err_exit_status(err code) {
    return code < ERR_COUNT ? codes[code].status : 1;
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
    text_make_printable(d->text);
    return code;
}

err diag_input(diags *list, err code, const char *file, const char *field, const char *before, int why) {
    return diag_add(list, err_input(code, why), file, 0, 0, field, "%s%s", before, strerror(why));
}

int diags_full(const diags *list) {
    return list->n == DIAG_MAX;
}

/** File and field are borrowed as a stranger wrote them: a printable copy, cut where it is longer than any path. */
static void print_name(FILE *to, const char *name) {
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", name);
    text_make_printable(copy);
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
