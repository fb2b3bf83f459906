/*
** mutate.c - see mutate.h.
*/
#include "mutate.h"

#include <stdatomic.h>

#include "litestream.h"

#ifdef LS_MUTANTS

static atomic_int planted;

void ls_mutate(int defect) { atomic_store(&planted, defect); }

int ls__mutated(int defect) { return atomic_load(&planted) == defect; }

#endif
