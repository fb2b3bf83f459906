package io.litestream.jdbc.internal.store.s3;

import java.io.PrintWriter;
import java.io.StringWriter;

/** For tests that look for secrets. */
final class Secrets {

  private Secrets() {}

  /** Everything that a log would show of an exception, its causes included. */
  static String textOf(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
