/*
 * file_temp.c - folders and temporary names. A temporary file stands beside its target, so that renaming stays inside
 * one file system; its name starts with a dot, so that globs over the results skip what a crash may leave.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "report/file_internal.h"

enum { TRIES = 100, STEM_MAX = 200 };

/** One folder more; 0 when it is there, or errno. *made: it is new. */
static int make_folder(const char *path, int *made) {
    struct stat is;
    *made = mkdir(path, 0777) == 0;
    int why = *made || errno == EEXIST || errno == EISDIR || errno == EROFS ? 0 : errno;
    return why && stat(path, &is) == 0 && S_ISDIR(is.st_mode) ? 0 : why;
}

int report_folders_make(const char *path, size_t *made) {
    char *copy = strdup(path);
    size_t first = 0;
    int why = !copy ? ENOMEM : strlen(path) >= PATH_MAX ? ENAMETOOLONG : 0, is_new;
    for (char *slash = !why && *copy ? strchr(copy + 1, '/') : NULL; slash && !why; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        why = make_folder(copy, &is_new);
        if (is_new && !first) first = (size_t)(slash - copy);
        *slash = '/';
    }
    free(copy);
    if (why) report_folders_unmake(path, first);
    if (made) *made = why ? 0 : first;
    return why;
}

void report_folders_unmake(const char *path, size_t made) {
    char folder[PATH_MAX];
    size_t n = made ? strlen(path) : 0;
    if (!n || n >= sizeof folder) return;
    memcpy(folder, path, n + 1);
    for (char *slash = strrchr(folder, '/'); slash && (size_t)(slash - folder) >= made; slash = strrchr(folder, '/')) {
        *slash = '\0';
        rmdir(folder);
    }
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

int report_file_exists(const char *path, int *is) {
    struct stat any;
    *is = stat(path, &any) == 0;
    return *is || errno == ENOENT || errno == ENOTDIR ? 0 : errno;
}

int report_folder_sync(const char *path) {
    return file_sync_folder(path);
}
