import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { problemOf } from "../api/errors";
import { useClients, type Clients } from "../api/clients";
import { useI18n } from "../i18n/i18n";
import { useUser } from "../session/session";
import {
  acceptPrices,
  draftBody,
  EMPTY_DRAFT,
  priceChanges,
  storedDraft,
  storeDraft,
  type Draft,
  type PriceChange,
} from "./draft";
import { requestIdFor } from "./use-command";

export function useDraft() {
  const { locale, t } = useI18n();
  const user = useUser();
  const { orders, ordering } = useClients();
  const navigate = useNavigate();
  const own = { dealerId: user.dealerId, dealerName: user.dealerId };
  const [draft, setDraft] = useState<Draft>(() => {
    const stored = storedDraft(user.userId);
    return user.dealerId ? { ...stored, ...own } : stored;
  });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [changes, setChanges] = useState<PriceChange[]>([]);
  const running = useRef(false);

  useEffect(() => storeDraft(user.userId, draft), [user.userId, draft]);

  const submit = async () => {
    // State would come a render too late for the second half of a double click.
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(undefined);
    const sent = requestIdFor(draft.sent, draftBody(draft));
    // Stored before it is sent: a reload in the middle repeats the request and not the order.
    storeDraft(user.userId, { ...draft, sent });
    setDraft({ ...draft, sent });
    try {
      const { receipt } = await ordering.submitOrder({
        requestId: sent.requestId,
        dealerId: draft.dealerId,
        note: draft.note.trim(),
        lines: draft.lines.map((line) => ({
          productId: line.productId,
          quantity: line.quantity,
          unitPriceMinor: BigInt(line.priceMinor),
        })),
      });
      setDraft(EMPTY_DRAFT);
      storeDraft(user.userId, undefined);
      void navigate(`/orders/${encodeURIComponent(receipt?.objectId ?? "")}`, {
        state: { position: (receipt?.position ?? 0n).toString() },
        replace: true,
      });
    } catch (failure) {
      if (problemOf(failure, locale, t).reason !== "PRICE_CHANGED") setError(failure);
      else await readPrices(failure);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  const readPrices = async (refusal: unknown) => {
    try {
      const found = priceChanges(draft, await productsOf(draft, orders));
      if (found.length > 0) setChanges(found);
      else setError(refusal);
    } catch (failure) {
      setError(failure);
    }
  };

  const accept = () => {
    setDraft((before) => acceptPrices(before, changes));
    setChanges([]);
  };
  return { draft, setDraft, submit, busy, error, changes, accept, decline: () => setChanges([]) };
}

async function productsOf(draft: Draft, orders: Clients["orders"]) {
  const answers = await Promise.all(
    draft.lines.map((line) => orders.listProducts({ search: line.productId, page: { size: 200 } })),
  );
  return new Map(answers.flatMap((answer) => answer.products.map((product) => [product.productId, product])));
}
