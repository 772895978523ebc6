/*
 * escape.c - one loop over the text, one table per language.
 */
#include <ctype.h>
#include <string.h>

#include "common/text.h"
#include "report/escape.h"

static const report_escape *match(const char *text, const report_escape *table, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strncmp(text, table[i].from, strlen(table[i].from)) == 0) return &table[i];
    }
    return NULL;
}

static int inside_word(const char *text, const char *at) {
    return at > text && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
}

void report_escaped(report_file *f, const char *text, const report_escape *table, size_t n, int plain_inside) {
    const char *plain = text, *at = text;
    while (*at) {
        int unsafe;
        size_t step = text_step(at, &unsafe);
        const report_escape *e = match(at, table, n);
        const char *to = e ? e->to : unsafe || *at == '\t' ? " " : NULL;
        if (!to || (plain_inside && *at == '_' && inside_word(text, at))) {
            at += step;
            continue;
        }
        report_file_write(f, plain, (size_t)(at - plain));
        report_file_text(f, to);
        at += e ? strlen(e->from) : step;
        plain = at;
    }
    report_file_write(f, plain, (size_t)(at - plain));
}
