package io.litestream.testkit.data;

/**
 * A b-tree whose interior pages all have the same number of children, but for the last ones, and
 * whose pages lie in the order in which a scan reaches them: each before its children. So a node's
 * place follows from its number and the other way round.
 *
 * <p>Levels count from the leaves, which are level 0; nodes of a level from 0 from left to right.
 */
record TreeShape(int fanout, long leaves, int height) {

  /** A node. */
  record Node(int level, long number) {}

  TreeShape(int fanout, long leaves) {
    this(fanout, leaves, heightFor(fanout, leaves));
  }

  private static int heightFor(int fanout, long leaves) {
    int height = 0;
    for (long reach = 1; reach < leaves; reach *= fanout) {
      height++;
    }
    return height;
  }

  /** Whether every interior page has two children or more, as SQLite demands. */
  boolean valid() {
    for (int level = 0; level < height; level++) {
      if (nodes(level) % fanout == 1) {
        return false;
      }
    }
    return height > 0;
  }

  long nodes(int level) {
    long span = span(level);
    return (leaves + span - 1) / span;
  }

  /** Pages of all levels. */
  long pages() {
    long pages = 0;
    for (int level = 0; level <= height; level++) {
      pages += nodes(level);
    }
    return pages;
  }

  /** Leaves below a full node of a level. */
  long span(int level) {
    long span = 1;
    for (int i = 0; i < level; i++) {
      span *= fanout;
    }
    return span;
  }

  /** Children of an interior node. */
  int children(Node node) {
    return (int) Math.min(fanout, nodes(node.level - 1) - node.number * fanout);
  }

  Node child(Node node, int i) {
    return new Node(node.level - 1, node.number * fanout + i);
  }

  /** Pages below and including a full node of a level. */
  private long pagesBelow(int level) {
    long pages = 1;
    for (int i = 0; i < level; i++) {
      pages = 1 + fanout * pages;
    }
    return pages;
  }

  /** Pages before a node, the root's being 0. */
  long place(Node node) {
    long place = 0;
    long rest = node.number * span(node.level);
    for (int level = height; level > node.level; level--) {
      long span = span(level - 1);
      place += 1 + rest / span * pagesBelow(level - 1);
      rest %= span;
    }
    return place;
  }

  /** The node at a place. */
  Node at(long place) {
    int level = height;
    long number = 0;
    for (long rest = place; rest > 0; ) {
      long below = pagesBelow(level - 1);
      number = number * fanout + (rest - 1) / below;
      rest = (rest - 1) % below;
      level--;
    }
    return new Node(level, number);
  }
}
