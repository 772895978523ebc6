/*
 * run_check.c - the run writes to a folder of its own, under $TMPDIR; each file there is compared with the one of its
 * name in the real folder. Texts that differ are shown as a unified diff, other files by name. Pictures follow from
 * their script and data: they are not drawn, only looked for.
 */
#include "sweep/run_check.h"

#include "common/text.h"
#include "report/diff.h"
#include "report/writers.h"
#include "sweep/pages.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_BYTES = 16 << 20, LEVELS = 16 };

/** A file's bytes; text NULL: not there. */
typedef struct content {
    char *text;
    size_t n;
    int whole; /* not larger than TEXT_BYTES */
} content;

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at) {
    (void)s, (void)kind, (void)at;
    remove(path);
    return 0;
}

static void remove_dir(void *ctx) {
    const sweep_run *run = ctx;
    nftw(run->dir, remove_one, LEVELS, FTW_DEPTH | FTW_PHYS);
}

err sweep_check_begin(sweep_run *run) {
    const char *under = getenv("TMPDIR");
    char *dir = arena_printf(&run->ctx->mem, "%s/vramsweep-check-XXXXXX", under && *under ? under : "/tmp");
    if (!dir) return sweep_run_no_memory(run);
    stop_hold();
    int why = mkdtemp(dir) ? 0 : errno;
    run->real_dir = run->dir;
    if (!why) run->dir = dir;
    if (!why) stop_undo_add(&run->undo, remove_dir, run);
    stop_release();
    return why ? diag_add(&run->ctx->faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: %s", dir, strerror(why)) : ERR_OK;
}

static content read_content(const char *path) {
    content c = {0};
    FILE *f = fopen(path, "rb");
    if (!f) return c;
    c.text = malloc(TEXT_BYTES + 1);
    if (c.text) c.n = fread(c.text, 1, TEXT_BYTES + 1, f);
    c.whole = c.n <= TEXT_BYTES;
    fclose(f);
    return c;
}

/** Both files byte by byte, for those too large to hold. */
static int same_files(const char *a, const char *b) {
    FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
    int same = x && y, c = 0;
    while (same && c != EOF) {
        c = getc(x);
        same = c == getc(y);
    }
    if (x) fclose(x);
    if (y) fclose(y);
    return same;
}

static int is_text(const content *c) {
    return c->text && c->whole && text_utf8(c->text, c->n, NULL);
}

static void tell_diff(sweep_run *run, const char *path, const content *old, const content *new) {
    const report_side before = {old->text ? path : "/dev/null", old->text ? old->text : "", old->n},
                      after = {path, new->text, new->n};
    run->n_stale++;
    if (report_diff(stdout, &before, &after) != ERR_OK) printf("%s differs\n", path);
}

static void compare_file(sweep_run *run, const char *fresh, const char *path) {
    content old = read_content(path), new = read_content(fresh);
    if (is_text(&new) && (!old.text || is_text(&old))) {
        if (!old.text || old.n != new.n || memcmp(old.text, new.text, new.n) != 0) tell_diff(run, path, &old, &new);
    } else if (!same_files(fresh, path)) {
        run->n_stale++;
        printf("%s %s\n", path, old.text ? "differs" : "is missing");
    }
    free(old.text);
    free(new.text);
}

/** The pictures of a chart: there when they can be drawn. */
static void look_for_pictures(sweep_run *run, const char *script) {
    static const char *const suffix[] = {".svg", ".png"};
    for (size_t i = 0; i < 2 && report_gnuplot_found(); i++) {
        const char *path = arena_printf(&run->ctx->mem, "%.*s%s", (int)strlen(script) - 3, script, suffix[i]);
        if (!path || access(path, R_OK) == 0) continue;
        run->n_stale++;
        printf("%s is missing\n", path);
    }
}

static int not_dots(const struct dirent *e) {
    return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

/** Files of a folder and those below it, in the order of their names. */
static void compare_folder(sweep_run *run, const char *fresh, const char *real, int level) {
    struct dirent **entry;
    int n = scandir(fresh, &entry, not_dots, alphasort);
    for (int i = 0; i < n; i++) {
        const char *from = arena_printf(&run->ctx->mem, "%s/%s", fresh, entry[i]->d_name);
        const char *path = arena_printf(&run->ctx->mem, "%s/%s", real, entry[i]->d_name);
        struct stat s;
        size_t length = strlen(entry[i]->d_name);
        free(entry[i]);
        if (!from || !path || lstat(from, &s) != 0) continue;
        if (S_ISDIR(s.st_mode)) {
            if (level < LEVELS) compare_folder(run, from, path, level + 1);
            continue;
        }
        compare_file(run, from, path);
        if (length > 3 && strcmp(path + strlen(path) - 3, ".gp") == 0) look_for_pictures(run, path);
    }
    if (n >= 0) free(entry);
}

static void compare_pages(sweep_run *run) {
    for (const struct sweep_page *p = run->pages; p; p = p->next) {
        content old = {(char *)p->before, p->n_before, 1}, new = {(char *)p->now, p->n_now, 1};
        if (old.n != new.n || memcmp(old.text, new.text, new.n) != 0) tell_diff(run, p->path, &old, &new);
    }
}

err sweep_check_end(sweep_run *run, err e) {
    if (e == ERR_OK) {
        compare_folder(run, run->dir, run->real_dir, 0);
        compare_pages(run);
    }
    remove_dir(run);
    stop_undo_drop(&run->undo);
    run->dir = run->real_dir;
    if (e != ERR_OK || !run->n_stale) return e;
    return diag_add(&run->ctx->faults, ERR_DIFFERS, run->cfg->path, 0, 0, NULL,
                    "%zu file%s out of date; a run without --check writes %s", run->n_stale,
                    run->n_stale == 1 ? " is" : "s are", run->n_stale == 1 ? "it" : "them");
}
