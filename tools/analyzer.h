/*
 * analyzer.h - read by clang-tidy only, before every file but err.c: lets the analyzer see that diag_add() answers with
 * the code that it was given, so that it does not follow a fault on as a success.
 */
#ifndef TOOLS_ANALYZER_H
#define TOOLS_ANALYZER_H

#include "common/err.h"

#define diag_add(list, code, ...) ((void)diag_add(list, code, __VA_ARGS__), (code))

#endif
