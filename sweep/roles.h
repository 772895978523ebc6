/*
 * roles.h - names of tensor roles and classes in catalogs and on the command line.
 */
#ifndef SWEEP_ROLES_H
#define SWEEP_ROLES_H

#include <stdint.h>

#include "kernels/types.h"

/**
 * Parses LoRA targets: all-linear, attention (q, k, v, o), qv, or roles joined by '+' (q+k+v+o+gate+up+down).
 * @param out  bit per kern_role
 * @param why  receives the reason on failure, 160 bytes
 * @return 1, or 0 on failure
 */
int sweep_roles_parse(const char *text, uint32_t *out, char *why);

/** Role of a mix rule by name; `any` is KERN_ROLE_OTHER, `expert` is KERN_ROLES. -1 when unknown. */
int sweep_role_find(const char *name);

/** Parses a list of classes separated by blanks, or `all`: bit per kern_class. Returns 0 and names the bad word. */
int sweep_classes_parse(const char *text, uint32_t *out, char *why);

#endif
