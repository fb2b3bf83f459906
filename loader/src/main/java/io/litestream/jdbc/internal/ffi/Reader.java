package io.litestream.jdbc.internal.ffi;

/**
 * The reader on whose behalf a host function runs. Valid on the calling thread and until that
 * function returns.
 */
public interface Reader {

  /**
   * Whether the waiting statement was interrupted ({@code Statement.cancel}). Cheap: meant for
   * polling in a wait.
   */
  boolean interrupted();

  /**
   * Whether what a fetch is for has come into the page cache meanwhile; then it need not be
   * fetched. Asked once others can see the request that would bring it.
   */
  default boolean arrived() {
    return false;
  }
}
