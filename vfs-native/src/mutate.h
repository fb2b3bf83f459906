/*
** mutate.h - what only tests can change: planted defects, so that the simulator can show that it finds them, and the sizes
** of fetches, so that its small files are read in ranges and ahead, and their page indexes in parts. Only the library that tests load is compiled with
** LS_MUTANTS; in the one that ships LS_MUTATED(n) is the constant 0, and the sizes are constants too (file.h).
*/
#ifndef LS_MUTATE_H
#define LS_MUTATE_H

#ifdef LS_MUTANTS
#include <stdint.h>

uint64_t ls__whole_max(void);
uint32_t ls__window(void);
uint32_t ls__index_piece(void);
int ls__index_forgotten(void);
int ls__mutated(int defect);
#define LS_MUTATED(defect) ls__mutated(defect)
#else
#define LS_MUTATED(defect) 0
#endif

#endif
