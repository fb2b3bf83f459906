package io.litestream.jdbc.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaUrlTest {

  private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5+/8=";

  private static S3Url s3(String url, Map<String, String> env) {
    return (S3Url) ReplicaUrl.parse(url, env::get);
  }

  private static S3Url s3(String url) {
    return s3(url, Map.of());
  }

  // Columns: URL, bucket, path, endpoint (- is AWS), region (- is looked up), path style.
  @ParameterizedTest
  @CsvSource({
    "s3://b,                                      b,       .,    -, -, false",
    "s3://b/,                                     b,       '',   -, -, false",
    "s3://b/.,                                    b,       '',   -, -, false",
    "S3://b/a,                                    b,       a,    -, -, false",
    "s3://my_bucket/a/b/,                         my_bucket, a/b, -, -, false",
    "s3://b/a//b/../c/./d/,                       b,       a/c/d, -, -, false",
    "s3://b/../../a,                              b,       a,    -, -, false",
    "'s3://b/a b',                                b,       'a b', -, -, false",
    "s3://b/a%20b%2Bc+d,                          b,       'a b+c+d', -, -, false",
    "s3://b/a%23b%3Fc,                            b,       a#b?c, -, -, false",
    "s3://b/me@home,                              b,       me@home, -, -, false",
    "s3://my.dotted.bucket/a,                     my.dotted.bucket, a, -, -, false",
    "s3://b?region=eu-west-1,                     b,       .,    -, eu-west-1, false",
    "s3://b.s3.amazonaws.com/a,                   b,       a,    -, -, false",
    "s3://b.s3.eu-west-1.amazonaws.com/a,         b,       a,    -, eu-west-1, false",
    "s3://a.b.s3.eu-west-1.amazonaws.com/a,       a.b,     a,    -, eu-west-1, false",
    "s3://b.s3.eu-west-1.amazonaws.com/a?region=us-east-2, b, a, -, us-east-2, false",
    "s3://b.nyc3.digitaloceanspaces.com/a,        b,       a,   "
        + " https://nyc3.digitaloceanspaces.com, nyc3, false",
    "s3://b.s3.us-west-000.backblazeb2.com/a,     b,       a,   "
        + " https://s3.us-west-000.backblazeb2.com, us-west-000, true",
    "s3://b.s3.filebase.com/a,                    b,       a,    https://s3.filebase.com,"
        + " us-east-1, true",
    "s3://b.s3.fr-par.scw.cloud/a,                b,       a,    https://s3.fr-par.scw.cloud,"
        + " fr-par, false",
    "s3://b.localhost:9000/a,                     b,       a,    http://localhost:9000, us-east-1,"
        + " true",
    "s3://b.minio.internal:9000/a,                b,       a,    http://minio.internal:9000,"
        + " us-east-1, true",
    "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/ap/app,"
        + " arn:aws:s3:eu-west-1:123456789012:accesspoint/ap, app, -, eu-west-1, false",
    "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/ap,    "
        + " arn:aws:s3:eu-west-1:123456789012:accesspoint/ap, '', -, eu-west-1, false",
    "s3://ARN:aws:s3:eu-west-1:1:accesspoint/ap/a/b?region=x,  "
        + " ARN:aws:s3:eu-west-1:1:accesspoint/ap, a/b, -, x, false",
    "s3://b/a?endpoint=localhost:9000,            b, a, http://localhost:9000, us-east-1, true",
    "s3://b/a?endpoint=127.0.0.1:9000,            b, a, http://127.0.0.1:9000, us-east-1, true",
    "s3://b/a?endpoint=10.1.2.3,                  b, a, http://10.1.2.3, us-east-1, true",
    "s3://b/a?endpoint=172.16.0.1:80,             b, a, http://172.16.0.1:80, us-east-1, true",
    "s3://b/a?endpoint=172.31.0.1:80,             b, a, http://172.31.0.1:80, us-east-1, true",
    "s3://b/a?endpoint=172.32.0.1:80,             b, a, https://172.32.0.1:80, us-east-1, true",
    "s3://b/a?endpoint=192.168.1.5:9000,          b, a, http://192.168.1.5:9000, us-east-1, true",
    "s3://b/a?endpoint=nas.local:9000,            b, a, http://nas.local:9000, us-east-1, true",
    "s3://b/a?endpoint=s3.localhost,              b, a, http://s3.localhost, us-east-1, true",
    "s3://b/a?endpoint=[::1]:9000,                b, a, 'http://[::1]:9000', us-east-1, true",
    "s3://b/a?endpoint=minio.example.com,         b, a, https://minio.example.com, us-east-1, true",
    "s3://b/a?endpoint=http://minio.example.com:9000, b, a, http://minio.example.com:9000,"
        + " us-east-1, true",
    "s3://b/a?endpoint=https%3A%2F%2Fx.example.com%3A9000, b, a, https://x.example.com:9000,"
        + " us-east-1, true",
    "s3://b/a?endpoint=t3.storage.dev&forcePathStyle=false, b, a, https://t3.storage.dev,"
        + " us-east-1, false",
    "s3://b/a?endpoint=x.r2.cloudflarestorage.com&region=auto, b, a,"
        + " https://x.r2.cloudflarestorage.com, auto, true",
    "s3://b/a?endpoint=localhost:9000&force-path-style=no, b, a, http://localhost:9000, us-east-1,"
        + " false",
    "s3://b.s3.filebase.com/a?forcePathStyle=0,   b, a, https://s3.filebase.com, us-east-1, false",
    "s3://b.localhost:9000/a?endpoint=other:1,    b, a, https://other:1, us-east-1, true",
    "s3://b/a?forcePathStyle=true,                b, a, -, -, true",
    "s3://b/a?forcePathStyle=YES,                 b, a, -, -, true",
    "s3://b/a?region=,                            b, a, -, -, false",
    "s3://b/a?signPayload=false&require-content-md5=1&concurrency=5&part-size=5242880&storageClass=IA&sse-kms-key-id=k,"
        + " b, a, -, -, false",
  })
  @DisplayName("C-44: S3 URLs, as Litestream reads them")
  void s3Urls(
      String url, String bucket, String path, String endpoint, String region, boolean pathStyle) {
    S3Url parsed = s3(url);
    assertThat(parsed.bucket()).isEqualTo(bucket);
    assertThat(parsed.path()).isEqualTo(path);
    assertThat(String.valueOf(parsed.endpoint()))
        .isEqualTo(endpoint.equals("-") ? "null" : endpoint);
    assertThat(String.valueOf(parsed.region())).isEqualTo(region.equals("-") ? "null" : region);
    assertThat(parsed.pathStyle()).isEqualTo(pathStyle);
    assertThat(parsed.skipVerify()).isFalse();
  }

  @Test
  @DisplayName(
      "C-49: the keys that Litestream writes come first, then what others would have written")
  void layouts() {
    assertThat(Layout.inBucket(s3("s3://b").path()))
        .extracting(l -> l.directory(9))
        .containsExactly("./0009/", "0009/", "/0009/", "ltx/9/");
    assertThat(Layout.inBucket(s3("s3://b/").path()))
        .extracting(l -> l.directory(9))
        .containsExactly("/0009/", "0009/", "./0009/", "ltx/9/");
    assertThat(Layout.inBucket(s3("s3://b/x/y/").path()))
        .extracting(l -> l.directory(0))
        .containsExactly("x/y/0000/", "x/y/ltx/0/");
  }

  @ParameterizedTest
  @CsvSource({
    "/data/app,                 /data/app",
    "'/data/my app%20?#',       '/data/my app%20?#'",
    "file:///data/app,          /data/app",
    "file:///data//app/../x/,   /data/x",
    "FILE:/data/app,            /data/app",
    "'file:///data/my app',     '/data/my app'",
    "file:///data/my%20app,     '/data/my app'",
    "file:///data/100%25,       /data/100%",
    "file:///data/%C3%A4,       /data/ä",
    "file:///data/a#b,          /data/a#b",
    "file://host/p,             /host/p",
    "file:///data/app?,         /data/app",
  })
  @DisplayName("C-48: file URLs")
  void fileUrls(String url, String path) {
    FileUrl parsed = (FileUrl) ReplicaUrl.parse(url, name -> null);
    assertThat(parsed.directory()).isEqualTo(Path.of(path).toAbsolutePath());
    assertThat(parsed.describe()).endsWith(path.replace('\\', '/'));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C:\\backups\\app",
        "c:/backups/app",
        "file:///C:/backups/app",
        "file://C:/backups/app",
        "\\\\server\\share"
      })
  void windowsPathsAreFiles(String url) {
    assertThat(ReplicaUrl.parse(url, name -> null)).isInstanceOf(FileUrl.class);
  }

  @Test
  void relativeFileUrls() {
    assertThat(((FileUrl) ReplicaUrl.parse("file:rel/app", name -> null)).directory())
        .isEqualTo(Path.of("rel/app").toAbsolutePath());
  }

  @ParameterizedTest
  @CsvSource({
    "'',                              is empty",
    "app.db,                          no scheme",
    "rel/app,                         no scheme",
    "gs://b/a,                        not supported yet; use s3: or file:",
    "abs://acct@c/a,                  not supported yet",
    "oss://b/a,                       not supported yet",
    "sftp://u:canary@h/a,             not supported yet",
    "nats://h/b,                      not supported yet",
    "webdavs://h/b,                   not supported yet",
    "ftp://h/b,                       not known; use s3: or file:",
    "s3:b/a,                          write s3://bucket/path",
    "s3:///a,                         is not a bucket",
    "s3://localhost:9000/a,           endpoint=https://host:port",
    "s3://b.minio.example.com:9000/a, endpoint=https://host:port",
    "s3://AKIA:canary@b/a,            AWS_ACCESS_KEY_ID",
    "s3://AKIA:can/ary@b/a,           is not a bucket",
    "s3://b/a#b,                      %23",
    "s3://b/a%2,                      %25",
    "s3://b/a%FF,                     not UTF-8",
    "s3://b/a%00,                     NUL",
    "s3://arn:aws:s3:eu-west-1:1:bucket/x, not an access point",
    "s3://b/a?forcepathstyle=1,       unknown parameter forcepathstyle; did you mean"
        + " force_path_style?",
    "s3://b/a?regoin=x,               unknown parameter regoin; did you mean region?",
    "s3://b/a?wombat=x,               unknown parameter wombat",
    "s3://b/a?region=a&region=b,      region twice",
    "s3://b/a?forcePathStyle=1&force-path-style=1, force_path_style twice",
    "s3://b/a?forcePathStyle=perhaps, neither true nor false",
    "s3://b/a?partSize=0,             to a positive integer",
    "s3://b/a?concurrency=5x,         to a positive integer",
    "s3://b/a?endpoint=http://u:canary@h, user and password",
    "s3://b/a?endpoint=http://,       is not a URL",
    "s3://b/a?sseCustomerKey=canary,  base64 of 32 bytes",
    "s3://b/a?sseCustomerAlgorithm=AES128, to AES256",
    "s3://b/a?sseCustomerAlgorithm=AES256, no sse_customer_key",
    "file://u:canary@h/a,             has no user",
    "file:///a?x=1,                   takes no parameters",
    "file:///a%zz,                    %25",
    "file://,                         no path",
  })
  @DisplayName("C-43: what is wrong with a URL is said without showing secrets")
  void refused(String url, String text) {
    assertThatThrownBy(() -> ReplicaUrl.parse(url, name -> null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text)
        .message()
        .doesNotContain("canary");
  }

  @Test
  void customerKeys() {
    String url = "s3://b/a?sse-customer-algorithm=AES256&sse-customer-key=" + KEY;
    assertThat(s3(url).customerKey()).isEqualTo(KEY);
    assertThat(s3(url).toString()).doesNotContain(KEY);
    assertThat(s3(url + "&endpoint=http://localhost:9000").customerKey()).isEqualTo(KEY);
    assertThatThrownBy(() -> s3(url + "&endpoint=http://minio.example.com"))
        .hasMessageContaining("in the clear");
    assertThatThrownBy(() -> s3(url + "&sseKmsKeyId=k")).hasMessageContaining("one or the other");
  }

  @Test
  @DisplayName(
      "C-44: endpoint, region and credentials come from the environment, session tokens too")
  void environment() {
    S3Url url =
        s3(
            "s3://b/a",
            Map.of(
                "LITESTREAM_S3_ENDPOINT", "minio:9000",
                "LITESTREAM_ACCESS_KEY_ID", "id1",
                "AWS_SECRET_ACCESS_KEY", "secret2",
                "AWS_SESSION_TOKEN", "token3",
                "AWS_REGION", "eu-west-1"));
    assertThat(url.endpoint()).hasToString("https://minio:9000");
    assertThat(url.pathStyle()).isTrue();
    assertThat(url.region()).isEqualTo("us-east-1");
    assertThat(url.credentials().keys()).isEqualTo(new S3Credentials.Keys("id1", "secret2", null));

    Map<String, String> aws =
        Map.of(
            "AWS_ACCESS_KEY_ID",
            "id4",
            "AWS_SECRET_ACCESS_KEY",
            "s",
            "AWS_SESSION_TOKEN",
            "t",
            "LITESTREAM_ACCESS_KEY_ID",
            "id1",
            "AWS_DEFAULT_REGION",
            "eu-west-2");
    assertThat(s3("s3://b/a", aws).credentials().keys())
        .isEqualTo(new S3Credentials.Keys("id4", "s", "t"));
    assertThat(s3("s3://b/a", aws).fallbackRegion()).isEqualTo("eu-west-2");
    assertThat(s3("s3://b.localhost:9/a", Map.of("LITESTREAM_S3_ENDPOINT", "x")).endpoint())
        .hasToString("http://localhost:9");
    assertThat(s3("s3://b/a", Map.of("AWS_ACCESS_KEY_ID", "x")).credentials().keys()).isNull();
  }

  @Test
  void equalityIsTheKeyForSharingAndNothingIsShown() {
    Map<String, String> one =
        Map.of(
            "AWS_ACCESS_KEY_ID",
            "canaryId",
            "AWS_SECRET_ACCESS_KEY",
            "canarySecret",
            "AWS_SESSION_TOKEN",
            "canaryToken");
    Map<String, String> two =
        Map.of("AWS_ACCESS_KEY_ID", "canaryId", "AWS_SECRET_ACCESS_KEY", "canaryOther");
    assertThat(s3("s3://b/a/", one))
        .isEqualTo(s3("s3://b/a", one))
        .isNotEqualTo(s3("s3://b/a", two));
    assertThat(s3("s3://b/a", one)).isNotEqualTo(s3("s3://b/a?endpoint=localhost:9000", one));
    S3Url url = s3("s3://b/a", one);
    assertThat(
            url + " " + url.describe() + " " + url.credentials() + " " + url.credentials().keys())
        .doesNotContain("canary")
        .startsWith("s3://b/a ");
  }
}
