/** The runner's own judgement: one that lets everything pass would keep no promise. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { filled, type Json, mismatch } from "../scenario/matching.js";

const CASES: readonly [expected: Json, actual: Json | undefined, wrong: string | undefined][] = [
  [{}, { a: 1 }, undefined],
  [{ a: { b: "x" } }, { a: { b: "x", c: 1 } }, undefined],
  [{ a: { b: "x" } }, { a: { b: "y" } }, 'a.b is "y", not "x"'],
  [{ a: null }, {}, undefined],
  [{ a: null }, { a: 0 }, "a is 0, and should not be there"],
  [{ a: "1" }, { a: 1 }, 'a is 1, not "1"'],
  [{ a: 1 }, {}, "a is not there, not 1"],
  [{ a: [] }, {}, undefined],
  [{ a: [] }, { a: [1] }, "a has 1 elements, not 0"],
  [[{ n: 1 }, { n: 2 }], [{ n: 1 }, { n: 3 }], "[1].n is 3, not 2"],
  [[{ n: 1 }], [{ n: 1 }, { n: 2 }], "it has 2 elements, not 1"],
  [{ a: {} }, {}, "a is not there, not an object"],
  [{ a: [] }, { a: "b" }, 'a is "b", not a list'],
];

test("what does not match is told with its place", () => {
  for (const [expected, actual, wrong] of CASES) assert.equal(mismatch(expected, actual), wrong);
});

test("variables are put in, whole or as part of a text; one that is not set is told", () => {
  const variables = new Map<string, Json>([
    ["list", [1, 2]],
    ["name", "tenants/acme"],
  ]);
  assert.deepEqual(filled({ a: "${list}", b: ["${name}/orders/1", 3] }, variables), {
    a: [1, 2],
    b: ["tenants/acme/orders/1", 3],
  });
  assert.throws(() => filled("${nothing}", variables), /the variable nothing is not set/);
});
