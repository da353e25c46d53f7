import { Code, ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { TRACE_ID } from "./errors";
import { nextTraceparent } from "./trace";

export interface Wire {
  token: () => string | undefined;
  onUnauthenticated: () => void;
}

const UNARY_TIMEOUT_MS = 20_000;

/**
 * Adds who asks and which action it belongs to, and notices when a sign-in has run out. A call
 * that names somebody else, as the operator's do, keeps that.
 */
export function carry(wire: Wire): Interceptor {
  return (next) => async (request) => {
    const token = request.header.has("authorization") ? undefined : wire.token();
    if (token) request.header.set("authorization", `Bearer ${token}`);
    const { traceId, traceparent } = nextTraceparent();
    request.header.set("traceparent", traceparent);
    try {
      return await next(request);
    } catch (error) {
      const failure = ConnectError.from(error);
      failure.metadata.set(TRACE_ID, traceId);
      if (failure.code === Code.Unauthenticated && token) wire.onUnauthenticated();
      throw failure;
    }
  };
}

export function gatewayTransport(wire: Wire): Transport {
  return createGrpcWebTransport({
    baseUrl: window.location.origin,
    interceptors: [carry(wire)],
    defaultTimeoutMs: UNARY_TIMEOUT_MS,
  });
}
