/*
** mutate.h - planted defects, so that the simulator can show that it finds them. Only the library that tests load is
** compiled with LS_MUTANTS; in the one that ships LS_MUTATED(n) is the constant 0.
*/
#ifndef LS_MUTATE_H
#define LS_MUTATE_H

#ifdef LS_MUTANTS
int ls__mutated(int defect);
#define LS_MUTATED(defect) ls__mutated(defect)
#else
#define LS_MUTATED(defect) 0
#endif

#endif
