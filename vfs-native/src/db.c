/*
** db.c - a replica's references.
*/
#include "file.h"

void ls__db_ref(ls_db *db) { (void)db; }
void ls__db_unref(ls_db *db) { (void)db; }
void ls__db_file_gone(ls_db *db, uint64_t file_id) {
  (void)db;
  (void)file_id;
}
