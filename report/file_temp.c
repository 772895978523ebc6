/*
 * file_temp.c - folders and temporary names. A temporary file stands beside its target, so that renaming stays inside
 * one file system; its name starts with a dot, so that globs over the results skip what a crash may leave.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "report/file_internal.h"

enum { TRIES = 100, STEM_MAX = 200 };

int file_make_folders(const char *path) {
    char *copy = strdup(path);
    int failed = 0;
    if (!copy) return ENOMEM;
    for (char *slash = strchr(copy + 1, '/'); slash && *copy; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        failed = mkdir(copy, 0777) == 0 || errno == EEXIST || errno == EISDIR || errno == EROFS ? 0 : errno;
        struct stat folder;
        if (failed && stat(copy, &folder) == 0 && S_ISDIR(folder.st_mode)) failed = 0;
        *slash = '/';
        if (failed) break;
    }
    free(copy);
    return failed;
}

/** "out/" of "out/a.csv", "" of "a.csv": the length of the folder part. */
static int folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path) + 1 : 0;
}

int file_temporary(const char *target, mode_t mode, char **path) {
    int folder = folder_length(target), fd = -1;
    *path = NULL;
    for (int i = 0; i < TRIES && fd < 0; i++) {
        unsigned random = 0;
        if (getrandom(&random, sizeof random, 0) < 0) random = (unsigned)getpid() * 100u + (unsigned)i;
        free(*path);
        if (asprintf(path, "%.*s.%.*s.%08x.tmp", folder, target, STEM_MAX, target + folder, random) < 0) {
            *path = NULL;
            errno = ENOMEM;
            return -1;
        }
        fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0 && errno != EEXIST) break;
    }
    if (fd < 0) {
        int why = errno;
        free(*path);
        *path = NULL;
        errno = why;
    }
    return fd;
}

int file_sync_folder(const char *path) {
    int length = folder_length(path), why = 0;
    char *folder = length ? strndup(path, (size_t)length) : strdup(".");
    if (!folder) return ENOMEM;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0) return errno == EACCES ? 0 : errno; /* a folder may be writable without being readable */
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS) why = errno;
    close(fd);
    return why;
}

int report_folders_make(const char *path) {
    return file_make_folders(path);
}

int report_folder_sync(const char *path) {
    return file_sync_folder(path);
}
