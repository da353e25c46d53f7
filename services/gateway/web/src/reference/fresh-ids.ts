interface Schema {
  properties?: Record<string, { format?: string; example?: unknown } | undefined>;
}

/** As much of an OpenAPI document as has to be known here. */
export interface Description {
  components?: { schemas?: Record<string, Schema | undefined> };
  paths?: Record<string, { post?: { requestBody?: { content?: Record<string, { example?: unknown } | undefined> } } } | undefined>;
}

/** A UUID of version 4; `crypto.randomUUID` is there on secure pages only. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * The same description with request ids that nobody has used: whoever tries an rpc out would else
 * be told that the id of the example is taken.
 */
export function withFreshIds(description: Description): Description {
  for (const schema of Object.values(description.components?.schemas ?? {})) {
    const id = schema?.properties?.requestId;
    if (id) id.example = uuid();
  }
  for (const path of Object.values(description.paths ?? {})) {
    for (const content of Object.values(path?.post?.requestBody?.content ?? {})) {
      const example = content?.example;
      if (example && typeof example === "object" && "requestId" in example) {
        example.requestId = uuid();
      }
    }
  }
  return description;
}
