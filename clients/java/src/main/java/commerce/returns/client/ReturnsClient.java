package commerce.returns.client;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A connection to the service, with each part of it. It may be used by many threads at once; close it after use. */
public final class ReturnsClient implements AutoCloseable {
  /** How long a call may take, with all its repetitions. */
  public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

  /**
   * Spreads calls over all servers of the address. Repeating is not in it: gRPC's own repeating gives up after five attempts,
   * and where the answer had begun to arrive; this client repeats until the deadline.
   */
  public static final Map<String, ?> SERVICE_CONFIG =
      Map.of("loadBalancingConfig", List.of(Map.of("round_robin", Map.of())));

  /** The largest answer: an order of 10,000 lines with long names, or an event that tells of one, with room to spare. */
  private static final int MAX_ANSWER_BYTES = 64 << 20;

  private final Calls calls;

  private ReturnsClient(Calls calls) {
    this.calls = calls;
  }

  /**
   * Where to connect: HOST:PORT, or any address that gRPC knows, such as dns:///returns.internal:443. With TLS and the
   * system's trust, unless the builder is told otherwise.
   */
  public static Builder at(String address) {
    return new Builder(address);
  }

  /** Returns, their timelines, and following events. */
  public Returns returns() {
    return new Returns(calls);
  }

  /** The orders that returns are filed over. */
  public Orders orders() {
    return new Orders(calls);
  }

  /** The tenant's rules. */
  public Policy policy() {
    return new Policy(calls);
  }

  /** Where events are posted. */
  public Webhooks webhooks() {
    return new Webhooks(calls);
  }

  /** The same connection, whose calls may take as long as this; a deadline of gRPC's Context that is shorter holds too. */
  public ReturnsClient withDeadline(Duration deadline) {
    return new ReturnsClient(calls.withDeadline(positive(deadline)));
  }

  /** Ends the connection and every call that is under way. */
  @Override
  public void close() {
    calls.channel.shutdownNow();
    try {
      calls.channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration positive(Duration deadline) {
    if (deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException("the deadline must be positive, not " + deadline);
    }
    return deadline;
  }

  /** How to connect and call. */
  public static final class Builder {
    private final String address;
    private final TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    private boolean plainText;
    private String serverName;
    private TokenSource tokens;
    private Duration deadline = DEFAULT_DEADLINE;
    private Consumer<ManagedChannelBuilder<?>> more = channel -> {};

    private Builder(String address) {
      this.address = address;
    }

    /** Sends a bearer token with every call. */
    public Builder token(TokenSource source) {
      tokens = source;
      return this;
    }

    /** How long a call may take, with all its repetitions. Streams have no deadline but their Context's. */
    public Builder deadline(Duration limit) {
      deadline = positive(limit);
      return this;
    }

    /**
     * Connects without TLS: tokens and data can be read on the way. For this machine, and behind a proxy that does TLS.
     */
    public Builder plainText() {
      plainText = true;
      return this;
    }

    /** Trusts the certificates of a PEM file instead of the system's. */
    public Builder trust(Path certificates) throws IOException {
      tls.trustManager(certificates.toFile());
      return this;
    }

    /** The client's own certificate chain and its private key, PEM files, for mutual TLS. */
    public Builder certificate(Path chain, Path key) throws IOException {
      tls.keyManager(chain.toFile(), key.toFile());
      return this;
    }

    /** What the server's certificate must be for, instead of the address's host. */
    public Builder serverName(String name) {
      serverName = name;
      return this;
    }

    /** Changes the channel further, such as by interceptors, which see every repetition of a call. */
    public Builder channel(Consumer<ManagedChannelBuilder<?>> change) {
      more = change;
      return this;
    }

    /** The client; it connects with the first call. */
    public ReturnsClient build() {
      ChannelCredentials credentials = plainText ? InsecureChannelCredentials.create() : tls.build();
      ManagedChannelBuilder<?> builder =
          Grpc.newChannelBuilder(address, credentials)
              .disableRetry()
              .disableServiceConfigLookUp()
              .defaultServiceConfig(SERVICE_CONFIG)
              .maxInboundMessageSize(MAX_ANSWER_BYTES)
              // A connection whose other end vanished is noticed, also while nothing but a silent stream uses it.
              .keepAliveTime(30, TimeUnit.SECONDS)
              .keepAliveTimeout(10, TimeUnit.SECONDS);
      if (serverName != null) {
        builder.overrideAuthority(serverName);
      }
      more.accept(builder);
      ManagedChannel channel = builder.build();
      return new ReturnsClient(new Calls(channel, tokens, deadline));
    }
  }
}
