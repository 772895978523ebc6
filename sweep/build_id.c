/*
 * build_id.c - which program this is. The digest of the sources is the same for every compiler and changes with every
 * change of them, so that what another program wrote is never taken for ours.
 */
#include "sweep/run_set.h"

#ifndef VRAMSWEEP_VERSION
#define VRAMSWEEP_VERSION "0.1.0"
#endif
#ifndef VRAMSWEEP_SOURCES
#define VRAMSWEEP_SOURCES "unknown"
#endif

const char *const sweep_build_version = VRAMSWEEP_VERSION, *const sweep_build_sources = VRAMSWEEP_SOURCES;
