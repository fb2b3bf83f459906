package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.internal.store.S3Credentials;
import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/**
 * Says what a failed request means, in a text that shows no secret even where a server echoes one.
 */
final class S3Errors {

  /** Answers with status 400 that are about credentials. */
  private static final Set<String> BAD_CREDENTIALS =
      Set.of(
          "ExpiredToken",
          "ExpiredTokenException",
          "InvalidToken",
          "InvalidTokenId",
          "TokenRefreshRequired",
          "InvalidAccessKeyId",
          "InvalidSecurity");

  /** Answers with status 400 or 409 that pass. */
  private static final Set<String> PASSING =
      Set.of("RequestTimeout", "SlowDown", "OperationAborted", "ConditionalRequestConflict");

  private final S3Url url;
  private final boolean provided;
  private final List<String> secrets;

  /**
   * @param provided whether the credentials come from a provider that was given, not from the URL
   */
  S3Errors(S3Url url, boolean provided) {
    this.url = url;
    this.provided = provided;
    this.secrets = new ArrayList<>();
    S3Credentials.Keys keys = url.credentials().keys();
    if (keys != null) {
      secrets.add(keys.accessKeyId());
      secrets.add(keys.secretAccessKey());
      secrets.add(Objects.requireNonNullElse(keys.sessionToken(), ""));
    }
    secrets.add(Objects.requireNonNullElse(url.customerKey(), ""));
    secrets.removeIf(String::isEmpty);
  }

  /**
   * Translates what the SDK threw.
   *
   * @param what the object or place that the request was for
   * @param permission what the request needs, as in {@code s3:GetObject on it}
   * @param used what the request was signed with, null when it came to none
   */
  StoreException translate(
      String what,
      String permission,
      Duration timeout,
      RuntimeException e,
      @Nullable AwsCredentials used) {
    List<String> hidden = new ArrayList<>(secrets);
    if (used != null) {
      hidden.add(used.accessKeyId());
      hidden.add(used.secretAccessKey());
      hidden.add(Objects.requireNonNullElse(RenewableCredentials.token(used), ""));
      hidden.removeIf(String::isEmpty);
    }
    return switch (e) {
      case AwsServiceException answer -> answered(what, permission, answer, hidden);
      case ApiCallTimeoutException late -> late(what, timeout);
      case ApiCallAttemptTimeoutException late -> late(what, timeout);
      case AbortedException aborted -> {
        Thread.currentThread().interrupt();
        yield new StoreException(
            Kind.TRANSIENT, what + ": the thread that asked was interrupted", null);
      }
      default -> unanswered(what, e, hidden);
    };
  }

  private static StoreException late(String what, Duration timeout) {
    return new StoreException(
        Kind.TRANSIENT, what + ": no answer within " + timeout.toMillis() + " ms", null);
  }

  private StoreException answered(
      String what, String permission, AwsServiceException e, List<String> hidden) {
    AwsErrorDetails details = e.awsErrorDetails();
    String code = details == null || details.errorCode() == null ? "" : details.errorCode();
    int status = e.statusCode();
    Kind kind = kind(status, code);
    String text =
        what
            + ": "
            + switch (kind) {
              case NOT_FOUND -> "there is no such object";
              case CHANGED -> "other bytes have been stored under this name";
              case DENIED -> denied(permission, code);
              case UNUSABLE -> unusable(status, code);
              case TRANSIENT -> "the server cannot answer now";
            };
    return new StoreException(kind, text + " (" + proof(e, details, hidden) + ")", null);
  }

  /** What the server said, for whoever runs it. */
  private static String proof(
      AwsServiceException e, @Nullable AwsErrorDetails details, List<String> hidden) {
    StringJoiner proof = new StringJoiner(", ");
    proof.add("HTTP " + e.statusCode());
    for (String part :
        Arrays.asList(
            details == null ? null : details.errorCode(),
            details == null ? null : details.errorMessage(),
            e.requestId() == null ? null : "request " + e.requestId())) {
      if (part != null && !part.isBlank()) {
        proof.add(scrub(part, hidden));
      }
    }
    return proof.toString();
  }

  static Kind kind(int status, String code) {
    if (status == 404) {
      return code.equals("NoSuchKey") ? Kind.NOT_FOUND : Kind.UNUSABLE;
    }
    if (status == 412) {
      return Kind.CHANGED;
    }
    if (status == 401 || status == 403 || BAD_CREDENTIALS.contains(code)) {
      return Kind.DENIED;
    }
    return status == 429 || status == 408 || status >= 500 || PASSING.contains(code)
        ? Kind.TRANSIENT
        : Kind.UNUSABLE;
  }

  private String denied(String permission, String code) {
    return switch (code) {
      case "RequestTimeTooSkewed" -> "refused, because this machine's clock is wrong; set it";
      case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired" ->
          "refused, because the " + credentials() + " have expired; " + remedy();
      case "SignatureDoesNotMatch" ->
          "refused, because the secret of the "
              + credentials()
              + " is wrong for this server; check it, and the endpoint";
      case "InvalidAccessKeyId", "InvalidToken", "InvalidTokenId" ->
          "refused, because the "
              + credentials()
              + " are wrong for this server, or no longer valid; "
              + remedy();
      default -> "refused; the " + credentials() + " need " + permission;
    };
  }

  private String credentials() {
    return provided ? "credentials of the provider that was given" : url.credentials().toString();
  }

  /** Keys that are given as such stay what they are; whatever else was already asked anew. */
  private String remedy() {
    return !provided && url.credentials().keys() != null
        ? "these cannot be renewed: give others and open the replica again, or use a profile or a"
            + " role"
        : "asking their source again did not help";
  }

  private String unusable(int status, String code) {
    if (code.equals("NoSuchBucket")) {
      return "there is no bucket " + url.bucket();
    }
    if (status == 301
        || code.equals("AuthorizationHeaderMalformed")
        || code.equals("IllegalLocationConstraintException")) {
      return "the bucket is in another region; set the parameter region of the replica URL";
    }
    return status == 404
        ? "the server knows no such place; check bucket and endpoint"
        : "the request was refused";
  }

  private StoreException unanswered(String what, RuntimeException e, List<String> hidden) {
    String text = " (" + scrub(rootText(e), hidden) + ")";
    Kind kind;
    String how;
    if (hasCause(e, CertificateException.class) || hasCause(e, SSLPeerUnverifiedException.class)) {
      kind = Kind.UNUSABLE;
      how = "the server's TLS certificate is not trusted";
    } else if (hasCause(e, IOException.class)) {
      kind = Kind.TRANSIENT;
      how = "the connection failed";
    } else if (text.toLowerCase(Locale.ROOT).contains("credentials")) {
      kind = Kind.DENIED;
      how =
          "no "
              + credentials()
              + "; set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY, or name another profile";
    } else {
      kind = Kind.UNUSABLE;
      how = "the request cannot be made";
    }
    return new StoreException(kind, what + ": " + how + text, safe(e, hidden));
  }

  private static String rootText(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  /** The exception as a cause, unless a text in its chain holds a secret. */
  private static @Nullable Throwable safe(Throwable e, List<String> hidden) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      String text = t.toString();
      if (!scrub(text, hidden).equals(text)) {
        return null;
      }
    }
    return e;
  }

  private static String scrub(String text, List<String> hidden) {
    String scrubbed = text;
    for (String secret : hidden) {
      scrubbed = scrubbed.replace(secret, "***");
    }
    return scrubbed;
  }
}
