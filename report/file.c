/*
 * file.c - output files that appear whole or not at all. Opening picks where the bytes go (a temporary file, a device
 * or pipe directly, standard output); writing fills a buffer that a codec empties; committing is where the first error
 * of the file's life is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/file_internal.h"

enum { PIPE_BUFFER = 1 << 20 };

/** Names of open descriptors: they are shared, so never opened anew, cut or renamed. */
static const struct {
    const char *name;
    int fd;
} open_already[] = {{"-", STDOUT_FILENO}, {"/dev/stdout", STDOUT_FILENO}, {"/dev/stderr", STDERR_FILENO}};

err file_fail(report_file *f, err code, int why, const char *what) {
    if (f->failed == ERR_OK) {
        f->failed = code;
        f->why = why;
        f->what = what;
    }
    return f->failed;
}

/** The fault as text that outlives the file: faults borrow names, so the path goes into the text. */
static err tell(diags *faults, err code, const char *path, const char *what, int why) {
    const char *shown = strcmp(path, "-") == 0 ? "standard output" : path;
    return diag_add(faults, code, NULL, 0, 0, NULL, "%.200s: %s: %s", shown, what, strerror(why));
}

/** What a file that is not kept must not leave behind. */
static void remove_traces(void *file) {
    const report_file *f = file;
    if (f->temporary) unlink(f->temporary);
    report_folders_unmake(f->target, f->made);
}

static void file_free(report_file *f) {
    if (f->fd >= 0 && !f->keep_open) close(f->fd);
    remove_traces(f);
    stop_undo_drop(&f->undo);
    free(f->path);
    free(f->target);
    free(f->temporary);
    free(f->buffer);
    free(f->packed);
    free(f);
}

static int use_open_descriptor(report_file *f) {
    for (size_t i = 0; i < sizeof open_already / sizeof *open_already; i++) {
        if (strcmp(f->path, open_already[i].name) != 0) continue;
        f->fd = open_already[i].fd;
        f->keep_open = 1;
        f->screen = isatty(f->fd);
        fflush(f->fd == STDOUT_FILENO ? stdout : stderr);
        return 1;
    }
    return 0;
}

/** Makes the temporary file, and the folders above it; errno or 0. */
static int open_temporary(report_file *f, mode_t mode) {
    stop_hold();
    int why = report_folders_make(f->target, &f->made);
    f->fd = why ? -1 : file_temporary(f->target, mode, &f->temporary);
    if (!why && f->fd < 0) why = errno;
    if (!why) stop_undo_add(&f->undo, remove_traces, f);
    stop_release();
    return why;
}

/** A file that exists: devices and pipes are opened as they are, regular files must be ours to replace. errno or 0. */
static int open_existing(report_file *f, const struct stat *old) {
    if (S_ISDIR(old->st_mode)) return EISDIR;
    if (!S_ISREG(old->st_mode)) {
        f->fd = open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return f->fd < 0 ? errno : 0;
    }
    if (access(f->path, W_OK) != 0) return errno;
    free(f->target);
    f->target = realpath(f->path, NULL);
    if (!f->target) return errno;
    int why = open_temporary(f, 0600);
    return !why && fchmod(f->fd, old->st_mode & 0777) != 0 ? errno : why;
}

/** Opens the descriptor that bytes go to; errno or 0. */
static int open_target(report_file *f) {
    struct stat old;
    if (*f->path == '\0' || f->path[strlen(f->path) - 1] == '/') return *f->path ? EISDIR : ENOENT;
    if (use_open_descriptor(f)) return 0;
    if (stat(f->path, &old) == 0) return open_existing(f, &old);
    return errno == ENOENT ? open_temporary(f, 0666) : errno;
}

/** NULL on failure, told with its code in *e. */
static report_file *file_new(const char *path, err *e, diags *faults) {
    report_file *f = calloc(1, sizeof *f);
    int why = ENOMEM;
    if (f) {
        *f = (report_file){.fd = -1, .path = strdup(path), .target = strdup(path), .codec = file_codec_of("")};
        if (f->path && f->target) why = open_target(f);
        if (!why) return f;
        file_free(f);
    }
    *e = tell(faults, why == ENOMEM ? ERR_MEMORY : ERR_WRITE, path, "cannot open for writing", why);
    return NULL;
}

static err open_coded(report_file **out, const char *path, const file_codec *codec, diags *faults) {
    err e = ERR_OK;
    report_file *f = file_new(path, &e, faults);
    if (!f) return e;
    f->codec = codec;
    f->buffer = malloc(FILE_BUFFER);
    f->packed_cap = f->codec->bound ? f->codec->bound(FILE_BUFFER) : 0;
    f->packed = f->packed_cap ? malloc(f->packed_cap) : NULL;
    if (!f->buffer || (f->packed_cap && !f->packed)) {
        file_free(f);
        return tell(faults, ERR_MEMORY, path, "cannot open for writing", ENOMEM);
    }
    (void)fcntl(f->fd, F_SETPIPE_SZ, PIPE_BUFFER); /* fewer switches when it is a pipe; else refused, which is fine */
    *out = f;
    return ERR_OK;
}

err report_file_open(report_file **out, const char *path, diags *faults) {
    return open_coded(out, path, file_codec_of(path), faults);
}

err report_file_open_packed(report_file **out, const char *path, diags *faults) {
    return open_coded(out, path, file_codec_of(""), faults);
}

err report_file_reserve(report_file **out, const char *path, const char **temporary, diags *faults) {
    err e = ERR_OK;
    report_file *f = file_new(path, &e, faults);
    if (!f) return e;
    if (!f->temporary) {
        file_free(f);
        return diag_add(faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: this kind of file needs a regular file to go to",
                        path);
    }
    *temporary = f->temporary;
    *out = f;
    return ERR_OK;
}

/** Large texts that are not packed need no buffer. */
static err write_direct(report_file *f, const void *bytes, size_t n) {
    if (file_flush(f, 0) == ERR_OK) file_emit(f, bytes, n);
    return f->failed;
}

static err write_buffered(report_file *f, const char *at, size_t n) {
    while (n > 0 && f->failed == ERR_OK) {
        size_t take = FILE_BUFFER - f->used < n ? FILE_BUFFER - f->used : n;
        memcpy(f->buffer + f->used, at, take);
        f->used += take;
        at += take;
        n -= take;
        if (f->used == FILE_BUFFER) file_flush(f, 0);
    }
    return f->failed;
}

/**
 * n >= FILE_BLOCK bytes of a file of ours: blocks that they fill go out by themselves, what is left over with what
 * follows. The page cache takes whole blocks in larger pieces, and copies faster to where a page begins.
 */
static err write_blocks(report_file *f, const char *bytes, size_t n) {
    size_t head = (FILE_BLOCK - (f->emitted_bytes + f->used) % FILE_BLOCK) % FILE_BLOCK;
    size_t whole = (n - head) / FILE_BLOCK * FILE_BLOCK;
    write_buffered(f, bytes, head);
    if (whole) write_direct(f, bytes + head, whole);
    return write_buffered(f, bytes + head + whole, n - head - whole);
}

err report_file_write(report_file *f, const void *bytes, size_t n) {
    if (n < FILE_BLOCK || f->packed || f->failed != ERR_OK) return write_buffered(f, bytes, n);
    return f->temporary ? write_blocks(f, bytes, n) : write_direct(f, bytes, n);
}

int report_file_is_new(const report_file *f) {
    return f->temporary != NULL;
}

err report_file_put(report_file *f, const report_piece *p) {
    if (!p->n || f->failed != ERR_OK) return f->failed;
    f->emitted |= f->packed != NULL;
    return f->packed ? write_direct(f, p->bytes, p->n) : report_file_write(f, p->bytes, p->n);
}

err report_file_text(report_file *f, const char *text) {
    return report_file_write(f, text, strlen(text));
}

err report_file_printf(report_file *f, const char *fmt, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int n = vasprintf(&text, fmt, args);
    va_end(args);
    if (n < 0) return file_fail(f, ERR_MEMORY, ENOMEM, "cannot format");
    err e = report_file_write(f, text, (size_t)n);
    free(text);
    return e;
}

/** Last bytes out, synced, closed. */
static void finish(report_file *f) {
    if (f->buffer && f->failed == ERR_OK) file_flush(f, 1);
    if (f->failed == ERR_OK) file_unreserve(f);
    if (f->temporary && f->failed == ERR_OK && fsync(f->fd) != 0) file_fail(f, ERR_WRITE, errno, "cannot sync");
    if (!f->keep_open && close(f->fd) != 0) file_fail(f, ERR_WRITE, errno, "cannot close");
    f->fd = -1;
}

static void move_in_place(report_file *f) {
    if (!f->temporary || f->failed != ERR_OK) return;
    stop_hold();
    int moved = rename(f->temporary, f->target) == 0;
    if (!moved) file_fail(f, ERR_WRITE, errno, "cannot replace");
    if (moved) {
        stop_undo_drop(&f->undo);
        free(f->temporary);
        f->temporary = NULL;
        f->made = 0;
    }
    stop_release();
    if (!moved) return;
    int why = file_sync_folder(f->target);
    if (why) file_fail(f, ERR_WRITE, why, "cannot sync the folder");
}

err report_file_commit(report_file *f, diags *faults) {
    finish(f);
    move_in_place(f);
    err e = f->failed;
    if (e != ERR_OK) tell(faults, e, f->path, f->what, f->why);
    file_free(f);
    return e;
}

err report_file_end(report_file *f, err e, diags *faults) {
    if (e == ERR_OK || f->failed != ERR_OK) return report_file_commit(f, faults);
    file_free(f);
    return e;
}

void report_file_abort(report_file *f) {
    if (f) file_free(f);
}
