/*
 * analyzer.h - read by clang-tidy and gcc's analyzer only, before every file but err.c: lets them see that diag_add()
 * and diag_input() answer with a fault, so that they do not follow it on as a success.
 */
#ifndef TOOLS_ANALYZER_H
#define TOOLS_ANALYZER_H

#include "common/err.h"

#define diag_add(list, code, ...)   ((void)diag_add(list, code, __VA_ARGS__), (code))
#define diag_input(list, code, ...) ((void)diag_input(list, code, __VA_ARGS__), (code))

#endif
