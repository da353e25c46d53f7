import type { Client } from "@connectrpc/connect";
import { createContext, useContext, useMemo, type ReactNode } from "react";
import { useClient } from "../api/clients";
import { useQuery, type Query } from "../api/use-query";
import { OrderQueryService, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useTick } from "../live/live";
import { addProduct, setQuantity } from "../orders/draft";
import { useDraft } from "../orders/use-draft";
import { useUser } from "../session/session";
import { STOCK } from "../stock/words";
import { useSeldom } from "../ui/use-slow";
import { useBackOrders } from "../waiting/use-back-orders";
import { categoriesOf, type Category } from "./range";

export interface Catalogue {
  products: Product[];
  byId: Map<string, Product>;
  categories: Category[];
  /** Whether that is all; of a range beyond all measure, the rest is found by asking the server. */
  complete: boolean;
}

interface Mall {
  dealerId: string;
  catalogue: Query<Catalogue>;
  basket: ReturnType<typeof useDraft>;
  /** Whether what is not there can be ordered, and waits. */
  waits: boolean;
  quantityOf: (productId: string) => number;
  /** Puts so many base units of it into the basket; 0 takes it out. */
  put: (product: Product, quantity: number) => void;
}

const MallContext = createContext<Mall | undefined>(undefined);

export function useMall(): Mall {
  const mall = useContext(MallContext);
  if (!mall) throw new Error("MallProvider is missing");
  return mall;
}

const PAGE = 200;
const MOST_PAGES = 10;
/** The whole range is read again, which is much for a price that changed a minute ago. */
const AGAIN_MS = 30_000;

async function wholeRange(orders: Client<typeof OrderQueryService>, dealerId: string, signal: AbortSignal): Promise<Catalogue> {
  const products: Product[] = [];
  let token = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await orders.listProducts({ dealerId, page: { size: PAGE, token } }, { signal });
    products.push(...answer.products);
    token = answer.page?.nextToken ?? "";
    if (!token) break;
  }
  const byId = new Map(products.map((product) => [product.productId, product]));
  return { products, byId, categories: categoriesOf(products), complete: token === "" };
}

/** What every page of the mall knows: what can be ordered, and what is in the basket. */
export function MallProvider({ children }: { children: ReactNode }) {
  const { dealerId } = useUser();
  const orders = useClient(OrderQueryService);
  const tick = useSeldom(`${useTick("products")}/${useTick(STOCK)}`, AGAIN_MS);
  const catalogue = useQuery(`mall/${dealerId}`, (signal) => wholeRange(orders, dealerId, signal), { tick });
  const basket = useDraft();
  const waits = useBackOrders();
  const { draft, setDraft } = basket;
  const mall = useMemo<Mall>(() => {
    const quantities = new Map(draft.lines.map(({ productId, quantity }) => [productId, quantity]));
    return {
      dealerId,
      catalogue,
      basket,
      waits,
      quantityOf: (productId) => quantities.get(productId) ?? 0,
      put: (product, quantity) =>
        setDraft((before) => {
          const there = before.lines.some(({ productId }) => productId === product.productId);
          return setQuantity(there ? before : addProduct(before, product), product.productId, quantity);
        }),
    };
    // The rest is new on every render, and says the same.
  }, [dealerId, catalogue.data, catalogue.error, catalogue.loading, basket, waits]);
  return <MallContext.Provider value={mall}>{children}</MallContext.Provider>;
}
