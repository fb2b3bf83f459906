package io.litestream.jdbc.internal.store;

import java.util.Locale;
import java.util.regex.Pattern;

/** The spellings of a parameter's name: snake_case, kebab-case and camelCase are one name. */
public final class Spelling {

  private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  private Spelling() {}

  /** The name in snake_case; a name that mixes the spellings is returned as it is. */
  public static String snake(String name) {
    boolean humps = !name.equals(name.toLowerCase(Locale.ROOT));
    boolean kebab = name.indexOf('-') >= 0;
    boolean snake = name.indexOf('_') >= 0;
    if (humps && !kebab && !snake && Character.isLowerCase(name.charAt(0))) {
      return HUMP.matcher(name).replaceAll("_").toLowerCase(Locale.ROOT);
    }
    return kebab && !humps && !snake ? name.replace('-', '_') : name;
  }
}
