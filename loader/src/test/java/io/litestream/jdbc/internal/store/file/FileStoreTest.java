package io.litestream.jdbc.internal.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.litestream.jdbc.internal.store.FileUrl;
import io.litestream.jdbc.internal.store.Layout;
import io.litestream.jdbc.internal.store.ReplicaStoreContract;
import io.litestream.jdbc.internal.store.Stores;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest extends ReplicaStoreContract {

  @TempDir Path temp;

  private Path root() {
    return temp.resolve("replica");
  }

  @Override
  protected ReplicaStore open() {
    return new FileStore(new FileUrl(root()));
  }

  /** As Litestream does: written aside, then renamed. */
  @Override
  protected void put(String key, byte[] bytes) throws IOException {
    Path path = root().resolve(key);
    Files.createDirectories(path.getParent());
    Path aside = Files.write(temp.resolve("aside"), bytes);
    Files.move(aside, path, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  protected void delete(String key) throws IOException {
    Files.delete(root().resolve(key));
  }

  @Override
  protected List<Layout> layouts() {
    return Layout.IN_DIRECTORY;
  }

  private String key(LtxName name) {
    return "ltx/" + name.level() + "/" + name.fileName();
  }

  @Test
  void anOpenFileSurvivesRetention() throws Exception {
    byte[] all = bytes(1_000, 1);
    put(key(LtxName.raw(1)), all);
    try (ReplicaStore store = open()) {
      LtxObject pinned = head(store, LtxName.raw(1), 100).object();
      delete(key(LtxName.raw(1)));
      assertThat(store.read(pinned, 0, 1_000, TIMEOUT).bytes()).isEqualTo(all);
      store.release(pinned);
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> store.read(pinned, 0, 1, TIMEOUT));
      assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
    }
  }

  @Test
  void theTagIsTheChecksumAtTheEnd() throws Exception {
    byte[] all = bytes(100, 1);
    System.arraycopy(new byte[] {(byte) 0x92, 0, 1, 2, 3, 4, 5, (byte) 0xff}, 0, all, 92, 8);
    put(key(LtxName.raw(1)), all);
    try (ReplicaStore store = open()) {
      assertThat(head(store, LtxName.raw(1), 10).object().tag()).isEqualTo("92000102030405ff");
    }
  }

  @Test
  void noticesAFileThatIsOverwrittenOrCutInPlace() throws Exception {
    put(key(LtxName.raw(1)), bytes(1_000, 1));
    Path path = root().resolve(key(LtxName.raw(1)));
    try (ReplicaStore store = open()) {
      LtxObject pinned = head(store, LtxName.raw(1), 100).object();
      Files.write(path, bytes(1_000, 2));
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> store.read(pinned, 0, 10, TIMEOUT));
      assertThat(e.kind()).isEqualTo(Kind.CHANGED);

      LtxObject again = head(store, LtxName.raw(1), 100).object();
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
        file.setLength(500);
      }
      for (int offset : new int[] {0, 490, 600}) {
        e =
            catchThrowableOfType(
                StoreException.class, () -> store.read(again, offset, 100, TIMEOUT));
        assertThat(e.kind()).isEqualTo(Kind.CHANGED);
      }
    }
  }

  @Test
  void holdsABoundedNumberOfFilesOpen() throws Exception {
    int many = OpenFiles.LIMIT + 40;
    for (int txid = 1; txid <= many; txid++) {
      put(key(LtxName.raw(txid)), bytes(50, txid));
    }
    try (ReplicaStore store = open()) {
      List<LtxObject> pinned = new ArrayList<>();
      for (int txid = 1; txid <= many; txid++) {
        pinned.add(head(store, LtxName.raw(txid), 10).object());
      }
      Path descriptors = Path.of("/proc/self/fd");
      if (Files.isDirectory(descriptors)) {
        try (var open = Files.list(descriptors)) {
          assertThat(open.filter(FileStoreTest::isReplicaFile).count()).isEqualTo(OpenFiles.LIMIT);
        }
      }
      for (LtxObject object : pinned) {
        assertThat(store.read(object, 0, 50, TIMEOUT).bytes())
            .isEqualTo(bytes(50, object.name().minTxid()));
      }
    }
  }

  private static boolean isReplicaFile(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().endsWith(".ltx");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void anInterruptedReaderDoesNotHarmOthers() throws Exception {
    byte[] all = bytes(1_000, 1);
    put(key(LtxName.raw(1)), all);
    try (ReplicaStore store = open()) {
      LtxObject pinned = head(store, LtxName.raw(1), 100).object();
      Thread.currentThread().interrupt();
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> store.read(pinned, 0, 10, TIMEOUT));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(e.kind()).isEqualTo(Kind.TRANSIENT);
      assertThat(store.read(pinned, 0, 1_000, TIMEOUT).bytes()).isEqualTo(all);
    }
  }

  @Test
  @DisplayName("C-48: blanks and percent-escapes in file URLs work")
  void blanksInUrls() throws Exception {
    Path directory = temp.resolve("my backups/50% off/ä");
    Path level = Files.createDirectories(directory.resolve("ltx/0"));
    Files.write(level.resolve(LtxName.raw(1).fileName()), bytes(100, 1));
    String path = directory.toString();
    for (String url :
        List.of(
            path,
            "file://" + path.replace("%", "%25"),
            "file:" + path.replace("%", "%25"),
            "file://" + path.replace("%", "%25").replace(" ", "%20").replace("ä", "%C3%A4"))) {
      try (ReplicaStore store = Stores.open(url, name -> null)) {
        assertThat(store.list(0, null, TIMEOUT)).as(url).hasSize(1);
        assertThat(store.describe()).isEqualTo("file://" + path);
      }
    }
  }

  @Test
  @DisplayName("C-43: a place that cannot be a replica is named")
  void namesTheWrongPlace() throws Exception {
    Path file = Files.write(temp.resolve("app.db"), new byte[10]);
    try (ReplicaStore store = new FileStore(new FileUrl(file))) {
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> store.list(0, null, TIMEOUT));
      assertThat(e.kind()).isEqualTo(Kind.UNUSABLE);
      assertThat(e).hasMessageContaining("app.db").hasMessageContaining("not a directory");
    }
    Files.createDirectories(root());
    Files.write(root().resolve("ltx"), new byte[10]);
    try (ReplicaStore store = open()) {
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> store.list(0, null, TIMEOUT));
      assertThat(e.kind()).isEqualTo(Kind.UNUSABLE);
    }
  }

  @Test
  void closingTwiceAndReadingAfterwardsLeaksNothing() throws Exception {
    put(key(LtxName.raw(1)), bytes(100, 1));
    ReplicaStore store = open();
    LtxObject pinned = head(store, LtxName.raw(1), 100).object();
    store.close();
    store.close();
    assertThat(store.read(pinned, 0, 100, TIMEOUT).bytes()).isEqualTo(bytes(100, 1));
  }
}
