package io.litestream.jdbc.internal.replica;

/**
 * Threads of the library. They have nothing of the thread that happens to start them: in a
 * container that would keep an application that was undeployed in memory.
 */
final class Threads {

  private Threads() {}

  /** A daemon that is not started yet. */
  static Thread daemon(String name, Runnable task) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name(name)
            .unstarted(task);
    thread.setContextClassLoader(Threads.class.getClassLoader());
    return thread;
  }
}
