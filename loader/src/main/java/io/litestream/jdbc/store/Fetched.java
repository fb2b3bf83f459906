package io.litestream.jdbc.store;

/**
 * Bytes of an LTX file and the identity of the object that they came from.
 *
 * @param object the object as the read found it: exact size, and a tag
 * @param offset where in the object the bytes begin
 * @param bytes owned by the receiver; shorter than asked for only where the object ends
 */
public record Fetched(LtxObject object, long offset, byte[] bytes) {

  /** Whether the bytes are the whole object. */
  public boolean whole() {
    return offset == 0 && bytes.length == object.size();
  }
}
