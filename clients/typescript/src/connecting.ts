/** How a client reaches servers: in plain text on this machine, else with TLS, on connections that are kept alive. */
import { readFileSync } from "node:fs";
import * as net from "node:net";
import * as tls from "node:tls";

import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";

/** Certificates in PEM files. They are read with every new connection, so that they may be replaced at any time. */
export interface TlsOptions {
  /** The certificates to trust; by default those that Node brings. */
  readonly caFile?: string;
  /** One's own certificate and its key, for mutual TLS: both or neither. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** What the server's certificate must name, where that is not the host in the address. */
  readonly serverName?: string;
}

/** How connections are watched. */
export interface KeepaliveOptions {
  /** After how much silence a connection in use is tried, in milliseconds; by default 30,000. Servers allow 20,000. */
  readonly intervalMs?: number;
  /** How long the answer may take before the connection counts as lost; by default 10,000. */
  readonly timeoutMs?: number;
}

/** How to connect. */
export interface ConnectingOptions {
  /**
   * TLS with these certificates; by default TLS with Node's, and plain text where all addresses are of this machine.
   */
  readonly tls?: TlsOptions;
  /** Plain text beyond this machine, where something else protects the way: the token travels in it. */
  readonly plaintext?: boolean;
  readonly keepalive?: KeepaliveOptions;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** How long a server that could not be reached is asked only if all others cannot be reached either. */
const AVOIDED_MS = 5_000;
/** An order of 10,000 lines with long names has about 10 MiB; the server's own limit is the same. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** One server, and when it last could not be reached. */
export class Endpoint {
  readonly transport: Transport;
  failedAt = Number.NEGATIVE_INFINITY;
  readonly #sessions: Http2SessionManager;

  constructor(address: Address, options: ConnectingOptions, secure: boolean) {
    const { intervalMs = 30_000, timeoutMs = 10_000 } = options.keepalive ?? {};
    const baseUrl = `${secure ? "https" : "http"}://${address.text}`;
    this.#sessions = new Http2SessionManager(
      baseUrl,
      { pingIntervalMs: intervalMs, pingTimeoutMs: timeoutMs },
      { createConnection: () => connected(address, secure ? (options.tls ?? {}) : undefined) },
    );
    this.transport = createGrpcTransport({
      baseUrl,
      sessionManager: this.#sessions,
      readMaxBytes: MAX_MESSAGE_BYTES,
      acceptCompression: [],
    });
  }

  close(): void {
    this.#sessions.abort();
  }
}

/** All servers of a client, asked in turn. */
export class Endpoints {
  readonly #all: readonly Endpoint[];
  #turn = 0;

  constructor(addresses: string | readonly string[], options: ConnectingOptions) {
    const parsed = (typeof addresses === "string" ? [addresses] : addresses).map(parseAddress);
    if (parsed.length === 0) throw new TypeError("address: at least one server is needed, as HOST:PORT");
    if (options.tls !== undefined && options.plaintext === true) {
      throw new TypeError("tls and plaintext exclude each other");
    }
    if ((options.tls?.certFile === undefined) !== (options.tls?.keyFile === undefined)) {
      throw new TypeError("tls: certFile and keyFile are needed, both or neither");
    }
    certificates(options.tls ?? {}); // A file that is missing is said now, not by every call.
    const secure = options.tls !== undefined || !(options.plaintext ?? parsed.every(isOfThisMachine));
    this.#all = parsed.map((address) => new Endpoint(address, options, secure));
  }

  /** The next server in turn; those that could not be reached a moment ago come last. */
  next(now: number): Endpoint {
    this.#turn += 1;
    const inTurn = this.#all.map((_, index) => this.#all[(this.#turn + index) % this.#all.length] as Endpoint);
    const reachable = inTurn.find((one) => now - one.failedAt > AVOIDED_MS);
    return reachable ?? inTurn.reduce((one, other) => (other.failedAt < one.failedAt ? other : one));
  }

  close(): void {
    for (const endpoint of this.#all) endpoint.close();
  }
}

interface Address {
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

function parseAddress(text: string): Address {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  if (found === null || port < 1 || port > 65_535) throw new TypeError(`address: "${text}" is not HOST:PORT`);
  return { text, host: found[1] ?? found[2] ?? "", port };
}

function isOfThisMachine({ host }: Address): boolean {
  return host === "localhost" || host === "::1" || (net.isIPv4(host) && host.startsWith("127."));
}

/** A connection that is being made, and given up if that takes too long: Node alone would wait for minutes. */
function connected({ host, port }: Address, secure: TlsOptions | undefined): net.Socket {
  const socket = secure === undefined ? net.connect({ host, port, noDelay: true }) : connectedTls(host, port, secure);
  const late = setTimeout(() => {
    socket.destroy(Object.assign(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`), { code: "ETIMEDOUT" }));
  }, CONNECT_TIMEOUT_MS);
  const done = (): void => clearTimeout(late);
  socket.once(secure === undefined ? "connect" : "secureConnect", done).once("close", done);
  return socket;
}

function connectedTls(host: string, port: number, files: TlsOptions): tls.TLSSocket {
  const name = files.serverName ?? host;
  return tls.connect({
    host,
    port,
    ALPNProtocols: ["h2"],
    minVersion: "TLSv1.2",
    ...(net.isIP(name) === 0 && { servername: name }),
    ...(files.serverName !== undefined && {
      checkServerIdentity: (_: string, certificate: tls.PeerCertificate) => tls.checkServerIdentity(name, certificate),
    }),
    ...certificates(files),
  });
}

function certificates({ caFile, certFile, keyFile }: TlsOptions): tls.SecureContextOptions {
  return {
    ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    ...(certFile !== undefined && { cert: readFileSync(certFile) }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile) }),
  };
}
