/** Where bearer tokens come from: a text, a function, or a file that somebody keeps fresh. */
import { readFile } from "node:fs/promises";

/** A token, or a function that answers the current one; it is asked for every call, so it should remember it. */
export type TokenSource = string | (() => string | Promise<string>);

/** The token could not be had: what its function threw is the `cause`. */
export class TokenUnavailable extends Error {
  override readonly name = "TokenUnavailable";
}

/**
 * The token in a file, read for every call: for files that a platform replaces before the token in them expires, such
 * as Kubernetes' projected tokens.
 */
export function tokenFile(path: string): () => Promise<string> {
  return async () => {
    const token = (await readFile(path, "utf8")).trim();
    if (token === "") throw new Error(`${path} has no token in it`);
    return token;
  };
}

/** The current token, empty for calls without one; throws TokenUnavailable. */
export async function asked(source: TokenSource | undefined): Promise<string> {
  if (typeof source !== "function") return source ?? "";
  try {
    return await source();
  } catch (cause) {
    throw new TokenUnavailable(`no token: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
