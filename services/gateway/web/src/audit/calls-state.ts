// The whole state of the access log is its URL.
import { instantOf } from "../format/time";
import { CallResult } from "../gen/qudao/history/v1/access_log_service_pb";
import type { Key } from "../i18n/i18n";
import { PAGE_SIZE } from "../ui/page-size";
import { listOf } from "./state";

export const CALL_FILTERS = ["actor", "rpc", "named", "address", "result", "from", "to"] as const;

export function isFiltered(params: URLSearchParams): boolean {
  return CALL_FILTERS.some((name) => params.get(name));
}

/** Ends of a call by their names in the URL. */
const RESULTS: Record<string, CallResult> = {
  success: CallResult.SUCCESS,
  refused: CallResult.REFUSED,
  error: CallResult.ERROR,
  unknown: CallResult.UNKNOWN,
};

export const RESULT_NAMES = Object.keys(RESULTS);

export function resultName(result: CallResult): string {
  return RESULT_NAMES.find((name) => RESULTS[name] === result) ?? "unknown";
}

export const resultKey = (name: string) => `calls.result.${name}` as Key;

/** An rpc in two parts: what is done, and the service that does it. */
export function rpcParts(rpc: string): { method: string; service: string } {
  const [service = "", method = rpc] = rpc.split("/");
  return { method, service: service.replace(/^qudao\./, "") };
}

/** What to ask for; times are those of the tenant's clocks. */
export function callsRequest(params: URLSearchParams, timeZone: string) {
  const text = (name: string) => (params.get(name) ?? "").trim();
  return {
    actorId: text("actor"),
    rpc: text("rpc"),
    named: text("named"),
    address: text("address"),
    results: listOf(params, "result").flatMap((name) => RESULTS[name] ?? []),
    fromTime: instantOf(text("from"), timeZone),
    toTime: instantOf(text("to"), timeZone),
    page: { size: PAGE_SIZE, token: text("token") },
  };
}
