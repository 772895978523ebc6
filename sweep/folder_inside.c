/*
 * folder_inside.c - files of an output folder stay inside it. Every folder on the way to a file is opened by itself,
 * from the one before, and must be no link, so nobody can put one there in between; a link in place of a file is
 * replaced and never written through, and refused when it leads outside. `outside` lifts both.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep/folder_internal.h"

/** The folder called name[0..n) in the folder `at`; made when `make`. The descriptor, or -1 with errno. */
static int open_below(int at, const char *name, size_t n, int outside, int make) {
    struct stat is;
    char *part = strndup(name, n);
    if (!part) return -1;
    if (make && mkdirat(at, part, 0777) != 0 && errno != EEXIST) {
        int why = errno;
        if (fstatat(at, part, &is, 0) != 0) errno = why;
    }
    int fd = openat(at, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (outside ? 0 : O_NOFOLLOW)), why = errno;
    if (fd < 0 && fstatat(at, part, &is, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(is.st_mode) && !outside) why = ELOOP;
    free(part);
    errno = why;
    return fd;
}

int folder_parent(const char *dir, const char *name, int outside, int make, const char **base) {
    int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (const char *slash; at >= 0 && (slash = strchr(name, '/')) != NULL; name = slash + 1) {
        int next = open_below(at, name, (size_t)(slash - name), outside, make), why = errno;
        close(at);
        at = next;
        errno = why;
    }
    *base = name;
    return at;
}

/** Whether what a link stands for lies below a folder; a link to nothing does not. */
static int leads_inside(const char *dir, const char *name) {
    char *whole = NULL, *root = realpath(dir, NULL), *target = NULL;
    size_t n = strlen(dir) + strlen(name) + 2;
    if (root && (whole = malloc(n)) != NULL) {
        snprintf(whole, n, "%s/%s", dir, name);
        target = realpath(whole, NULL);
    }
    size_t m = root ? strlen(root) : 0;
    int inside = target && strncmp(target, root, m) == 0 && (target[m] == '/' || m == 1);
    free(whole);
    free(root);
    free(target);
    return inside;
}

int folder_check_inside(const char *dir, const char *name, int outside) {
    const char *base;
    struct stat is;
    int at = folder_parent(dir, name, outside, 0, &base), why = at < 0 ? errno : 0;
    if (at < 0) return why == ENOENT ? 0 : why;
    if (!outside && fstatat(at, base, &is, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(is.st_mode) && !leads_inside(dir, name))
        why = ELOOP;
    close(at);
    return why;
}

err folder_link_fault(diags *faults, const char *dir, const char *name) {
    return diag_add(
        faults, ERR_WRITE, NULL, 0, 0, NULL,
        "%.150s/%.100s: a link leads out of the folder, or nowhere; results stay inside it unless --allow-outside", dir,
        name);
}
