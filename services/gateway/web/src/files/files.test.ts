import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { problemOf, reasonOf } from "../api/errors";
import { translate } from "../i18n/i18n";
import { sizeText } from "./size";
import { fingerprintOf, mayRetry, metadataOf, type Purpose } from "./transfer";
import { failureOf } from "./wire";

const attachment: Purpose = { purpose: "attachment", object: { kind: "order", id: "SO-1" }, dealerId: "hengtong" };

describe("an upload", () => {
  it("says what the file is for", () => {
    expect(metadataOf("发票.pdf", attachment)).toEqual({
      filename: "发票.pdf",
      purpose: "attachment",
      "object-kind": "order",
      "object-id": "SO-1",
      "dealer-id": "hengtong",
    });
    expect(metadataOf("l.png", { purpose: "logo" })).toEqual({ filename: "l.png", purpose: "logo" });
  });

  it("is gone on with by the same person for the same thing only", () => {
    const file = new File(["abc"], "a.pdf", { lastModified: 7 });
    const one = fingerprintOf(file, "acme/li", attachment);
    expect(fingerprintOf(file, "acme/li", { ...attachment })).toBe(one);
    expect(fingerprintOf(file, "acme/han", attachment)).not.toBe(one);
    expect(fingerprintOf(file, "acme/li", { ...attachment, object: { kind: "order", id: "SO-2" } })).not.toBe(one);
    expect(fingerprintOf(new File(["abcd"], "a.pdf", { lastModified: 7 }), "acme/li", attachment)).not.toBe(one);
  });

  it("is tried again when nobody answered, and not when it was refused", () => {
    for (const status of [undefined, 0, 401, 409, 429, 500, 503]) expect(mayRetry(status), String(status)).toBe(true);
    for (const status of [400, 403, 404, 413, 415]) expect(mayRetry(status), String(status)).toBe(false);
  });
});

describe("a refusal over HTTP", () => {
  const body = JSON.stringify({
    code: "invalid_argument",
    message: "the picture is damaged",
    details: [
      // google.rpc.ErrorInfo{reason: "PICTURE_BROKEN"}, google.rpc.LocalizedMessage{zh-CN}
      { type: "google.rpc.ErrorInfo", value: btoa("\x0a\x0ePICTURE_BROKEN") },
      { type: "google.rpc.LocalizedMessage", value: btoa("\x0a\x05zh-CN\x12\x06" + String.fromCharCode(0xe6, 0x8d, 0x9f, 0xe5, 0x9d, 0x8f)) },
    ],
  });

  it("says the same as by gRPC", () => {
    const failure = failureOf(body, 400, "4711");
    expect(failure.code).toBe(Code.InvalidArgument);
    expect(reasonOf(failure)).toBe("PICTURE_BROKEN");
    const problem = problemOf(failure, "zh-CN", (key, values) => translate("zh-CN", key, values));
    expect([problem.what, problem.traceId]).toEqual(["损坏", "4711"]);
  });

  it("is a general one when it is none of ours", () => {
    expect(failureOf("<html>", 502).code).toBe(Code.Unavailable);
    expect(failureOf("", 401).code).toBe(Code.Unauthenticated);
  });
});

describe("a size", () => {
  it("has three digits at most", () => {
    expect(sizeText(950, "en")).toBe("950 bytes");
    expect(sizeText(2_841_302n, "en")).toBe("2.84 MB");
    expect(sizeText(999_900, "en")).toBe("1 MB");
    expect(sizeText(20_000, "zh-CN")).toContain("20");
  });
});
