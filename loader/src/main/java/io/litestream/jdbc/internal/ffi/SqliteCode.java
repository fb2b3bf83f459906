package io.litestream.jdbc.internal.ffi;

/** The SQLite result codes that cross the boundary. */
public final class SqliteCode {
  public static final int OK = 0;
  public static final int ERROR = 1;
  public static final int BUSY = 5;
  public static final int NOMEM = 7;
  public static final int INTERRUPT = 9;
  public static final int IOERR = 10;
  public static final int CORRUPT = 11;
  public static final int NOTFOUND = 12;
  public static final int CANTOPEN = 14;
  public static final int TOOBIG = 18;
  public static final int MISMATCH = 20;
  public static final int MISUSE = 21;
  public static final int AUTH = 23;

  /** A read past the end: the rest of the buffer is zero. */
  public static final int IOERR_SHORT_READ = 522;

  private SqliteCode() {}
}
