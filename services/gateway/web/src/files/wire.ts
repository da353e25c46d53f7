// Files go over plain HTTP: the same person asks, with the same tokens, and refusals say the same.
import { type JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorFromJson } from "@connectrpc/connect/protocol-connect";
import { createContext, useContext } from "react";
import { TRACE_ID } from "../api/errors";
import { nextTraceparent } from "../api/trace";
import { ANONYMOUS, type Wire } from "../api/transport";

/** Who asks for files. */
export const WireContext = createContext<Wire>(ANONYMOUS);

export function useWire(): Wire {
  return useContext(WireContext);
}

/** What the body of a refusal says; something general when it is none of ours. */
export function failureOf(body: string, status: number, traceId = ""): ConnectError {
  const general = new ConnectError(`HTTP ${status}`, status === 401 ? Code.Unauthenticated : Code.Unavailable);
  let failure = general;
  try {
    failure = errorFromJson(JSON.parse(body) as JsonValue, undefined, general);
  } catch {
    // It stays the general one.
  }
  if (traceId) failure.metadata.set(TRACE_ID, traceId);
  return failure;
}

export type Rendition = "thumbnail" | "preview" | "original" | "";

/** The bytes of a file, as far as the person may have them. */
export async function readFile(wire: Wire, id: string, as: Rendition, signal?: AbortSignal): Promise<Blob> {
  const { traceId, traceparent } = nextTraceparent();
  const ask = (token: string | undefined) =>
    fetch(`/files/${encodeURIComponent(id)}${as ? `?as=${as}` : ""}`, {
      headers: { traceparent, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(signal ? { signal } : {}),
    });
  const token = await wire.token();
  let response = await ask(token);
  if (response.status === 401 && token) {
    const other = await wire.renew(token);
    if (other) response = await ask(other);
  }
  if (!response.ok) throw failureOf(await response.text(), response.status, traceId);
  return response.blob();
}
