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
            if (why != EWOULDBLOCK) unlink(path); /* there are no locks here: then it is nobody's */
            close(fd);
            return why;
        }
        if (is_current(fd, path)) {
            f->died = read_process(fd);
            int why = write_process(fd);
            f->lock = why ? -1 : fd;
            if (why) unlink(path);
            if (why) close(fd);
            return why;
        }
        close(fd);
    }
    return EWOULDBLOCK;
}

static int is_folder(const char *path) {
    struct stat is;
    return lstat(path, &is) == 0 && S_ISDIR(is.st_mode);
}

/** Names of what is ours; 0 when memory is gone. */
static int name_parts(sweep_folder *f) {
    f->state = arena_printf(f->mem, "%s/" SWEEP_STATE, f->dir);
    f->stage = arena_printf(f->mem, "%s/" SWEEP_STATE "/new", f->dir);
    f->gone = arena_printf(f->mem, "%s/" SWEEP_STATE "/gone", f->dir);
    f->lock_path = arena_printf(f->mem, "%s/" SWEEP_STATE "/lock", f->dir);
    f->journal = arena_printf(f->mem, "%s/" SWEEP_STATE "/journal", f->dir);
    f->inside = arena_printf(f->mem, "%s/x", f->dir);
    return f->state && f->stage && f->gone && f->lock_path && f->journal && f->inside;
}

/** The folder and its state folder. */
static err make_folders(sweep_folder *f, diags *faults) {
    int why = name_parts(f) ? report_folders_make(f->inside, &f->made) : ENOMEM;
    if (!why && mkdir(f->state, 0777) != 0) why = errno == EEXIST && is_folder(f->state) ? 0 : errno;
    return why ? folder_fault(faults, f->dir, "cannot be the output folder", why) : ERR_OK;
}

/** What is empty of ours goes. */
static void remove_folders(const sweep_folder *f) {
    if (f->state) rmdir(f->state);
    if (f->inside) report_folders_unmake(f->inside, f->made);
}

static err lock(sweep_folder *f, diags *faults, int *busy) {
    long holder = 0;
    int why = take_lock(f, f->lock_path, &holder);
    *busy = why == EWOULDBLOCK;
    if (!*busy) return why ? folder_fault(faults, f->dir, "cannot be locked", why) : ERR_OK;
    return diag_add(faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: another run is at work in this folder (process %ld)",
                    f->dir, holder);
}

/**
 * The stage is moved away first: whoever still writes into it by name finds it gone. Files that a journal has to move
 * stay.
 */
static void give_back(void *folder) {
    const sweep_folder *f = folder;
    if (access(f->journal, F_OK) != 0) folder_clear(f);
    unlink(f->lock_path);
    remove_folders(f);
}

static err make_and_lock(sweep_folder *f, diags *faults, int *busy) {
    stop_hold();
    err e = make_folders(f, faults);
    if (e == ERR_OK) e = lock(f, faults, busy);
    if (e != ERR_OK) remove_folders(f);
    if (e == ERR_OK) stop_undo_add(&f->undo, give_back, f);
    stop_release();
    return e;
}

static err open_folder(sweep_folder *f, arena *mem, const char *dir, int outside, diags *faults, int *busy) {
    *f = (sweep_folder){.mem = mem, .dir = dir, .lock = -1, .outside = outside};
    TRY(make_and_lock(f, faults, busy));
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
    folder_clear(f);
    stop_hold();
    int why = mkdir(f->stage, 0777) == 0 ? 0 : errno;
    stop_release();
    return why ? folder_fault(faults, f->dir, "cannot be written", why) : ERR_OK;
}

void sweep_folder_close(sweep_folder *f) {
    if (f->lock < 0) return;
    give_back(f);
    stop_undo_drop(&f->undo);
    close(f->lock);
    f->lock = -1;
}
