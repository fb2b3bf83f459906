/*
** version.c - the project's version, which CMake takes from the root pom.xml: the one place that has it.
*/
#include "litestream.h"

const char *ls_version(void) { return LS_VERSION; }
