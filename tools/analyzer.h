/*
 * analyzer.h - read by clang-tidy and gcc's analyzer only, before every file but err.c: lets them see that diag_add()
 * answers with the code that it was given, so that they do not follow a fault on as a success.
 */
#ifndef TOOLS_ANALYZER_H
#define TOOLS_ANALYZER_H

#include "common/err.h"

#define diag_add(list, code, ...) ((void)diag_add(list, code, __VA_ARGS__), (code))

#endif
