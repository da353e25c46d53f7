// What is handed over to the books, in words.
import { DocumentKind, ErpSystem, HandoverStatus, type Handover } from "../gen/qudao/connector/v1/handover_service_pb";
import { CodeKind, OrderMoment } from "../gen/qudao/order/v1/connection_service_pb";
import type { Key } from "../i18n/i18n";

export const STATUSES: Record<HandoverStatus, [string, Key]> = {
  [HandoverStatus.UNSPECIFIED]: ["", "erp.status.waiting"],
  [HandoverStatus.WAITING]: ["tag-submitted", "erp.status.waiting"],
  [HandoverStatus.SENT]: ["tag-received", "erp.status.sent"],
  [HandoverStatus.REFUSED]: ["tag-cancelled", "erp.status.refused"],
  [HandoverStatus.GIVEN_UP]: ["tag-cancelled", "erp.status.givenUp"],
  [HandoverStatus.SKIPPED]: ["", "erp.status.skipped"],
};

export const KINDS: Record<DocumentKind, Key> = {
  [DocumentKind.UNSPECIFIED]: "filter.all",
  [DocumentKind.SALES_ORDER]: "erp.kind.order",
  [DocumentKind.DELIVERY]: "erp.kind.delivery",
  [DocumentKind.RETURN]: "erp.kind.return",
  [DocumentKind.RECEIPT]: "erp.kind.receipt",
};

export const MOMENTS: [OrderMoment, Key][] = [
  [OrderMoment.CONFIRMED, "erp.orders.confirmed"],
  [OrderMoment.SHIPPED, "erp.orders.shipped"],
  [OrderMoment.NEVER, "erp.orders.never"],
];

export const CODES: [CodeKind, Key][] = [
  [CodeKind.DEALER, "erp.codes.dealer"],
  [CodeKind.PRODUCT, "erp.codes.product"],
  [CodeKind.UNIT, "erp.codes.unit"],
  [CodeKind.WAREHOUSE, "erp.codes.warehouse"],
];

/** Systems are called by their own names everywhere. */
export const SYSTEMS: Record<ErpSystem, string> = {
  [ErpSystem.UNSPECIFIED]: "",
  [ErpSystem.KINGDEE]: "金蝶云星空",
  [ErpSystem.YONYOU]: "用友 YonBIP",
};

/** Whether its order was cancelled or changed since the books have it: a person does the same there, and says so. */
export const isByHand = ({ cancelled, changed }: Pick<Handover, "cancelled" | "changed">): boolean => cancelled || changed;

/** Whether the books will not have it before a person does something about it. */
export const needsPerson = ({ status }: Pick<Handover, "status">): boolean =>
  status === HandoverStatus.REFUSED || status === HandoverStatus.GIVEN_UP;

/** Whether it is not at its end. */
export const isOpen = (one: Pick<Handover, "status">): boolean => needsPerson(one) || one.status === HandoverStatus.WAITING;

/** What was said of it at last: the system's words, or that it was lost and sent anew. */
export function saidOf({ status, code, text }: Pick<Handover, "status" | "code" | "text">): string {
  if (status === HandoverStatus.SENT) return "";
  const hidden = ["SKIPPED", "NOTHING", "NO_ANSWER", "NO_CONTRACT", "NOT_MADE"].includes(code);
  return [hidden ? "" : code, text].filter(Boolean).join(" · ");
}

/** Lines `here there`, separated by a comma, a tab or `=`, as they are pasted from a sheet; what can not be read by its number. */
export function codesIn(text: string): { codes: { own: string; theirs: string }[]; wrong: number[] } {
  const codes: { own: string; theirs: string }[] = [];
  const wrong: number[] = [];
  text.split("\n").forEach((line, at) => {
    if (line.trim() === "") return;
    const [own = "", theirs, ...rest] = line.split(/[,，\t=]/).map((part) => part.trim());
    if (!/^[a-z0-9-]{1,64}$/.test(own) || theirs === undefined || rest.length > 0) wrong.push(at + 1);
    else codes.push({ own, theirs });
  });
  return { codes, wrong };
}
