import { describe, expect, it } from "vitest";
import { WebhookCause } from "../gen/qudao/partner/v1/webhook_service_pb";
import { translate } from "../i18n/i18n";
import type { Translate } from "../i18n/i18n";
import { causeOf, patternName, problemOf, stateOf, successRate } from "./facts";

const t: Translate = (key, values) => translate("en", key, values);

describe("webhooks", () => {
  it("say what they listen to", () => {
    expect(patternName("*", t)).toBe("All events");
    expect(patternName("order.*", t)).toContain("All events of ");
    expect(patternName("partner.WebhookRemoved", t)).toBe("Endpoint removed");
    expect(patternName("order.NobodyKnows", t)).toBe("NobodyKnows");
  });

  it("are at a hundred only when nothing failed", () => {
    expect(successRate({ delivered: 0n, failed: 0n })).toBeUndefined();
    expect(successRate({ delivered: 999n, failed: 1n })).toBe(99);
    expect(successRate({ delivered: 7n, failed: 0n })).toBe(100);
  });

  it("say how they do, and why not", () => {
    expect(stateOf({ enabled: true, failingSince: "" })[1]).toBe("webhook.state.enabled");
    expect(stateOf({ enabled: true, failingSince: "2026-11-26T00:00:00Z" })[1]).toBe("webhook.state.failing");
    expect(stateOf({ enabled: false, failingSince: "" })[1]).toBe("webhook.state.disabled");
    expect(causeOf({ cause: WebhookCause.ASKED, reason: "moving" }, t)).toBe("Disabled by a person: moving");
    expect(problemOf("status", 500, t)).toBe("Answered HTTP 500");
    expect(problemOf("", 200, t)).toBe("");
    expect(problemOf("unheard", 0, t)).toBe("unheard");
  });
});
