/*
 * layout.c - parts joined by '-', each at most once, bounded degrees.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "sweep/layout.h"

enum { PART = 16 };

/** A part with a number: its degree goes to `at`, least..most. */
static const struct degree {
    const char *name;
    size_t at;
    int least, most;
} degrees[] = {
    {"tp", offsetof(kern_layout, tp), 1, KERN_DEGREE_MAX},   {"pp", offsetof(kern_layout, pp), 1, KERN_DEGREE_MAX},
    {"dp", offsetof(kern_layout, dp), 1, KERN_DEGREE_MAX},   {"ep", offsetof(kern_layout, ep), 1, KERN_DEGREE_MAX},
    {"cp", offsetof(kern_layout, cp), 1, KERN_DEGREE_MAX},   {"etp", offsetof(kern_layout, etp), 0, KERN_DEGREE_MAX},
    {"vpp", offsetof(kern_layout, vpp), 0, KERN_CHUNKS_MAX}, {"zero", offsetof(kern_layout, zero), 0, 3},
};

static const struct flag {
    const char *name;
    size_t at;
} flags[] = {
    {"fsdp", offsetof(kern_layout, fsdp)},
    {"hsdp", offsetof(kern_layout, hsdp)},
    {"sp", offsetof(kern_layout, sequence_parallel)},
};

enum { DEGREES = sizeof degrees / sizeof degrees[0], FLAGS = sizeof flags / sizeof flags[0] };

static int *member(kern_layout *l, size_t at) {
    return (int *)((char *)l + at);
}

static err refuse(char *why, const char *part, const char *what) {
    snprintf(why, DIAG_TEXT, "'%.*s' %s; a layout is tpN ppN dpN epN etpN cpN vppN zeroN fsdp hsdp sp joined by '-'",
             PART, part, what);
    return ERR_SYNTAX;
}

static err take_degree(kern_layout *l, const char *part, unsigned *seen, char *why) {
    for (unsigned i = 0; i < DEGREES; i++) {
        size_t n = strlen(degrees[i].name);
        int64_t value;
        if (strncmp(part, degrees[i].name, n) != 0 || !text_int(part + n, &value)) continue;
        if (value < degrees[i].least || value > degrees[i].most) return refuse(why, part, "is out of range");
        if (*seen & 1u << i) return refuse(why, part, "stands twice");
        *seen |= 1u << i;
        *member(l, degrees[i].at) = (int)value;
        return ERR_OK;
    }
    return refuse(why, part, "is no part of a layout");
}

static err take_part(kern_layout *l, const char *part, unsigned *seen, char *why) {
    for (unsigned i = 0; i < FLAGS; i++) {
        if (strcmp(part, flags[i].name) != 0) continue;
        if (*member(l, flags[i].at)) return refuse(why, part, "stands twice");
        *member(l, flags[i].at) = 1;
        return ERR_OK;
    }
    return take_degree(l, part, seen, why);
}

int sweep_layout_too_large(const kern_layout *l) {
    return (int64_t)l->tp * l->pp > KERN_DEGREE_MAX || (int64_t)l->dp * l->cp > KERN_DEGREE_MAX ||
           (int64_t)l->tp * l->pp * l->dp * l->cp > KERN_DEGREE_MAX || (int64_t)l->ep * l->pp * l->cp > KERN_DEGREE_MAX;
}

err sweep_layout_parse(const char *text, kern_layout *out, char *why) {
    kern_layout l = {.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1};
    unsigned seen = 0;
    for (const char *p = text;; p++) {
        char part[PART];
        size_t n = strcspn(p, "-");
        if (n >= sizeof part) return refuse(why, p, "is too long");
        for (size_t i = 0; i < n; i++)
            part[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] - 'A' + 'a') : p[i];
        part[n] = 0;
        TRY(take_part(&l, part, &seen, why));
        p += n;
        if (!*p) break;
    }
    if ((l.fsdp || l.hsdp) && l.zero && l.zero != 3) return refuse(why, text, "mixes FSDP with another ZeRO stage");
    if (l.fsdp || l.hsdp) l.zero = 3;
    if (sweep_layout_too_large(&l)) return refuse(why, text, "needs more than 65536 GPUs");
    *out = l;
    return ERR_OK;
}

void sweep_layout_text(const kern_layout *l, char *out) {
    size_t at = 0;
    kern_layout copy = *l;
    for (unsigned i = 0; i < DEGREES; i++) {
        int value = *member(&copy, degrees[i].at), plain = degrees[i].least;
        if (value == plain || (strcmp(degrees[i].name, "zero") == 0 && (l->fsdp || l->hsdp))) continue;
        at += (size_t)snprintf(out + at, KERN_LAYOUT_TEXT - at, "%s%s%d", at ? "-" : "", degrees[i].name, value);
    }
    for (unsigned i = 0; i < FLAGS; i++) {
        if (*member(&copy, flags[i].at))
            at += (size_t)snprintf(out + at, KERN_LAYOUT_TEXT - at, "%s%s", at ? "-" : "", flags[i].name);
    }
    if (at == 0) snprintf(out, KERN_LAYOUT_TEXT, "tp1");
}
