/*
 * run_check.c - the run writes to a folder of its own, under $TMPDIR; each file there is compared with the one of its
 * name in the real folder. Texts that differ are shown as a unified diff, other files by name. Pictures follow from
 * their script and data: they are not drawn, only looked for.
 */
#include "sweep/run_check.h"

#include "common/digest.h"
#include "common/text.h"
#include "report/diff.h"
#include "report/writers.h"
#include "sweep/folder.h"
#include "sweep/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 16 << 20 };

/** A file's bytes; text NULL: not there. */
typedef struct content {
    char *text;
    size_t n;
    int whole; /* not larger than TEXT_BYTES */
} content;

static void remove_dir(void *ctx) {
    const sweep_run *run = ctx;
    sweep_folder_remove(run->dir);
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

/** 0, or errno; what is not there has no text. */
static int read_content(const char *path, content *c) {
    FILE *f = fopen(path, "rb");
    *c = (content){0};
    if (!f) return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
    c->text = malloc(TEXT_BYTES + 1);
    if (c->text) c->n = fread(c->text, 1, TEXT_BYTES + 1, f);
    int why = !c->text ? ENOMEM : ferror(f) ? errno : 0;
    c->whole = c->n <= TEXT_BYTES;
    fclose(f);
    if (why) free(c->text);
    if (why) c->text = NULL;
    return why == EISDIR ? 0 : why;
}

static int is_text(const content *c) {
    return c->text && c->whole && text_utf8(c->text, c->n, NULL);
}

static int tell_diff(sweep_run *run, const char *path, const content *old, const content *new) {
    const report_side before = {old->text ? path : "/dev/null", old->text ? old->text : "", old->n},
                      after = {path, new->text, new->n};
    run->n_stale++;
    return report_diff(stdout, &before, &after) == ERR_OK ? 0 : ENOMEM;
}

/** By name only, for what is no text or too large for one. */
static int tell_name(sweep_run *run, const char *fresh, const char *path, const content *old) {
    char hex[2][DIGEST_HEX] = {"", ""};
    int why = digest_file(fresh, hex[0], NULL, NULL);
    if (!why && old->text) why = digest_file(path, hex[1], NULL, NULL);
    if (why || strcmp(hex[0], hex[1]) == 0) return why;
    run->n_stale++;
    printf("%s %s\n", path, old->text ? "differs" : "is missing");
    return 0;
}

static int same_content(const content *a, const content *b) {
    return a->text && a->n == b->n && memcmp(a->text, b->text, b->n) == 0;
}

static int compare_contents(sweep_run *run, const char *fresh, const char *path, const content *old,
                            const content *new) {
    if (!is_text(new) || (old->text && !is_text(old))) return tell_name(run, fresh, path, old);
    return same_content(old, new) ? 0 : tell_diff(run, path, old, new);
}

/** 0 or errno. */
static int compare_file(sweep_run *run, const char *fresh, const char *path) {
    content old, new = {0};
    int why = read_content(path, &old);
    if (!why) why = read_content(fresh, &new);
    if (!why) why = compare_contents(run, fresh, path, &old, &new);
    free(old.text);
    free(new.text);
    return why;
}

/** The pictures of a chart: there when they can be drawn. 0 or errno. */
static int look_for_pictures(sweep_run *run, const char *script) {
    static const char *const suffix[] = {".svg", ".png"};
    int drawn, why = report_gnuplot_found(&drawn);
    for (size_t i = 0; !why && i < 2 && drawn; i++) {
        const char *path = arena_printf(&run->ctx->mem, "%.*s%s", (int)strlen(script) - 3, script, suffix[i]);
        int is_there;
        why = path ? report_file_exists(path, &is_there) : ENOMEM;
        if (why || is_there) continue;
        run->n_stale++;
        printf("%s is missing\n", path);
    }
    return why;
}

/** One file of the folder that was written to. */
static int compare_name(void *ctx, const char *name) {
    sweep_run *run = ctx;
    size_t n = strlen(name);
    const char *from = arena_printf(&run->ctx->mem, "%s/%s", run->dir, name);
    const char *path = arena_printf(&run->ctx->mem, "%s/%s", run->real_dir, name);
    int why = from && path ? compare_file(run, from, path) : ENOMEM;
    if (!why && n > 3 && strcmp(name + n - 3, ".gp") == 0) why = look_for_pictures(run, path);
    return why;
}

static int compare_pages(sweep_run *run) {
    int why = 0;
    for (const struct sweep_page *p = run->pages; p && !why; p = p->next) {
        content old = {(char *)p->before, p->n_before, 1}, new = {(char *)p->now, p->n_now, 1};
        if (!same_content(&old, &new)) why = tell_diff(run, p->path, &old, &new);
    }
    return why;
}

err sweep_check_end(sweep_run *run, err e) {
    int why = e == ERR_OK ? sweep_folder_walk(run->dir, 1, compare_name, run) : 0;
    if (e == ERR_OK && !why) why = compare_pages(run);
    remove_dir(run);
    stop_undo_drop(&run->undo);
    run->dir = run->real_dir;
    if (why) {
        return diag_add(&run->ctx->faults, why == ENOMEM ? ERR_MEMORY : ERR_WRITE, run->cfg->path, 0, 0, NULL,
                        "the folders cannot be compared: %s", strerror(why));
    }
    if (e != ERR_OK || !run->n_stale) return e;
    return diag_add(&run->ctx->faults, ERR_DIFFERS, run->cfg->path, 0, 0, NULL,
                    "%zu file%s out of date; a run without --check writes %s", run->n_stale,
                    run->n_stale == 1 ? " is" : "s are", run->n_stale == 1 ? "it" : "them");
}
