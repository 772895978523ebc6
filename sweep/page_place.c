/*
 * page_place.c - where a page may lie that a table goes into: below the config's folder or the git repository that
 * holds it, below the working directory or the output folder. Links are followed first: what counts is where the page
 * really is. Anything else takes --allow-outside, so that a config from elsewhere cannot name any page it likes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep/pages.h"
#include "sweep/run_set.h"

/** `path` lies below the folder; the root of the file system is no folder to lie below. */
static int below(const char *path, const char *folder) {
    size_t n = strlen(folder);
    return n > 1 && strncmp(path, folder, n) == 0 && path[n] == '/';
}

/** The real folder of the config, or that of the repository above it; malloc'ed, NULL: memory is gone. */
static char *home_of(const char *config) {
    const char *slash = strrchr(config, '/');
    char *folder = slash ? strndup(config, (size_t)(slash - config) + 1) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL;
    size_t n = real ? strlen(real) : 0;
    free(folder);
    char *git = real ? malloc(n + sizeof "/.git") : NULL;
    for (size_t at = n; git && at > 0; at--) {
        if (at < n && real[at] != '/') continue;
        memcpy(git, real, at);
        memcpy(git + at, "/.git", sizeof "/.git");
        if (access(git, F_OK) != 0) continue;
        real[at] = 0;
        break;
    }
    free(git);
    return real;
}

static int may_be(const sweep_run *run, const char *page) {
    char *home = home_of(run->cfg->path), *here = realpath(".", NULL);
    char *out = run->set ? realpath(run->set->folder.dir, NULL) : run->real_dir ? realpath(run->real_dir, NULL) : NULL;
    int inside = (home && below(page, home)) || (here && below(page, here)) || (out && below(page, out));
    free(home);
    free(here);
    free(out);
    return inside;
}

err sweep_page_place(sweep_run *run, const sweep_inject *where) {
    char *real = run->ctx->options->outside ? NULL : realpath(where->file, NULL);
    int inside = !real || may_be(run, real); /* a page that is not there is told of when it is read */
    free(real);
    if (inside) return ERR_OK;
    return diag_add(&run->ctx->faults, ERR_RANGE, run->cfg->path, where->marker.line, where->marker.column, "inject",
                    "%.120s lies outside of the config's folder and repository, the working directory and the output "
                    "folder; --allow-outside permits it",
                    where->file);
}
