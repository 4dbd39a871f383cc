package commerce.returns.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Answers the token to send. It is asked for each attempt of a call, so it should remember a token until that is about to
 * expire; it may be asked by many threads at once. Any function of yours is one.
 */
@FunctionalInterface
public interface TokenSource {
  /** The token, without "Bearer". Any exception fails the call that wanted it. */
  String token() throws Exception;

  /** Always the same token. */
  static TokenSource of(String token) {
    String trimmed = token.strip();
    return () -> trimmed;
  }

  /** What a file has, read anew each time: something else keeps the file fresh. */
  static TokenSource file(Path path) {
    return () -> {
      String token = Files.readString(path).strip();
      if (token.isEmpty()) {
        throw new IOException(path + " has no token in it");
      }
      return token;
    };
  }
}
