/*
 * csv_text.c - CSV fields and JSON strings into a growing buffer.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/csv_text.h"
#include "report/digits.h"

void report_csv_text_free(report_csv_text *t) {
    free(t->text);
    *t = (report_csv_text){0};
}

static int reserve(report_csv_text *t, size_t more) {
    if (t->failed) return 0;
    if (t->n + more <= t->cap) return 1;
    size_t cap = 2 * t->cap + more + 256;
    char *grown = realloc(t->text, cap);
    if (!grown) {
        t->failed = 1;
        return 0;
    }
    t->text = grown;
    t->cap = cap;
    return 1;
}

char *report_csv_room(report_csv_text *t, size_t bytes) {
    return reserve(t, bytes) ? t->text + t->n : NULL;
}

static void append(report_csv_text *t, const char *bytes, size_t n) {
    if (!n || !reserve(t, n)) return;
    memcpy(t->text + t->n, bytes, n);
    t->n += n;
}

void report_csv_raw(report_csv_text *t, const char *text) {
    append(t, text, strlen(text));
}

static int needs_quotes(const char *text, size_t n) {
    if (n == 0) return 0;
    return text[0] == ' ' || text[n - 1] == ' ' || strpbrk(text, ",\"\r\n") != NULL;
}

void report_csv_field(report_csv_text *t, const char *text) {
    size_t n = strlen(text);
    if (!needs_quotes(text, n)) {
        append(t, text, n);
        return;
    }
    append(t, "\"", 1);
    for (const char *quote; (quote = strchr(text, '"')) != NULL; text = quote + 1) {
        append(t, text, (size_t)(quote - text) + 1);
        append(t, "\"", 1);
    }
    append(t, text, strlen(text));
    append(t, "\"", 1);
}

/** [+-]digits[.digits][e[+-]digits] and a percent sign: a number, whatever opens it. */
static int is_number(const char *text) {
    text += *text == '-' || *text == '+';
    size_t whole = strspn(text, "0123456789");
    text += whole;
    text += *text == '.' ? 1 + strspn(text + 1, "0123456789") : 0;
    if (whole && (*text == 'e' || *text == 'E')) {
        const char *power = text + 1 + (text[1] == '-' || text[1] == '+');
        size_t n = strspn(power, "0123456789");
        if (n) text = power + n;
    }
    return whole && (!*text || strcmp(text, "%") == 0 || strcmp(text, " %") == 0);
}

/** The sign at `at` opens a formula: nothing but blanks between it and the start of what may be a cell. */
static int opens_formula(const char *text, const char *at) {
    if (!*at || !strchr("=+-@", *at)) return 0;
    while (at > text && at[-1] == ' ')
        at--;
    return at == text || strchr(";\t\n\r", at[-1]) != NULL;
}

void report_csv_inert(report_csv_text *t, const char *text) {
    size_t n = strlen(text), used = 0;
    char *copy = is_number(text) || !strpbrk(text, "=+-@") ? NULL : malloc(2 * n + 1);
    if (!copy) {
        t->failed |= !is_number(text) && strpbrk(text, "=+-@") != NULL;
        report_csv_field(t, text);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (opens_formula(text, text + i)) copy[used++] = '\'';
        copy[used++] = text[i];
    }
    copy[used] = 0;
    report_csv_field(t, copy);
    free(copy);
}

void report_json_string(report_csv_text *t, const char *text) {
    append(t, "\"", 1);
    for (; *text; text++) {
        size_t plain = 0;
        while ((unsigned char)text[plain] >= ' ' && text[plain] != '"' && text[plain] != '\\')
            plain++;
        append(t, text, plain);
        text += plain;
        if (!*text) break;
        char escaped[8];
        if (*text == '"' || *text == '\\')
            snprintf(escaped, sizeof escaped, "\\%c", *text);
        else
            snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned char)*text);
        report_csv_raw(t, escaped);
    }
    append(t, "\"", 1);
}

void report_csv_whole(report_csv_text *t, double value) {
    if (!reserve(t, REPORT_DIGITS_ROOM)) return;
    if (value < 0) t->text[t->n++] = '-';
    t->n = (size_t)(report_put_whole(t->text + t->n, (uint64_t)fabs(value)) - t->text);
}
