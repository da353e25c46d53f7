import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FUNDS } from "../funds/words";
import { OrderService, type QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { STOCK, STOCK_AGAIN_MS } from "../stock/words";
import { useSeldom, useSlow } from "../ui/use-slow";
import type { Draft } from "./draft";
import { choiceOf, type Source } from "./payment";

export interface Quoted {
  /** The last answer for this dealer; it stays while the next one is asked for. */
  quote: QuoteOrderResponse | undefined;
  /** It is about exactly this basket. */
  exact: boolean;
  /** It is not known yet, and will be. */
  pending: boolean;
  error: unknown;
  again: () => void;
}

const WAIT_MS = 300;
/** The read models move with every order of the brand; prices and promotions do so seldom. */
const AGAIN_MS = 5_000;
/** Money moves with every order of every dealer, and only that of this one is about the basket. */
const MONEY_AGAIN_MS = 30_000;

interface Basket {
  dealerId: string;
  lines: { productId: string; quantity: number }[];
  without: Source[];
}

/** What the basket would cost now, asked for again whenever it, prices, promotions or stock change. */
export function useQuote({ dealerId, lines, without = [] }: Draft): Quoted {
  const ordering = useClient(OrderService);
  const may = useMay();
  const offers = useSeldom(`${useTick("promotions")}/${useTick("products")}`, AGAIN_MS);
  const money = useSeldom(useTick(FUNDS), MONEY_AGAIN_MS);
  const stock = useSeldom(useTick(STOCK), STOCK_AGAIN_MS);
  const goods = lines.map(({ productId, quantity }) => ({ productId, quantity }));
  const basket: Basket = { dealerId, lines: goods, without };
  const asks = may(OrderService.method.quoteOrder) && dealerId !== "" && lines.length > 0;
  const key = asks ? JSON.stringify(basket) : "";
  const still = useSlow(key, WAIT_MS);
  const query = useQuery(
    `quote/${still}`,
    async (signal) => {
      const { without: left, ...asked } = JSON.parse(still) as Basket;
      return { key: still, dealerId: asked.dealerId, answer: await ordering.quoteOrder({ ...asked, ...choiceOf(left) }, { signal }) };
    },
    { tick: `${offers}/${money}/${stock}`, keep: true, enabled: still !== "" },
  );
  const known = asks && query.data?.dealerId === dealerId ? query.data : undefined;
  const exact = known?.key === key;
  const error = asks && still === key ? query.error : undefined;
  return {
    quote: known?.answer,
    exact,
    pending: asks && !exact && error === undefined,
    error,
    again: query.refetch,
  };
}
