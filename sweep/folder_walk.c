/*
 * folder_walk.c - names, files and trees below a folder. Links to folders are not followed; what lies deeper than
 * SWEEP_FOLDER_DEPTH is not looked at.
 */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep/folder_internal.h"

int sweep_folder_name_ok(const char *name) {
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += part != name;
        size_t n = strcspn(part, "/");
        if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.')) return 0;
    }
    return name && !strpbrk(name, "\n\r");
}

static int remove_one(const char *path, const struct stat *is, int kind, struct FTW *at) {
    (void)is;
    (void)kind;
    (void)at;
    remove(path);
    return 0;
}

void sweep_folder_remove(const char *path) {
    errno = 0;
    if (nftw(path, remove_one, SWEEP_FOLDER_DEPTH, FTW_DEPTH | FTW_PHYS) != 0 && errno == ENOMEM)
        nftw(path, remove_one, SWEEP_FOLDER_DEPTH, FTW_DEPTH | FTW_PHYS); /* what others had may be back */
}

void folder_clear(const sweep_folder *f) {
    sweep_folder_remove(f->gone);
    sweep_folder_remove(rename(f->stage, f->gone) == 0 ? f->gone : f->stage);
}

typedef struct walk {
    const char *root;
    int hidden;
    sweep_folder_visit visit;
    void *ctx;
} walk;

static int walk_folder(const walk *w, const char *below, int depth);

static int walk_entry(const walk *w, const char *below, const char *entry, int depth) {
    char *name = NULL, *path = NULL;
    struct stat is;
    int why = 0;
    if (asprintf(&name, "%s%s%s", below, *below ? "/" : "", entry) < 0) return ENOMEM;
    if (asprintf(&path, "%s/%s", w->root, name) < 0) {
        free(name);
        return ENOMEM;
    }
    if (lstat(path, &is) != 0) {
        why = errno == ENOENT ? 0 : errno; /* gone meanwhile */
    } else if (S_ISDIR(is.st_mode)) {
        if (depth < SWEEP_FOLDER_DEPTH) why = walk_folder(w, name, depth + 1);
    } else if (stat(path, &is) != 0) {
        why = errno == ENOENT || errno == ELOOP ? 0 : errno; /* a link to nothing */
    } else if (S_ISREG(is.st_mode)) {
        why = w->visit(w->ctx, name);
    }
    free(name);
    free(path);
    return why;
}

static int walk_folder(const walk *w, const char *below, int depth) {
    char *path = NULL;
    struct dirent **entry = NULL;
    if (asprintf(&path, "%s%s%s", w->root, *below ? "/" : "", below) < 0) return ENOMEM;
    int n = scandir(path, &entry, NULL, alphasort), why = n < 0 ? errno : 0;
    free(path);
    for (int i = 0; i < n; i++) {
        const char *name = entry[i]->d_name;
        int skip = name[0] == '.' && (!w->hidden || strcmp(name, ".") == 0 || strcmp(name, "..") == 0);
        if (!why && !skip) why = walk_entry(w, below, name, depth);
        free(entry[i]);
    }
    free(entry);
    return why;
}

int sweep_folder_walk(const char *dir, int hidden, sweep_folder_visit visit, void *ctx) {
    const walk w = {dir, hidden, visit, ctx};
    return walk_folder(&w, "", 0);
}
