package io.litestream.jdbc.internal.replica;

/** TXIDs as users write them. */
final class Txids {

  private Txids() {}

  /**
   * A TXID in hex: up to 16 digits, as {@code PRAGMA litestream_txid} shows it or without its
   * leading zeros.
   *
   * @throws IllegalArgumentException with a text for the user
   */
  static long parse(String text) {
    String digits = text.strip();
    boolean hex = !digits.isEmpty() && digits.length() <= 16;
    for (int i = 0; i < digits.length() && hex; i++) {
      hex = Character.digit(digits.charAt(i), 16) >= 0 && digits.charAt(i) < 128;
    }
    long txid = hex ? Long.parseUnsignedLong(digits, 16) : 0;
    if (txid <= 0) {
      throw new IllegalArgumentException(
          "not a TXID: '"
              + text
              + "'; expected 1 to 16 hex digits, as PRAGMA litestream_txid shows them, for example"
              + " '000000000000002a'");
    }
    return txid;
  }
}
