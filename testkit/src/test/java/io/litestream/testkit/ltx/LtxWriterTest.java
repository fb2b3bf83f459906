package io.litestream.testkit.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LtxWriterTest {

  /** The format description's worked example. */
  private static final String EXAMPLE =
      "4c545831 00000002 00000200 00000001 0000000000000001 0000000000000001 0000019b76daa800"
          + "00".repeat(60)
          + "00000001 0001 0000001c ff01 53514c69746520666f726d6174203300 0100ff d950 0000000000"
          + "000000000000 01642600 0000000000000004 0000000000000000 92f2bd081edb6a8a";

  /** The block's last sequence has no match, so the lower half of its token means nothing. */
  private static final int LAST_TOKEN = 0x84;

  @Test
  void checksumsHaveTheirPublishedValues() {
    assertThat(Crc64.of("123456789".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(0xB90956C775A41001L);
    assertThat(Crc64.of(new byte[0])).isZero();
    assertThat(Crc64.of(new byte[] {'a'})).isEqualTo(0x3420000000000000L);
    assertThat(Crc64.of(new byte[4])).isEqualTo(0x6FFFFFFF90000000L);
    assertThat(XxHash32.of(new byte[0], 0, 0)).isEqualTo(0x02CC5D05);
    assertThat(XxHash32.of(new byte[] {'a', 'b', 'c'}, 0, 3)).isEqualTo(0x32D153FF);
  }

  @Test
  void checksumIsTheSameInPieces() {
    byte[] bytes = random(1000);
    long whole = Crc64.of(bytes);
    for (int cut = 0; cut <= bytes.length; cut += 7) {
      long crc = Crc64.update(Crc64.update(0, bytes, 0, cut), bytes, cut, bytes.length - cut);
      assertThat(crc).isEqualTo(whole);
    }
  }

  @Test
  void writesTheWorkedExample() {
    byte[] file =
        LtxWriter.file(
            PageEncoding.BLOCK, exampleHeader(), new TreeMap<>(Map.of(1, examplePage())));
    assertThat(HexFormat.of().formatHex(file)).isEqualTo(EXAMPLE.replace(" ", ""));
  }

  @Test
  void writesRollingChecksums() {
    LtxHeader header = exampleHeader().withChecksums(0, 0);
    LtxFile file =
        LtxReader.decode(
            LtxWriter.file(PageEncoding.BLOCK, header, new TreeMap<>(Map.of(1, examplePage()))));
    assertThat(file.postApply()).isEqualTo(0xdeab2593341315e9L);
    assertThat(file.checksum()).isEqualTo(0xb5c09c45085afbe1L);
  }

  @ParameterizedTest
  @EnumSource
  void readsBackEveryPageSizeAndContent(PageEncoding encoding) {
    for (int pageSize = 512; pageSize <= 65536; pageSize *= 2) {
      TreeMap<Integer, byte[]> pages = new TreeMap<>();
      pages.put(2, new byte[pageSize]);
      pages.put(3, random(pageSize));
      byte[] text = new byte[pageSize];
      for (int i = 0; i < pageSize; i++) {
        text[i] = (byte) ("page frame level ".charAt(i % 17) + (i / 300));
      }
      pages.put(70000, text);
      byte[] mixed = random(pageSize);
      Arrays.fill(mixed, pageSize / 4, pageSize / 2, (byte) 7);
      pages.put(70001, mixed);
      LtxHeader header = LtxHeader.of(pageSize, 70001, 5, 9, 1234).withWal(32, 4096, 1, -2);
      LtxFile file = LtxReader.decode(LtxWriter.file(encoding, header, pages));
      assertThat(file.header()).isEqualTo(header);
      assertThat(file.pages().keySet()).isEqualTo(pages.keySet());
      pages.forEach((p, bytes) -> assertThat(file.pages().get(p)).isEqualTo(bytes));
      assertThat(file.frames()).allMatch(f -> f.sized() == encoding.sized());
    }
  }

  @Test
  void oneWriterMakesTheSameFilesAsNewOnes() {
    LtxWriter writer = new LtxWriter();
    for (int i = 2; i < 50; i++) {
      byte[] page = random(512 + i);
      LtxHeader header = LtxHeader.of(512, 9, i, i, i);
      byte[] again = writer.begin(PageEncoding.BLOCK, header).page(1 + i % 9, page, i).finish();
      byte[] fresh =
          new LtxWriter().begin(PageEncoding.BLOCK, header).page(1 + i % 9, page, i).finish();
      assertThat(LtxReader.decode(again).pages().get(1 + i % 9))
          .isEqualTo(Arrays.copyOfRange(page, i, i + 512));
      assertThat(again).isEqualTo(fresh);
    }
  }

  @Test
  void readerFindsEveryFlippedBitAndEveryCut() {
    byte[] file = HexFormat.of().parseHex(EXAMPLE.replace(" ", ""));
    for (int bit = 0; bit < 8 * file.length; bit++) {
      byte[] wrong = file.clone();
      wrong[bit / 8] ^= (byte) (1 << bit % 8);
      if (bit / 8 == LAST_TOKEN && bit % 8 < 4) {
        assertThat(LtxReader.decode(wrong).pages().get(1)).isEqualTo(examplePage());
        continue;
      }
      assertThatThrownBy(() -> LtxReader.decode(wrong)).isInstanceOf(LtxFormatException.class);
    }
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> LtxReader.decode(cut)).isInstanceOf(LtxFormatException.class);
    }
  }

  @Test
  void readerRefusesPagesOutOfPlace() {
    byte[] page = new byte[512];
    LtxWriter writer = new LtxWriter();
    LtxHeader raw = LtxHeader.of(512, 3, 2, 2, 0);
    LtxHeader snapshot = LtxHeader.of(512, 3, 1, 2, 0);
    refused(
        writer.begin(PageEncoding.BLOCK, raw).page(3, page, 0).page(2, page, 0), "page 2 after 3");
    refused(writer.begin(PageEncoding.BLOCK, raw).page(4, page, 0), "beyond commit 3");
    refused(
        writer.begin(PageEncoding.BLOCK, snapshot).page(1, page, 0).page(3, page, 0),
        "page 3 of a snapshot");
    refused(writer.begin(PageEncoding.BLOCK, snapshot).page(1, page, 0), "ends at page 1");
  }

  private static void refused(LtxWriter writer, String why) {
    byte[] file = writer.finish();
    assertThatThrownBy(() -> LtxReader.decode(file)).hasMessageContaining(why);
  }

  private static LtxHeader exampleHeader() {
    return LtxHeader.of(512, 1, 1, 1, 1767225600000L);
  }

  private static byte[] examplePage() {
    return Arrays.copyOf("SQLite format 3\0".getBytes(StandardCharsets.US_ASCII), 512);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
