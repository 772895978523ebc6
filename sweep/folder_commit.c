/*
 * folder_commit.c - the journal. It is text: `move NAME` takes a staged file to its place, `remove NAME` drops a file
 * that no report writes any more. It appears whole (written aside, synced, renamed) when every staged file is on disk,
 * and its steps may be done any number of times: a step that was done finds nothing left to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/file.h"
#include "sweep/folder_internal.h"

enum { LINE_MAX_BYTES = 16 + PATH_MAX };

/** Where a step leads, and which of the folders above it are new. */
typedef struct target {
    const char *path;
    size_t made;
} target;

/** Bytes up to the end of the first folder above a path that is not there yet; 0 when all are. */
static size_t first_missing(const char *path) {
    char folder[PATH_MAX];
    struct stat is;
    if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder) return 0;
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (lstat(folder, &is) != 0 && errno == ENOENT) return (size_t)(slash - folder);
        *slash = '/';
    }
    return 0;
}

/** What stands where a staged file wants to go must be ours to replace; its permissions are kept. errno or 0. */
static int check_target(const sweep_folder *f, const char *staged, const char *name) {
    struct stat old, new;
    const char *base;
    int why = folder_check_inside(f->dir, name, f->outside);
    if (why) return why;
    int at = folder_parent(f->dir, name, f->outside, 1, &base);
    if (at < 0) return errno;
    if (fstat(at, &old) == 0 && stat(staged, &new) == 0 && old.st_dev != new.st_dev) {
        why = EXDEV;
    } else if (faccessat(at, ".", W_OK, 0) != 0) {
        why = errno;
    } else if (fstatat(at, base, &old, AT_SYMLINK_NOFOLLOW) != 0) {
        why = errno == ENOENT ? 0 : errno;
    } else if (S_ISDIR(old.st_mode)) {
        why = EISDIR;
    } else if (S_ISREG(old.st_mode)) {
        if (faccessat(at, base, W_OK, 0) != 0 || chmod(staged, old.st_mode & 0777) != 0) why = errno;
    }
    close(at);
    return why;
}

static err check(const sweep_folder *f, target *t, const sweep_step *step, size_t n, diags *faults) {
    for (size_t i = 0; i < n; i++) {
        const char *staged = arena_printf(f->mem, "%s/%s", f->stage, step[i].name);
        t[i].path = arena_printf(f->mem, "%s/%s", f->dir, step[i].name);
        if (step[i].removes) continue;
        if (t[i].path) t[i].made = first_missing(t[i].path);
        int why = staged && t[i].path ? check_target(f, staged, step[i].name) : ENOMEM;
        if (why == ELOOP) return folder_link_fault(faults, f->dir, step[i].name);
        if (why) return folder_fault(faults, t[i].path ? t[i].path : step[i].name, "cannot be replaced", why);
    }
    return ERR_OK;
}

/** It is written in the stage, which is cleared whatever happens, and then moved to where it counts. */
static err write_journal(const sweep_folder *f, const sweep_step *step, size_t n, diags *faults) {
    const char *aside = arena_printf(f->mem, "%s/.journal", f->stage);
    report_file *out;
    if (!aside) return folder_fault(faults, f->dir, "cannot be used", ENOMEM);
    TRY(report_file_open(&out, aside, faults));
    for (size_t i = 0; i < n; i++)
        report_file_printf(out, "%s %s\n", step[i].removes ? "remove" : "move", step[i].name);
    TRY(report_file_commit(out, faults));
    int why = rename(aside, f->journal) == 0 ? report_folder_sync(f->journal) : errno;
    if (why) unlink(f->journal);
    return why ? folder_fault(faults, f->dir, "cannot be replaced", why) : ERR_OK;
}

/** errno or 0; what is done already is no failure. */
static int do_move(const sweep_folder *f, const char *name) {
    char from[2 * LINE_MAX_BYTES];
    const char *base;
    if (snprintf(from, sizeof from, "%s/%s", f->stage, name) >= (int)sizeof from) return ENAMETOOLONG;
    int at = folder_parent(f->dir, name, f->outside, 1, &base), why = 0;
    if (at < 0) return errno;
    if (renameat(AT_FDCWD, from, at, base) != 0 && (errno != ENOENT || access(from, F_OK) == 0)) why = errno;
    if (!why && strchr(name, '/') && fsync(at) != 0 && errno != EINVAL && errno != EROFS) why = errno;
    close(at);
    return why;
}

static int do_remove(const sweep_folder *f, const char *name) {
    const char *base;
    int at = folder_parent(f->dir, name, f->outside, 0, &base), why = errno;
    if (at < 0) return why == ENOENT ? 0 : why;
    why = unlinkat(at, base, 0) == 0 || errno == ENOENT ? 0 : errno;
    close(at);
    return why;
}

/** Does every step of a journal that is whole; errno or 0. */
static int replay(const sweep_folder *f, FILE *journal) {
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, journal)) {
        size_t n = strcspn(line, "\n");
        if (line[n] != '\n') return EBADMSG;
        line[n] = 0;
        int moves = strncmp(line, "move ", 5) == 0;
        if (!moves && strncmp(line, "remove ", 7) != 0) return EBADMSG;
        const char *name = line + (moves ? 5 : 7);
        if (!sweep_folder_name_ok(name)) return EBADMSG;
        int why = moves ? do_move(f, name) : do_remove(f, name);
        if (why) return why;
    }
    return ferror(journal) ? EIO : 0;
}

/** The journal goes when all it asks for is on disk. errno or 0. */
static int finish(const sweep_folder *f) {
    int fd = open(f->journal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    FILE *journal = fd < 0 ? NULL : fdopen(fd, "r");
    int why = journal ? 0 : errno;
    if (!journal && fd >= 0) close(fd);
    if (!journal) return why;
    why = replay(f, journal);
    fclose(journal);
    if (!why) why = report_folder_sync(f->state); /* what holds the state folder is the output folder */
    if (!why && unlink(f->journal) != 0) why = errno;
    return why ? why : report_folder_sync(f->journal);
}

err folder_recover(sweep_folder *f, diags *faults) {
    int why = 0;
    stop_hold();
    if (access(f->journal, F_OK) == 0) {
        why = finish(f);
        f->recovered = !why;
    }
    stop_release();
    if (why) return folder_fault(faults, f->journal, "what a killed run began cannot be finished", why);
    folder_clear(f);
    return ERR_OK;
}

/** Until the journal is there, nothing has changed. */
static err prepare(const sweep_folder *f, const sweep_step *step, size_t n, diags *faults) {
    target *t = arena_alloc(f->mem, n + 1, sizeof *t);
    if (!t) return folder_fault(faults, f->dir, "cannot be replaced", ENOMEM);
    err e = check(f, t, step, n, faults);
    if (e == ERR_OK) e = write_journal(f, step, n, faults);
    for (size_t i = n; e != ERR_OK && i-- > 0;)
        report_folders_unmake(t[i].path, t[i].made); /* those that another step found missing are gone by then */
    return e;
}

err sweep_folder_commit(sweep_folder *f, const sweep_step *step, size_t n, diags *faults) {
    int why = 0;
    stop_hold();
    err e = prepare(f, step, n, faults);
    if (e == ERR_OK) why = finish(f);
    stop_release();
    return why ? folder_fault(faults, f->dir, "cannot be replaced whole; the next run finishes it", why) : e;
}
