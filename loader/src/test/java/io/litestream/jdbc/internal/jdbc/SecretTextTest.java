package io.litestream.jdbc.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unable to open database: file:x?secret_access_key=CANARY&region=r",
        "unable to open database: file:x?replica_url=s3%3A%2F%2Fb%3Fsecret_access_key%3DCANARY%26a",
        "near: s3://key:CANARY@bucket/path",
        "file:x?replica_url=s3%3A%2F%2Fkey%3ACANARY%40bucket",
        "?sseCustomerKey=CANARY' more",
        "?session_token=CANARY"
      })
  void hidesValues(String text) {
    assertThat(SecretText.hide(text)).doesNotContain("CANARY").contains("***");
  }

  @Test
  void leavesOtherTexts() {
    String text = "no such table: items (s3://bucket/path?region=us-east-1)";
    assertThat(SecretText.hide(text)).isEqualTo(text);
  }
}
