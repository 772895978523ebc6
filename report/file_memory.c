/*
 * file_memory.c - an output file that lives in memory: what a writer writes becomes a text.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/file_internal.h"

err report_file_memory(report_file **out, diags *faults) {
    report_file *f = NULL;
    int fd = memfd_create("vramsweep", MFD_CLOEXEC);
    if (fd >= 0) f = calloc(1, sizeof *f);
    if (f)
        *f = (report_file){
            .fd = fd, .path = strdup("memory"), .buffer = malloc(FILE_BUFFER), .codec = file_codec_of("")};
    if (f && f->path && f->buffer) {
        *out = f;
        return ERR_OK;
    }
    if (!f && fd >= 0) close(fd);
    report_file_abort(f);
    return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

/** All bytes from the start; 0 when they cannot be read. */
static int read_back(int fd, char *text, size_t n) {
    for (size_t at = 0; at < n;) {
        ssize_t got = pread(fd, text + at, n - at, (off_t)at);
        if (got <= 0) return 0;
        at += (size_t)got;
    }
    return 1;
}

err report_file_take(report_file *f, char **text, size_t *n, diags *faults) {
    if (f->failed == ERR_OK) file_flush(f, 1);
    off_t size = f->failed == ERR_OK ? lseek(f->fd, 0, SEEK_END) : -1;
    char *out = size >= 0 ? malloc((size_t)size + 1) : NULL;
    int good = out && read_back(f->fd, out, (size_t)size);
    report_file_abort(f);
    if (!good) {
        free(out);
        return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    }
    out[size] = '\0';
    *text = out;
    *n = (size_t)size;
    return ERR_OK;
}
