package io.litestream.testkit.ltx;

/** One file of a replica as a listing shows it. */
public interface Listed {

  LtxKey key();

  /**
   * The time that restoring by time compares: the header's, or what the store gives for it. Unix
   * milliseconds.
   */
  long createdMs();
}
