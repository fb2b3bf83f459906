package io.litestream.testkit.model;

import io.litestream.testkit.ltx.Listed;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.PageEncoding;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** An object of a model's store. Immutable: another upload under the same key is another object. */
public final class StoredObject implements Listed {

  private final FileContent content;
  private final PageEncoding encoding;
  private final byte[] bytes;
  private final long modifiedMs;

  StoredObject(FileContent content, PageEncoding encoding, byte[] bytes, long modifiedMs) {
    this.content = content;
    this.encoding = encoding;
    this.bytes = bytes;
    this.modifiedMs = modifiedMs;
  }

  @Override
  public LtxKey key() {
    return content.key();
  }

  /** The file; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** What tells these bytes from others under the same key: the file checksum, in hex. */
  public String tag() {
    return HexFormat.of().toHexDigits(ByteBuffer.wrap(bytes).getLong(bytes.length - Long.BYTES));
  }

  /** When it was uploaded, as listings show it; never before {@link #createdMs}. */
  public long modifiedMs() {
    return modifiedMs;
  }

  /** The header's timestamp, which is also the object's metadata. */
  @Override
  public long createdMs() {
    return content.timestampMs();
  }

  /** The state that the file leads to. */
  public State state() {
    return content.state();
  }

  /** Whether it is a snapshot that holds later transactions than its name says. */
  public boolean aheadOfName() {
    return content.aheadOfName();
  }

  public PageEncoding encoding() {
    return encoding;
  }

  FileContent content() {
    return content;
  }
}
