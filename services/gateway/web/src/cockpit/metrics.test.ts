import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ANONYMOUS } from "../api/transport";
import { AccuracySchema, CycleTimeSchema, MetricsGroup, OrderMetricsQueryService } from "../gen/qudao/bi/v1/order_metrics_query_service_pb";
import { sum } from "../format/number";
import { translate, type Translate } from "../i18n/i18n";
import { previewTransport } from "../preview/transport";
import { accuracyMet, cycleText, hundredths, ppmText, releaseMet, shareText } from "./metrics";

const t: Translate = (key, values) => translate("en", key, values);

describe("figures of ordering", () => {
  it("tell times by their two largest units", () => {
    const minutes = (n: number) => cycleText(BigInt(n) * 60_000n, t);
    expect(cycleText(12_900n, t)).toBe("12 s");
    expect([minutes(4), minutes(95), minutes(120), minutes(3 * 1440)]).toEqual(["4 min", "1 h 35 min", "2 h", "3.0 days"]);
  });

  it("are never rounded up", () => {
    expect(ppmText(999_999n)).toBe("99.99%");
    expect(ppmText(50_000n)).toBe("5.00%");
    expect(hundredths(1_205n)).toBe("12.05");
    expect(shareText(0n, 0n)).toBe("–");
  });

  it("are held against what was promised, once there is something to hold", () => {
    const release = (p50Milliseconds: bigint, orders = 1n) => create(CycleTimeSchema, { orders, p50Milliseconds });
    expect([release(7_200_000n), release(7_200_001n), release(0n, 0n)].map(releaseMet)).toEqual([true, false, undefined]);
    const accuracy = (accuracyPpm: bigint, receivedLines = 1n) => ({ accuracy: create(AccuracySchema, { accuracyPpm, receivedLines }) });
    expect([accuracy(999_000n), accuracy(998_999n), accuracy(0n, 0n)].map(accuracyMet)).toEqual([true, false, undefined]);
  });

  it("have rows that add up to their total in the made-up brand", async () => {
    const client = createClient(OrderMetricsQueryService, previewTransport(ANONYMOUS));
    for (const groupBy of [MetricsGroup.REGION, MetricsGroup.DEALER, MetricsGroup.DAY]) {
      const { rows, total } = await client.getOrderMetrics({ groupBy, limit: 10_000 });
      expect(total?.orders).toBeGreaterThan(0n);
      expect(sum(rows.map((row) => row.metrics?.orders ?? 0n))).toBe(total?.orders);
      expect(sum(rows.map((row) => row.metrics?.accuracy?.correctedLines ?? 0n))).toBe(total?.accuracy?.correctedLines);
    }
  });
});
