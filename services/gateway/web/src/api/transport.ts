import { Code, ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { reasonOf, TRACE_ID } from "./errors";
import { nextTraceparent } from "./trace";

export interface Wire {
  /** Who asks; waits when a token has to be exchanged first. */
  token: () => Promise<string | undefined>;
  /** Another token than the refused one; undefined when the sign-in is over. */
  renew: (refused: string) => Promise<string | undefined>;
}

/** Nobody asks. */
export const ANONYMOUS: Wire = { token: async () => undefined, renew: async () => undefined };

const UNARY_TIMEOUT_MS = 20_000;

/**
 * Adds who asks and which action it belongs to. A token that is refused is exchanged, and the call
 * made once more: whoever refuses a token has not looked at the request. A call that names somebody
 * else, as the operator's do, keeps that.
 */
export function carry(wire: Wire): Interceptor {
  return (next) => async (request) => {
    const own = request.header.has("authorization");
    const { traceId, traceparent } = nextTraceparent();
    const send = (token: string | undefined) => {
      if (token) request.header.set("authorization", `Bearer ${token}`);
      request.header.set("traceparent", traceparent);
      return next(request);
    };
    try {
      const token = own ? undefined : await wire.token();
      try {
        return await send(token);
      } catch (error) {
        if (!token || !isRefused(error)) throw error;
        const other = await wire.renew(token);
        // What a stream sends is gone once it was sent; its caller begins it anew.
        if (!other || request.stream) throw error;
        return await send(other);
      }
    } catch (error) {
      const failure = ConnectError.from(error);
      failure.metadata.set(TRACE_ID, traceId);
      throw failure;
    }
  };
}

/** A mistyped password is refused as well, but no other token mends it. */
function isRefused(error: unknown): boolean {
  return ConnectError.from(error).code === Code.Unauthenticated && reasonOf(error) !== "WRONG_PASSWORD";
}

export function gatewayTransport(wire: Wire): Transport {
  return createGrpcWebTransport({
    baseUrl: window.location.origin,
    interceptors: [carry(wire)],
    defaultTimeoutMs: UNARY_TIMEOUT_MS,
  });
}
