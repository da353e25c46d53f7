import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, ErrorInfoSchema, LocalizedMessageSchema } from "../gen/google/rpc/error_details_pb";
import { translate, type Translate } from "../i18n/i18n";
import { problemOf, TRACE_ID } from "./errors";
import { nextTraceparent } from "./trace";

const t = (locale: "zh-CN" | "en"): Translate => (key, values) => translate(locale, key, values);

function refusal(): ConnectError {
  const words = [["zh-CN", "价格变了"], ["en", "the price has changed"]] as const;
  const details = [
    { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason: "PRICE_CHANGED" }) },
    ...words.map(([locale, message]) => ({
      desc: LocalizedMessageSchema,
      value: create(LocalizedMessageSchema, { locale, message }),
    })),
  ];
  return new ConnectError("raw", Code.FailedPrecondition, { [TRACE_ID]: "abc" }, details);
}

describe("a problem", () => {
  it("speaks the reader's language and keeps reason and trace", () => {
    expect(problemOf(refusal(), "zh-CN", t("zh-CN")).what).toBe("价格变了");
    const problem = problemOf(refusal(), "en", t("en"));
    expect(problem).toMatchObject({ what: "the price has changed", reason: "PRICE_CHANGED", traceId: "abc" });
    expect(problem.todo).not.toBe("");
  });

  it("never shows a raw message", () => {
    expect(problemOf(new TypeError("Failed to fetch"), "en", t("en")).what).toBe("The service cannot be reached.");
    expect(problemOf(new Error("TypeError: x of undefined"), "en", t("en")).what).toBe("Something went wrong.");
  });
});

describe("what is wrong with fields", () => {
  const wrong = new ConnectError("login: is reserved", Code.InvalidArgument, undefined, [
    {
      desc: LocalizedMessageSchema,
      value: create(LocalizedMessageSchema, { locale: "zh-CN", message: "login: 由系统保留" }),
    },
    {
      desc: BadRequestSchema,
      value: create(BadRequestSchema, {
        fieldViolations: [
          {
            field: "login",
            description: "is reserved",
            reason: "INVALID",
            localizedMessage: { locale: "zh-CN", message: "由系统保留" },
          },
          { field: "name", description: "must not be empty" },
        ],
      }),
    },
  ]);

  it("is told in the reader's language, each at its field", () => {
    const told = (locale: "zh-CN" | "en") => problemOf(wrong, locale, t(locale));
    expect(told("zh-CN").fields[0]).toEqual({ field: "login", description: "由系统保留" });
    expect(told("en").fields[0]).toEqual({ field: "login", description: "is reserved" });
    // Of an older server, or another one, there is the description alone.
    expect(told("zh-CN").fields[1]).toEqual({ field: "name", description: "must not be empty" });
    expect(told("zh-CN").what).toBe(translate("zh-CN", "error.invalid"));
  });
});

describe("a traceparent", () => {
  it("is W3C, with a span of its own", () => {
    const [a, b] = [nextTraceparent(), nextTraceparent()];
    expect(a.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(a.traceId).toBe(b.traceId);
    expect(a.traceparent).not.toBe(b.traceparent);
  });
});
