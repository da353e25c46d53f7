import { useState } from "react";
import { reasonOf } from "../api/errors";
import type { Receipt } from "../gen/qudao/common/v1/receipt_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import type { DialogProps } from "./describe-dialog";

/** What every command on a product says: which one, and on which state of it the command rests. */
export interface Asked {
  productId: string;
  expectedVersion: bigint;
  requestId: string;
}

type Send = (asked: Asked) => Promise<{ receipt?: Receipt }>;

/**
 * A command on a product as it was when the dialog opened. What is read again in between must not
 * pass for what the form was made from: it would overwrite what somebody else has said meanwhile.
 */
export function useProductCommand({ told, onDone, onStale }: Pick<DialogProps, "told" | "onDone" | "onStale">) {
  const { t } = useI18n();
  const [{ product, version }] = useState(told);
  const command = useCommand(onDone, onStale);
  const stale = reasonOf(command.error) === "STALE_VERSION";
  const basics = { productId: product?.productId ?? "", expectedVersion: version };
  return {
    ...command,
    run: (body: unknown, send: Send) => command.run([basics.productId, String(version), body], (requestId) => send({ ...basics, requestId })),
    ...(stale && { todo: t("product.stale.todo") }),
  };
}
