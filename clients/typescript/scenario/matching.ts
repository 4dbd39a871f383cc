/** How a scenario's expectations are filled in and compared: clients/scenario/README.md, "Variables" and "Matching". */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The text or structure with its variables put in; throws where one is not set. */
export function filled(value: Json, variables: ReadonlyMap<string, Json>): Json {
  if (typeof value === "string") return filledText(value, variables);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((one) => filled(one, variables));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, variables)]));
}

function filledText(text: string, variables: ReadonlyMap<string, Json>): Json {
  const valueOf = (name: string): Json => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`the variable ${name} is not set`);
    return value;
  };
  const whole = /^\$\{(\w+)\}$/.exec(text)?.[1];
  return whole === undefined
    ? text.replace(/\$\{(\w+)\}/g, (_, name: string) => String(valueOf(name)))
    : valueOf(whole);
}

/** What does not match, with the path to it; undefined where all does. `actual` is undefined for what is not there. */
export function mismatch(expected: Json, actual: Json | undefined, path = ""): string | undefined {
  const at = path === "" ? "it" : path;
  if (expected === null) return actual === undefined ? undefined : `${at} is ${shown(actual)}, and should not be there`;
  if (isList(expected)) {
    const found = actual ?? [];
    if (!isList(found)) return `${at} is ${shown(actual)}, not a list`;
    if (found.length !== expected.length) return `${at} has ${found.length} elements, not ${expected.length}`;
    return first(expected.map((one, index) => mismatch(one, found[index], `${path}[${index}]`)));
  }
  if (typeof expected === "object") {
    if (actual === null || typeof actual !== "object" || isList(actual))
      return `${at} is ${shown(actual)}, not an object`;
    const dot = path === "" ? "" : `${path}.`;
    return first(Object.entries(expected).map(([name, one]) => mismatch(one, actual[name], `${dot}${name}`)));
  }
  return expected === actual ? undefined : `${at} is ${shown(actual)}, not ${shown(expected)}`;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function first(all: readonly (string | undefined)[]): string | undefined {
  return all.find((one) => one !== undefined);
}

function shown(value: Json | undefined): string {
  return value === undefined ? "not there" : JSON.stringify(value).slice(0, 200);
}
