import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, LocalizedMessageSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";
import type { Locale } from "../format/number";
import type { Translate } from "../i18n/i18n";

export const TRACE_ID = "qudao-trace-id";

export interface Problem {
  /** What happened, in the reader's language. */
  what: string;
  /** What to do about it. */
  todo: string;
  code: Code;
  /** `google.rpc.ErrorInfo.reason`, for example `PRICE_CHANGED`. */
  reason: string;
  metadata: Record<string, string>;
  fields: { field: string; description: string }[];
  /** How long to wait before trying again; 0 when nobody said. */
  waitSeconds: number;
  traceId: string;
}

/** Everything a person needs to know about a failed call. */
export function problemOf(error: unknown, locale: Locale, t: Translate): Problem {
  const failure = ConnectError.from(error);
  const code = codeOf(failure);
  const messages = failure.findDetails(LocalizedMessageSchema);
  const message =
    messages.find((m) => m.locale === locale) ??
    messages.find((m) => m.locale.slice(0, 2) === locale.slice(0, 2));
  const info = failure.findDetails(ErrorInfoSchema)[0];
  const fields = failure.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations);
  return {
    // The message of bad fields is a list of them by their names in the contract.
    what: (fields.length === 0 && message?.message) || whatOf(code, t),
    todo: todoOf(code, t),
    code,
    reason: info?.reason ?? "",
    metadata: info?.metadata ?? {},
    // The description is English, and the other language beside it.
    fields: fields.map(({ field, description, localizedMessage }) => ({
      field,
      description:
        localizedMessage?.locale.slice(0, 2) === locale.slice(0, 2) ? localizedMessage.message : description,
    })),
    waitSeconds: waitOf(failure),
    traceId: failure.metadata.get(TRACE_ID) ?? "",
  };
}

/** How long the server asks to wait, in seconds; 0 when it does not say. */
export function waitOf(failure: ConnectError): number {
  const delay = failure.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay ? Number(delay.seconds) + (delay.nanos > 0 ? 1 : 0) : 0;
}

/** The reason that a refusal gives, for whoever acts on it. */
export function reasonOf(error: unknown): string {
  return ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? "";
}

/** A browser without a network throws a TypeError, which says nothing to anybody. */
function codeOf(failure: ConnectError): Code {
  const offline = failure.cause instanceof TypeError && /fetch|network|load/i.test(failure.cause.message);
  return offline ? Code.Unavailable : failure.code;
}

function whatOf(code: Code, t: Translate): string {
  switch (code) {
    case Code.InvalidArgument:
      return t("error.invalid");
    case Code.NotFound:
      return t("error.notFound");
    case Code.PermissionDenied:
      return t("error.permission");
    case Code.Unauthenticated:
      return t("error.unauthenticated");
    case Code.Aborted:
      return t("error.aborted");
    case Code.FailedPrecondition:
    case Code.AlreadyExists:
      return t("error.refused");
    case Code.DeadlineExceeded:
      return t("error.slow");
    case Code.Unavailable:
      return t("error.unavailable");
    case Code.ResourceExhausted:
      return t("error.tooOften");
    case Code.Unimplemented:
      return t("error.unimplemented");
    default:
      return t("error.unknown");
  }
}

function todoOf(code: Code, t: Translate): string {
  switch (code) {
    case Code.InvalidArgument:
      return t("error.invalid.todo");
    case Code.NotFound:
      return t("error.notFound.todo");
    case Code.PermissionDenied:
      return t("error.permission.todo");
    case Code.Unauthenticated:
      return t("error.unauthenticated.todo");
    case Code.Aborted:
    case Code.FailedPrecondition:
    case Code.AlreadyExists:
      return t("error.refused.todo");
    case Code.Unavailable:
      return t("error.unavailable.todo");
    case Code.ResourceExhausted:
      return t("error.tooOften.todo");
    default:
      return t("error.retry.todo");
  }
}

export function isCode(error: unknown, code: Code): boolean {
  return error instanceof ConnectError && error.code === code;
}
