package io.litestream.jdbc.store;

import java.util.List;

/**
 * A part of a listing.
 *
 * @param files ascending by name
 * @param last whether no files follow
 */
public record ListPage(List<LtxObject> files, boolean last) {

  public ListPage {
    files = List.copyOf(files);
  }
}
