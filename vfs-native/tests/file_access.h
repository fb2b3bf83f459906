/*
** file_access.h - what the file tests share: a db, specs, and reading a page as a reader does.
*/
#ifndef LS_FILE_ACCESS_H
#define LS_FILE_ACCESS_H

#include "file.h"
#include "ltx_write.h"

extern char err[400];

/* A db for files to belong to. */
ls_db *open_test_db(void);

/* The spec of these bytes, with the TXIDs of their header. */
ls_file_spec spec_of(const bytes *file);

int load(ls_db *db, const bytes *file, ls_file **out);
/* With exact copies of a prefix and a suffix, so that a read outside of them shows. */
int open_ends(ls_db *db, const bytes *file, size_t prefix, size_t suffix, ls_file **out);

/* From the cache, else from the bytes by way of a window. */
int read_page(ls_file *f, const bytes *file, uint32_t ordinal, uint8_t *page);

#endif
