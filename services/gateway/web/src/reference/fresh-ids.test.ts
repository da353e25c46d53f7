import { describe, expect, it } from "vitest";
import { withFreshIds } from "./fresh-ids";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("fresh request ids", () => {
  it("stand in schemas and in examples, and nothing else is changed", () => {
    const content = { example: { requestId: "used", name: "a" } };
    const properties = { requestId: { format: "uuid" }, name: {} };
    const shown = withFreshIds({
      components: { schemas: { Request: { properties }, Answer: {} } },
      paths: { "/a": { post: { requestBody: { content: { "application/json": content } } } } },
    });
    const example = shown.paths?.["/a"]?.post?.requestBody?.content?.["application/json"]?.example;
    expect(example).toEqual({ requestId: expect.stringMatching(UUID), name: "a" });
    const fields = shown.components?.schemas?.Request?.properties;
    expect(fields).toEqual({
      requestId: { format: "uuid", example: expect.stringMatching(UUID) },
      name: {},
    });
  });
});
