/*
 * folder.c - lock, stage and life of an output folder; the journal is in folder_commit.c. The lock is flock's, so that
 * it dies with its process; the process is written into the file for messages. A clean end removes the file: one that
 * is there and not locked was left by a run that was killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report/file.h"
#include "sweep/folder_internal.h"

enum { LOCK_TRIES = 100, WAIT_TRIES = 100, WAIT_MS = 50 };

err folder_fault(diags *faults, const char *path, const char *what, int why) {
    return diag_add(faults, why == ENOMEM ? ERR_MEMORY : ERR_WRITE, NULL, 0, 0, NULL, "%.200s: %s: %s", path, what,
                    strerror(why));
}

static long read_process(int fd) {
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

static int write_process(int fd) {
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n ? 0 : errno;
}

/** The name still leads to the file that is locked: its last holder may have removed it meanwhile. */
static int is_current(int fd, const char *path) {
    struct stat held, named;
    return fstat(fd, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

/** 0; EWOULDBLOCK with the holder; another errno. */
static int take_lock(sweep_folder *f, const char *path, long *holder) {
    for (int i = 0; i < LOCK_TRIES; i++) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
        if (fd < 0) return errno;
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            int why = errno;
            *holder = read_process(fd);
            close(fd);
            return why;
        }
        if (is_current(fd, path)) {
            f->lock = fd;
            f->died = read_process(fd);
            return write_process(fd);
        }
        close(fd);
    }
    return EWOULDBLOCK;
}

static int is_folder(const char *path) {
    struct stat is;
    return lstat(path, &is) == 0 && S_ISDIR(is.st_mode);
}

/** The folder, its state folder and their names. */
static err prepare(sweep_folder *f, diags *faults) {
    struct stat is;
    f->state = arena_printf(f->mem, "%s/" SWEEP_STATE, f->dir);
    f->stage = arena_printf(f->mem, "%s/" SWEEP_STATE "/new", f->dir);
    const char *inside = arena_printf(f->mem, "%s/x", f->dir);
    if (!f->state || !f->stage || !inside) return folder_fault(faults, f->dir, "cannot be used", ENOMEM);
    f->had_dir = stat(f->dir, &is) == 0;
    int why = report_folders_make(inside);
    if (!why && mkdir(f->state, 0777) != 0) why = errno == EEXIST && is_folder(f->state) ? 0 : errno;
    return why ? folder_fault(faults, f->dir, "cannot be the output folder", why) : ERR_OK;
}

static err lock(sweep_folder *f, diags *faults, int *busy) {
    long holder = 0;
    const char *path = folder_path(f, "lock");
    int why = path ? take_lock(f, path, &holder) : ENOMEM;
    *busy = why == EWOULDBLOCK;
    if (!*busy) return why ? folder_fault(faults, f->dir, "cannot be locked", why) : ERR_OK;
    return diag_add(faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: another run is at work in this folder (process %ld)",
                    f->dir, holder);
}

static err open_folder(sweep_folder *f, arena *mem, const char *dir, int outside, diags *faults, int *busy) {
    *f = (sweep_folder){.mem = mem, .dir = dir, .lock = -1, .outside = outside};
    TRY(prepare(f, faults));
    TRY(lock(f, faults, busy));
    err e = folder_recover(f, faults);
    if (e != ERR_OK) sweep_folder_close(f);
    return e;
}

err sweep_folder_open(sweep_folder *f, arena *mem, const char *dir, diags *faults) {
    int busy = 0;
    return open_folder(f, mem, dir, 0, faults, &busy);
}

err sweep_folder_open_freely(sweep_folder *f, arena *mem, const char *dir, diags *faults) {
    int busy = 0;
    return open_folder(f, mem, dir, 1, faults, &busy);
}

err sweep_folder_check(const sweep_folder *f, const char *name, diags *faults) {
    return folder_check_inside(f->dir, name, f->outside) == ELOOP ? folder_link_fault(faults, f->dir, name) : ERR_OK;
}

err sweep_folder_settle(arena *mem, const char *dir, diags *faults) {
    const struct timespec moment = {0, WAIT_MS * 1000000L};
    sweep_folder f;
    err e = ERR_OK;
    for (int i = 0, busy = 1; i < WAIT_TRIES && busy; i++) {
        const char *journal = arena_printf(mem, "%s/" SWEEP_STATE "/journal", dir);
        diags mine = {.n = 0};
        busy = 0;
        if (!journal) return folder_fault(faults, dir, "cannot be read", ENOMEM);
        if (access(journal, F_OK) != 0) return ERR_OK;
        e = open_folder(&f, mem, dir, 0, &mine, &busy);
        if (e == ERR_OK) sweep_folder_close(&f);
        if (busy) nanosleep(&moment, NULL);
        if (e != ERR_OK && !busy) diag_add(faults, e, NULL, 0, 0, NULL, "%s", mine.n ? mine.item[0].text : dir);
    }
    return e;
}

err sweep_folder_stage(sweep_folder *f, diags *faults) {
    folder_remove_tree(f->stage);
    return mkdir(f->stage, 0777) == 0 ? ERR_OK : folder_fault(faults, f->dir, "cannot be written", errno);
}

void sweep_folder_close(sweep_folder *f) {
    if (f->lock < 0) return;
    const char *path = folder_path(f, "lock"), *journal = folder_path(f, "journal");
    if (!journal || access(journal, F_OK) != 0) folder_remove_tree(f->stage);
    if (path) unlink(path);
    rmdir(f->state);
    if (!f->had_dir) rmdir(f->dir);
    close(f->lock);
    f->lock = -1;
}
