/*
** session.h - what of a connection differs from how it was opened, over all its replicas.
**
** A pool lends one connection to many borrowers, and none may find what another left. What a borrower can leave here is a
** travel, an attached replica and an open transaction; the first is taken back in memory, without a request, also while a
** state is pinned, and so cannot fail. A replica that is attached with session_time=keep is meant for all borrowers (a
** pool attaches it when it opens a connection): it stays, and only goes home.
**
** SQLite before 3.39.0 cannot list a connection's schemas to an extension: there only the file that was asked is looked at.
**
** Threading: the connection's thread.
*/
#ifndef LS_SESSION_H
#define LS_SESSION_H

#include "vfile.h"

#define LS_SESSION_AWAY 1        /* the target of some replica is not its home */
#define LS_SESSION_ATTACHED 2    /* a replica is attached, without session_time=keep */
#define LS_SESSION_TRANSACTION 4 /* auto-commit is off */
#define LS_SESSION_STAYS 8       /* the file that was asked has session_time=keep */

/* LS_SESSION_* of the connection that uses the file now. */
int ls__session_bits(ls_vfile *file);
/* Every replica of that connection goes home with its next pin. */
void ls__session_reset(ls_vfile *file);

#endif
