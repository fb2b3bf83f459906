package io.litestream.jdbc.internal.ffi;

/** What a destination is named by ({@code LS_TRAVEL_*}, in its order). */
public enum TravelBy {
  /** A time expression: the newest state strictly before it. */
  TIME,
  /** A TXID in hex: exactly that state. */
  TXID
}
