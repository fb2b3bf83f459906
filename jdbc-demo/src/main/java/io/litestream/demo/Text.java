package io.litestream.demo;

/** Texts of unknown origin, made fit for one line of a terminal. */
final class Text {

  private Text() {}

  /** The same with every control character written out, so that none reaches the terminal. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                  if (Character.isISOControl(c)) {
                    line.append(String.format("\\x%02x", c));
                  } else {
                    line.appendCodePoint(c);
                  }
                }
              }
            });
    return line.toString();
  }

  /** Code points: what a terminal shows, but for wide and combining characters. */
  static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  /** The text, or its beginning and "..." when it is wider. */
  static String cut(String text, int width) {
    if (width(text) <= width) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, width - 3)) + "...";
  }
}
