/*
 * pages.c - finds the marks of a page and replaces what stands between them. Nothing else of the page changes; new
 * lines end as the line of the first mark does. Refuses pages over 16 MiB and of kinds that no writer writes.
 */
#include "sweep/pages.h"

#include "report/writers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 16 << 20 };

static const char BEGIN[] = "vramsweep:begin", END[] = "vramsweep:end";

/** A pair of marks: the bytes between them, and how lines end there. */
typedef struct gap {
    size_t from, to;
    int line;
    int crlf;
} gap;

/** A mark on a line: which of the two, and its name. */
typedef struct mark {
    int is_end;
    const char *name;
    size_t n;
} mark;

static size_t trim(const char **text, size_t n) {
    while (n && strchr(" \t\r\n", **text))
        (*text)++, n--;
    while (n && strchr(" \t\r\n", (*text)[n - 1]))
        n--;
    return n;
}

/** Takes a word off the front, or off the back; 0 when it is not there. */
static int take(const char **text, size_t *n, const char *word, int back) {
    size_t m = strcspn(word, " ");
    const char *want = word + strspn(word, " "); /* " -->" ends with its word, "<!-- " begins with it */
    if (back) m = strlen(want);
    if (*n < m || memcmp(back ? *text + *n - m : *text, back ? want : word, m) != 0) return 0;
    if (!back) *text += m;
    *n -= m;
    *n = trim(text, *n);
    return 1;
}

/** Whether a line is a comment with a mark of ours and nothing else. */
static int read_mark(const report_writer *w, const char *text, size_t n, mark *out) {
    n = trim(&text, n);
    if (!take(&text, &n, w->open, 0) || !take(&text, &n, w->close, 1)) return 0;
    out->is_end = n > sizeof END - 1 && memcmp(text, END, sizeof END - 1) == 0;
    size_t m = out->is_end ? sizeof END - 1 : sizeof BEGIN - 1;
    if (!out->is_end && (n <= m || memcmp(text, BEGIN, m) != 0)) return 0;
    if (text[m] != ' ' && text[m] != '\t') return 0;
    text += m;
    out->n = trim(&text, n - m);
    out->name = text;
    return 1;
}

static int is_named(const mark *m, const char *name) {
    return m->n == strlen(name) && memcmp(m->name, name, m->n) == 0;
}

/** "'name' begins inside the mark of line 3"; other 0: without a number. */
static err page_fault(sweep_run *run, const struct sweep_page *p, int line, const mark *m, const char *what,
                      int other) {
    int n = (int)(m->n < 60 ? m->n : 60);
    diags *faults = &run->ctx->faults;
    if (!other) return diag_add(faults, ERR_SYNTAX, p->path, line, 1, "inject", "'%.*s' %s", n, m->name, what);
    return diag_add(faults, ERR_SYNTAX, p->path, line, 1, "inject", "'%.*s' %s %d", n, m->name, what, other);
}

/** What a walk over the lines of a page knows. */
typedef struct walk {
    mark open; /* the mark that is open; n 0: none */
    int open_line;
    size_t open_end; /* byte after its line */
    gap found;
} walk;

/** One mark more; ERR_OK or the fault. */
static err see(sweep_run *run, const struct sweep_page *p, const char *name, walk *k, const mark *m, int line,
               size_t from, size_t to) {
    if (!m->is_end) {
        if (k->open.n) return page_fault(run, p, line, m, "begins inside the mark of line", k->open_line);
        if (is_named(m, name) && k->found.line) {
            return page_fault(run, p, line, m, "begins a second time, first in line", k->found.line);
        }
        k->open = *m;
        k->open_line = line;
        k->open_end = to;
        return ERR_OK;
    }
    if (!k->open.n) return page_fault(run, p, line, m, "ends but did not begin", 0);
    if (k->open.n != m->n || memcmp(k->open.name, m->name, m->n) != 0) {
        return page_fault(run, p, line, m, "ends within a mark of another name, which began in line", k->open_line);
    }
    if (is_named(m, name)) k->found = (gap){k->open_end, from, k->open_line, p->now[k->open_end - 2] == '\r'};
    k->open.n = 0;
    return ERR_OK;
}

/** The gap of a name. Every mark of the page is looked at, so that a page with a stray one is never changed. */
static err find_gap(sweep_run *run, const struct sweep_page *p, const report_writer *w, const sweep_inject *where,
                    gap *out) {
    walk k = {.open = {0}};
    int line = 1;
    for (size_t at = 0; at < p->n_now; line++) {
        const char *stop = memchr(p->now + at, '\n', p->n_now - at);
        size_t end = stop ? (size_t)(stop - p->now) + 1 : p->n_now;
        mark m = {0};
        if (read_mark(w, p->now + at, end - at, &m)) TRY(see(run, p, where->marker.text, &k, &m, line, at, end));
        at = end;
    }
    if (k.open.n) return page_fault(run, p, k.open_line, &k.open, "begins but does not end", 0);
    if (!k.found.line) {
        return diag_add(&run->ctx->faults, ERR_MISSING, p->path, line > 1 ? line - 1 : 1, 1, "inject",
                        "no line of this page is `%s%s %s%s`", w->open, BEGIN, where->marker.text, w->close);
    }
    *out = k.found;
    return ERR_OK;
}

static err read_page(sweep_run *run, const sweep_inject *where, struct sweep_page *p) {
    FILE *f = fopen(where->file, "rb");
    char *text = f ? malloc(PAGE_BYTES + 1) : NULL;
    size_t n = text ? fread(text, 1, PAGE_BYTES + 1, f) : 0;
    int why = f ? 0 : errno, failed = f && ferror(f);
    if (f) fclose(f);
    p->path = where->file;
    p->before = p->now = text && n <= PAGE_BYTES ? arena_text(&run->ctx->mem, text, n) : NULL;
    p->n_before = p->n_now = n;
    free(text);
    if (why == ENOMEM) return sweep_run_no_memory(run);
    if (why || failed) {
        return diag_add(&run->ctx->faults, ERR_OPEN, run->cfg->path, where->marker.line, where->marker.column, "inject",
                        "%s: cannot be read%s%s", where->file, why ? ": " : "", why ? strerror(why) : "");
    }
    if (n > PAGE_BYTES) {
        return diag_add(&run->ctx->faults, ERR_LIMIT, where->file, 0, 0, "inject", "the page is larger than 16 MiB");
    }
    return p->before ? ERR_OK : sweep_run_no_memory(run);
}

/** The page as this run knows it, read when it is new. */
static err find_page(sweep_run *run, const sweep_inject *where, struct sweep_page **out) {
    struct sweep_page **last = &run->pages;
    while (*last && strcmp((*last)->path, where->file) != 0)
        last = &(*last)->next;
    if (!*last) {
        struct sweep_page *p = arena_alloc(&run->ctx->mem, 1, sizeof *p);
        if (!p) return sweep_run_no_memory(run);
        TRY(read_page(run, where, p));
        *last = p;
    }
    *out = *last;
    return ERR_OK;
}

/** Copies with a carriage return before each line feed when `crlf`; to NULL: only counts. */
static size_t copy_lines(char *to, const char *from, size_t n, int crlf) {
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (crlf && from[i] == '\n') {
            if (to) to[used] = '\r';
            used++;
        }
        if (to) to[used] = from[i];
        used++;
    }
    return used;
}

static err replace(sweep_run *run, struct sweep_page *p, const gap *g, const char *text, size_t n) {
    size_t middle = copy_lines(NULL, text, n, g->crlf), after = p->n_now - g->to;
    char *now = arena_alloc(&run->ctx->mem, g->from + middle + after + 1, 1);
    if (!now) return sweep_run_no_memory(run);
    memcpy(now, p->now, g->from);
    copy_lines(now + g->from, text, n, g->crlf);
    memcpy(now + g->from + middle, p->now + g->to, after);
    p->now = now;
    p->n_now = g->from + middle + after;
    return ERR_OK;
}

err sweep_page_inject(sweep_run *run, const sweep_inject *where, const report_table *t) {
    const report_writer *w = report_writer_of_page(where->file);
    struct sweep_page *p = NULL;
    report_file *f;
    gap g = {0};
    char *text;
    size_t n;
    if (!w) {
        return diag_add(&run->ctx->faults, ERR_RANGE, run->cfg->path, where->marker.line, where->marker.column,
                        "inject", "'%s', expected a page ending in .md, .html, .adoc, .rst or .tex", where->file);
    }
    TRY(sweep_page_place(run, where));
    err e = find_page(run, where, &p);
    if (e != ERR_OK || !p) return e;
    TRY(find_gap(run, p, w, where, &g));
    TRY(report_file_memory(&f, &run->ctx->faults));
    report_file_text(f, "\n");
    w->insert(f, t);
    report_file_text(f, "\n");
    TRY(report_file_take(f, &text, &n, &run->ctx->faults));
    e = replace(run, p, &g, text, n);
    free(text);
    return e;
}

err sweep_pages_write(sweep_run *run) {
    for (const struct sweep_page *p = run->pages; p; p = p->next) {
        report_file *f;
        if (p->n_now == p->n_before && memcmp(p->now, p->before, p->n_now) == 0) continue;
        TRY(report_file_open(&f, p->path, &run->ctx->faults));
        report_file_write(f, p->now, p->n_now);
        TRY(report_file_commit(f, &run->ctx->faults));
        run->n_files++;
    }
    return ERR_OK;
}
